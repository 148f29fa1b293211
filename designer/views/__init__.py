"""Curves, filters and activations: plain arrays and frozen snapshots in, pictures out."""
