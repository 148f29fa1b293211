"""What training is made of, as declarations with their mathematics: optimisers, losses, initialisers."""
