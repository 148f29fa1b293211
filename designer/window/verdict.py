"""The verdict at the right of the toolbar: valid, with the totals, or how many problems there are."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from core.text import brief_number, counted, number_text
from designer import theme
from designer.session import Session


class Verdict(QAbstractButton):
    """A chip with a dot and a sentence; a click asks for the problems."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._details = ""
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedHeight(32)
        session.document_changed.connect(self._refresh)
        theme.changed.connect(self._repaint)
        self._refresh()

    def _refresh(self, _: object = None) -> None:
        report = self._session.report
        totals = report.totals
        advice = sum(problem.severity == "advice" for problem in report.problems)
        if report.valid:
            self.setText(f"Valid, {counted(advice, 'hint')}" if advice else "Valid")
            self._details = f"{number_text(totals.parameters)} parameters · {brief_number(totals.macs)} MACs"
        else:
            self.setText(counted(len(report.errors), "problem"))
            self._details = report.errors[0].layer or ""
        self.setAccessibleName(f"{self.text()}. {self._details}")
        self.setToolTip("Show the problems" if report.problems else "Nothing is wrong")
        self.updateGeometry()
        self.update()

    def _repaint(self, _: object) -> None:
        self.update()

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        words = metrics.horizontalAdvance(self.text()) + metrics.horizontalAdvance(self._details)
        return QSize(words + 64, 32)

    def paintEvent(self, _: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QColor(tokens.accent) if self.hasFocus() else QColor(tokens.line))
        painter.setBrush(QColor(tokens.raised))
        painter.drawRoundedRect(frame, 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.ok) if self._session.report.valid else QColor(tokens.error))
        painter.drawEllipse(QRectF(12, self.height() / 2 - 4, 8, 8))
        painter.setFont(theme.font(13, 600))
        painter.setPen(QColor(tokens.text))
        area = self.rect().adjusted(30, 0, -12, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        painter.setFont(theme.font(12))
        painter.setPen(QColor(tokens.muted))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._details)
