"""The layer table of the dock."""

from designer.summary.panel import SummaryPanel

__all__ = ["SummaryPanel"]
