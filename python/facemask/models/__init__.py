"""Files of neural networks: which there are, where they are kept, and how they are fetched.

None of them is part of facemask. `facemask models fetch` brings them, and each use checks their SHA-256.
"""
