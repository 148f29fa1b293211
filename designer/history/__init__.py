"""The panel of all steps that can be undone or redone."""

from designer.history.history_panel import HistoryPanel

__all__ = ["HistoryPanel"]
