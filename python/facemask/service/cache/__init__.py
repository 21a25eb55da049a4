"""Response cache: by the digest of an input, or by its scope."""
