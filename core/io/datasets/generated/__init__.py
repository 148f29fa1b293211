"""Data sets that are computed instead of read: the same numbers on every machine."""
