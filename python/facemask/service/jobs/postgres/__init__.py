"""Jobs in Postgres: they survive their process, and any number of processes share them."""
