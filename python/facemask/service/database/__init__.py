"""Postgres: settings, a connection pool with deadlines, schema migrations, and LISTEN."""
