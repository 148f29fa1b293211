"""What the weights files in the folder of a run are called."""

from __future__ import annotations

BEST = "best.npz"
"""Weights of its best epoch."""
LAST = "last.npz"
"""Weights of its end."""
RESUME = "resume.npz"
"""All that going on needs."""
START = "start.npz"
"""The same of its beginning, where the seed alone doesn't say it."""
