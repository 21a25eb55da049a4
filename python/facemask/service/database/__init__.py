"""Postgres: settings, connection pool, schema migrations and LISTEN."""
