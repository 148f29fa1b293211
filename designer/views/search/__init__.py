"""Searching for settings: what is tried, the trials as points and lines, and the best of them."""

from designer.views.search.best_trials import BestTrials
from designer.views.search.parallel_view import ParallelView
from designer.views.search.search_panel import SearchPanel
from designer.views.search.search_run import SearchRun
from designer.views.search.trials_view import TrialsView

__all__ = ["BestTrials", "ParallelView", "SearchPanel", "SearchRun", "TrialsView"]
