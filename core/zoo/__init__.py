"""How the shipped templates are drawn. `make templates` writes them into `resources`."""
