"""Worked scenarios: what people did and when, given to the real engine, and what the engine must then say."""
