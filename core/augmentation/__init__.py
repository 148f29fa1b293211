"""Random changes to training samples: one class for each kind, drawn from the seed, the epoch and the sample."""
