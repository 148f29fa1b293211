"""Training as a generator of frozen messages."""
