"""The embedded stack: one PostgreSQL and one Temporal server on this machine, under one data folder.

Owns the life of the two servers and nothing else: no databases, no migrations, no workers.
Never listens beyond 127.0.0.1, and never signals a process that it did not start.
"""
