"""Formats of pixels: a picture of the drawing, and the label map."""
