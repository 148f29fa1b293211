"""What a document can be written as for other programs. Each format is a module, entered in `exporters.py`."""
