"""Hashes of everything that facemask outputs, and instruction counts of its hot path."""
