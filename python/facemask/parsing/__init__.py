"""Parsers: networks of the user that label each pixel of a face.

Nothing of it is loaded before the first parser.
"""
