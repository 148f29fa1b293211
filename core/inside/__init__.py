"""What happens inside a network: why it decides as it does, and what its filters look for."""
