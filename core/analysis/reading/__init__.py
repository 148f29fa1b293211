"""What is wrong with a file as it was read: refused values, unknown kinds and keys."""
