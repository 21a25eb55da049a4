"""The way to Postgres: where it is, a pool that never waits for long, the schema, and news of changes."""
