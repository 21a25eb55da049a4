"""Adapter to the compiled module."""
