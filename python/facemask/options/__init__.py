"""Options that have several forms, checked and converted for the compiled module."""
