"""How wide the texts of the layer table are; after an edit only those of the changed layers are measured again."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtGui import QFontMetrics

from core.analysis.report import LayerReport
from designer.summary.table_model import COLUMNS

MOST_ROWS = 1000
"""No more are measured: the first ones of a larger network stand for the rest."""


class Widths:
    """Remembers the widths of each layer's texts while its report stays the same object."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[LayerReport, tuple[int, ...]]] = {}

    def measure(self, reports: Sequence[LayerReport], metrics: QFontMetrics) -> list[int]:
        """Return the width in pixels of the widest text of each column, among the first rows."""
        known = self._known
        self._known = {}
        for report in reports[:MOST_ROWS]:
            entry = known.get(report.id)
            if entry is None or entry[0] is not report:
                entry = (report, tuple(metrics.horizontalAdvance(column.text(report)) for column in COLUMNS))
            self._known[report.id] = entry
        measured = [widths for _, widths in self._known.values()]
        return [max((widths[place] for widths in measured), default=0) for place in range(len(COLUMNS))]
