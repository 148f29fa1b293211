"""Problems on the screen: cards with fixes, the list of all of them, and what is wrong with the data."""

from designer.problems.data_panel import DataPanel
from designer.problems.problems_panel import ProblemsPanel

__all__ = ["DataPanel", "ProblemsPanel"]
