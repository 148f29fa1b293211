"""A line of text that is cut where it has no room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent

from designer.forms.line_label import LineLabel


class ElidedLabel(LineLabel):
    """A line that is cut at its end where it has no room; the tooltip then has it whole."""

    @property
    def seen_text(self) -> str:
        """The part of the text that is painted."""
        return self.fontMetrics().elidedText(self._line, Qt.TextElideMode.ElideRight, self.contentsRect().width())

    def setText(self, text: str) -> None:
        if text != self._line:
            super().setText(text)
            self._update_tip()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._update_tip()

    def _update_tip(self) -> None:
        self.setToolTip(self._line if self.seen_text != self._line else "")
