"""What was imported, compared with what the library of its format computes."""
