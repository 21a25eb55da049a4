"""Faces in a photo: the networks that find them, and what was found.

Nothing of it is loaded before the first photo.
"""
