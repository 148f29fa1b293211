"""Runs of a document that are kept: what begins them, where they lie, what is shown of them."""
