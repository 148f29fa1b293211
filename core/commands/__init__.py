"""The command line: the same engine, no window. Each command is a module, entered in `table.py`."""
