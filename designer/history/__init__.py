"""The panel of all steps that can be taken back or done again."""

from designer.history.panel import HistoryPanel

__all__ = ["HistoryPanel"]
