"""A job engine in Postgres: jobs survive their process, and any number of processes share them."""
