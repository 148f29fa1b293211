"""Copies of a network in processes of their own, which share the work on each batch."""
