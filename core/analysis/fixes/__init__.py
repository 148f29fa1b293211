"""Fixes: those that only the graph around a layer suggests, and the proof that every offered fix works."""

from core.analysis.fixes.trial import FixTrials

__all__ = ["FixTrials"]
