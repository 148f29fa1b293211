"""What is done to samples before they reach a network: one class for each kind of step, fitted to training samples."""
