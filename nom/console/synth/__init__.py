"""Synthetic cases: made-up histories that the model itself allows, from a seed. Nobody in them exists."""
