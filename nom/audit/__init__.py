"""Verify, replay, explain, compare, export. Reads the records and never writes to them."""
