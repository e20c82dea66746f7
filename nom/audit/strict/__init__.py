"""Strict replay: every field of every command that the code gives, compared with what the history recorded."""
