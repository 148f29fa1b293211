"""Models of other programs, imported: one module or package per format, one table."""
