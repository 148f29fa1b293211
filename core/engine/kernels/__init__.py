"""Tuned kernels, one module for each family, and the table by which they are chosen."""
