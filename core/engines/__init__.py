"""What trainings can run on, beside Convograph's own engine."""
