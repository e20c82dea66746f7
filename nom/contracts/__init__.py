"""Data that everyone agrees on: ids, actors, commands, events, clocks, policy. Imports pydantic and nothing of ours."""
