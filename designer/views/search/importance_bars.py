"""Which of the searched settings matter: a bar for each, as long as the share that it explains."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.search.importance import LEAST_TRIALS, importances
from core.search.space import short_name
from core.text import counted
from designer import theme
from designer.pictures import Keeping, table_of
from designer.views.search.search_run import Told

ROW_PX, NAME_SHARE, FIGURE_PX = 22, 0.42, 40
MEANING = (
    "The share of the differences in accuracy between the coarse trials that a setting explains by itself: the "
    "variance of their ranks that lies between groups of its values, less what chance puts there. What settings do "
    "together is in none."
)


class ImportanceBars(QWidget):
    """Shows nothing before the first trial, and says so while there are too few to say."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shares: dict[str, float] = {}
        self.said = ""
        self.setFont(theme.font(12))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Importance of the settings")
        self.setToolTip(MEANING)
        Keeping(self, "importance of settings", lambda: table_of(("setting", "share"), self.shares.items()))
        theme.changed.connect(self.update)
        self.hide()

    def show_told(self, told: Told) -> None:
        """Follow the trials that have ended."""
        coarse = [t for t in told.trials.values() if t.stage == 0 and t.outcome != "failed"]
        shares = importances(coarse, told.stages[0].space.ranges) if told.stages else None
        self.shares = shares or {}
        if len(coarse) < LEAST_TRIALS:
            self.said = f"{len(coarse)} of {counted(LEAST_TRIALS, 'coarse trial')} that are needed to say"
        else:
            self.said = "" if shares else "All coarse trials are equally good."
        words = [f"{short_name(path)} {share:.0%}" for path, share in self.shares.items()]
        self.setAccessibleDescription(", ".join(words) or self.said)
        self.setVisible(bool(told.trials))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(200, ROW_PX * max(1, len(self.shares)))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), theme.current()
        middle, right = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight
        if self.said:
            painter.setPen(QColor(look.muted))
            painter.drawText(self.rect(), middle, self.said)
        name_px = self.width() * NAME_SHARE
        room = max(1.0, self.width() - name_px - FIGURE_PX - 8)
        for row, (path, share) in enumerate(self.shares.items()):
            y = row * ROW_PX
            painter.setPen(QColor(look.text))
            name = short_name(path).replace("_", " ")
            name = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, int(name_px - 8))
            painter.drawText(QRectF(0, y, name_px, ROW_PX), middle, name)
            painter.fillRect(QRectF(name_px, y + 7, room, 8), QColor(look.line))
            painter.fillRect(QRectF(name_px, y + 7, room * min(1.0, share), 8), QColor(look.accent))
            painter.drawText(QRectF(name_px, y, self.width() - name_px, ROW_PX), middle | right, f"{share:.0%}")
        painter.end()
