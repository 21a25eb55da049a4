"""Figures of the outlines with guaranteed bounds, in groups, measured on label maps made in memory."""
