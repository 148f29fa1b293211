"""Proof that what was exported computes what Convograph computes: it is run, and compared layer by layer."""
