"""The evidence pack: one file about one case, and the script that checks it with nothing else but a public key."""
