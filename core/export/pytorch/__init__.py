"""A document as PyTorch code: one readable file with the network, its weights, and a script that trains it."""
