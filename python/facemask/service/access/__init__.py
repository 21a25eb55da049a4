"""Who may ask, and how often: API keys, addresses, rates, headers. Knows no routes; `gate.py` stands at the door."""
