"""Processes: server, worker, prefork supervisor, and their commands."""
