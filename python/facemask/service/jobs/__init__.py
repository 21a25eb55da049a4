"""Jobs: waiting, running and finished. Start with `runner.py`."""
