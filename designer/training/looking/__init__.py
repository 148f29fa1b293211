"""What looks into a network while it trains, or at any other moment: pictures, looks, answers; none changes a run."""
