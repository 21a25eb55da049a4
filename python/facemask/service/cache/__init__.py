"""Answers that are kept for the same input, or for one that is alike, and the proof that they may be given again."""
