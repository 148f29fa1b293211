"""The layer table of the dock."""

from designer.summary.summary_panel import SummaryPanel

__all__ = ["SummaryPanel"]
