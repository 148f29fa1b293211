"""Fixes: those that only the graph around a layer suggests, and the proof that an offered fix cures."""

from core.analysis.fixes.trial import MOST_TRIALS, Curer

__all__ = ["MOST_TRIALS", "Curer"]
