"""A case as it stood at a moment: what had happened by then, what was known by then, and what lies between."""
