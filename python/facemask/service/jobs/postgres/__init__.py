"""A job engine in Postgres, shared by any number of processes."""
