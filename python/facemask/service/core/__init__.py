"""The adapter to the compiled module: what the service needs of it, and how its results are read."""
