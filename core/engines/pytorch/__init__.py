"""Training in PyTorch: the exported network, fed and judged as Convograph does."""
