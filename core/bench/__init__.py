"""The engine's speed and memory beside PyTorch's, measured in one run."""
