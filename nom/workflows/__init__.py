"""The operating model: pure rules in `model/`, their Temporal shells beside it, and the turn between the two."""
