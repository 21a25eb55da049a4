"""A run of `facemask batch`: what is done, what is left, and what became of it."""
