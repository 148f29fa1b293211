"""Finding things by typing: layers to add, layers that are there, and everything that the program can do."""
