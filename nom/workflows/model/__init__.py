"""The rules of the operating model, pure: `decide` a command into events, `evolve` a state by an event."""
