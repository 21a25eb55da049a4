"""Jobs: what waits, what runs, what has ended. Read `runner.py` first."""
