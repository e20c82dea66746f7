"""The processes that a force or the NCA runs: settings, registry, entry points. Holds no rule of the model."""
