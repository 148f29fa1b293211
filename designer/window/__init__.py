"""The main window: what it is put together from, and the actions that its menus and buttons offer."""
