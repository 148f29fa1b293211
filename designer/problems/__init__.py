"""Problems on the screen: cards with fixes, and the list of all of them."""

from designer.problems.problems_panel import ProblemsPanel

__all__ = ["ProblemsPanel"]
