"""The check of a large network: beside the window, with a word about it, and to be cancelled."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QWidget

from core.analysis.check import check
from core.analysis.report import Report
from core.graph.flatten import unfolded_size
from core.graph.values import Document
from core.text import counted
from designer.window.patience import patiently

MOST_LAYERS_AT_ONCE = 1000
"""Fewer layers are checked before the window could answer anything else."""
PATIENCE_MS = 300
"""What takes no longer is not spoken of."""


class PatientCheck:
    """Checks for a session; meanwhile the window is drawn, but takes nothing except Cancel."""

    def __init__(self, window: QWidget) -> None:
        self._window = window

    def __call__(self, document: Document, previous: Report | None, advice: frozenset[str]) -> Report | None:
        """Return the report, or None where the user cancelled."""
        n_layers = unfolded_size(document.graph)
        if n_layers <= MOST_LAYERS_AT_ONCE:
            return check(document, previous, advice)
        label = f"Checking {counted(n_layers, 'layer')}…"
        return patiently(self._window, label, partial(check, document, previous, advice), PATIENCE_MS)
