"""Responses stored by the digest of their input, or by its scope, and the checks before one is used again."""
