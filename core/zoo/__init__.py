"""How the shipped templates are drawn. `python -m core.zoo` writes them."""
