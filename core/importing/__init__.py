"""Networks that other programs made, brought in: one module or package per format, one table."""
