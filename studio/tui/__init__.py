"""The terminal app: widgets show what the session holds and post messages; they decide nothing."""
