"""The OpenAPI document: what generators of clients and people at `/docs` read."""
