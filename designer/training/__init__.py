"""Training from the window: the run, its thread, and what looks into the network while it learns."""
