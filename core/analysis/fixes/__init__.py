"""Fixes: those that only the graph around a layer suggests, and the proof that every offered fix works."""

from core.analysis.fixes.trial import MOST_TRIALS, FixTrials

__all__ = ["MOST_TRIALS", "FixTrials"]
