"""Access control: API keys, owners, client addresses and rate limits.

Knows no routes; see `http/middleware.py`.
"""
