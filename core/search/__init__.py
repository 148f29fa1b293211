"""Search for settings: many short trainings with drawn values, first coarse, then fine around the best."""
