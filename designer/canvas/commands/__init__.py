"""What menus and keys do to the document that the canvas shows."""
