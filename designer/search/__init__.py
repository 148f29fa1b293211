"""Searching for settings: what is tried, the trials as points and lines, and the best of them."""

from designer.search.best_trials import BestTrials
from designer.search.parallel_view import ParallelView
from designer.search.search_panel import SearchPanel
from designer.search.search_run import SearchRun
from designer.search.trials_view import TrialsView

__all__ = ["BestTrials", "ParallelView", "SearchPanel", "SearchRun", "TrialsView"]
