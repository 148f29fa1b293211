"""The panel of all steps that can be taken back or done again."""

from designer.history.history_panel import HistoryPanel

__all__ = ["HistoryPanel"]
