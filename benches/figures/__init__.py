"""What facemask promises of its outlines, as figures: each group is measured anew, from maps made in memory."""
