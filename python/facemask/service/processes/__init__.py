"""Processes and how they start and stop: server, worker, prefork supervisor, and the commands that run them."""
