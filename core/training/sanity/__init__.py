"""The sanity checks of the course: what shows in seconds that a network can learn at all."""
