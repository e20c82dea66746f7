"""The command line `nom`: asks, shows, and says in one line what went wrong. Decides nothing and keeps nothing."""
