"""A line of text in parts, of which some are left out where there is no room for them all."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent

from designer.forms.line_label import LineLabel

PART = " · "


class FittedLine(LineLabel):
    """Says as much of a text as its width allows, and more or less when the width changes.

    Its owner may keep its own size while the line gets another width, so the line follows that itself.

    Parameters
    ----------
    least_px : int
        What it has room for at least, also before it is laid out.
    """

    def __init__(self, least_px: int) -> None:
        super().__init__()
        self._least_px = least_px
        self.whole = ""

    def say(self, text: str) -> None:
        """Say a text, whose parts are separated by ``·``."""
        self.whole = text
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave out what has no room: the figures in the middle first, then how it stands."""
        metrics, room = self.fontMetrics(), max(self.width(), self._least_px)
        parts = self.whole.split(PART)
        while len(parts) > 1 and metrics.horizontalAdvance(PART.join(parts)) > self.width():
            parts.pop(-2 if len(parts) > 2 else -1)
        self.setText(metrics.elidedText(PART.join(parts), Qt.TextElideMode.ElideRight, room))
