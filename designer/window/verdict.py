"""The verdict at the right of the toolbar: whether the drawing is valid, with the totals, and whether it can train."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from core.text import brief_number, counted, number_text
from designer import theme
from designer.session import Session

MOST_NAME_PX = 160


class Verdict(QAbstractButton):
    """A chip with a dot and a sentence; a click asks for the problems."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._details = ""
        self._fine = True
        self._brief = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedHeight(32)
        session.document_changed.connect(self._refresh)
        session.budget_changed.connect(self._refresh)
        session.readiness_changed.connect(self._refresh)
        theme.changed.connect(self._repaint)
        self._refresh()

    def _refresh(self, _: object = None) -> None:
        report = self._session.report
        totals = report.totals
        advice = sum(problem.severity == "advice" for problem in report.problems)
        overruns = list(self._session.budget.overruns(totals)) if report.valid else []
        untrainable = self._session.training_problems
        self._fine = report.valid and not overruns and not untrainable
        if report.valid:
            words = "Over budget" if overruns else "Valid"
            if untrainable:
                self.setText(f"{words}, can't be trained")
            else:
                self.setText(f"{words}, {counted(advice, 'piece of advice', 'pieces of advice')}" if advice else words)
            self._details = f"{number_text(totals.parameters)} parameters · {brief_number(totals.macs)} MACs"
        else:
            self.setText(counted(len(report.errors), "problem"))
            layer = report.errors[0].layer or ""
            self._details = self.fontMetrics().elidedText(layer, Qt.TextElideMode.ElideMiddle, MOST_NAME_PX)
        reasons = [f"Can't be trained: {problem.what}" for problem in untrainable]
        self.setAccessibleName(". ".join([self.text(), self._details, *overruns, *reasons]))
        action = "Show the problems" if report.problems or untrainable else "Nothing is wrong"
        self.setToolTip("\n".join([*overruns, *reasons, action, self._details] if report.valid else [action]))
        self.updateGeometry()
        self.update()

    def _repaint(self, _: object) -> None:
        self.update()

    def set_brief(self, brief: bool) -> None:
        """Leave out the details, or show them again."""
        if brief != self._brief:
            self._brief = brief
            self.updateGeometry()
            self.update()

    def width_needed(self, *, brief: bool) -> int:
        """Return the width with or without the details."""
        metrics = self.fontMetrics()
        words = metrics.horizontalAdvance(self.text())
        return words + 48 if brief else words + metrics.horizontalAdvance(self._details) + 64

    def sizeHint(self) -> QSize:
        return QSize(self.width_needed(brief=self._brief), 32)

    def paintEvent(self, _: QPaintEvent) -> None:
        tokens = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        frame = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QColor(tokens.accent) if self.hasFocus() else QColor(tokens.line))
        painter.setBrush(QColor(tokens.raised))
        painter.drawRoundedRect(frame, 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(tokens.ok if self._fine else tokens.error))
        painter.drawEllipse(QRectF(12, self.height() / 2 - 4, 8, 8))
        painter.setFont(theme.font(13, 600))
        painter.setPen(QColor(tokens.text))
        area = self.rect().adjusted(30, 0, -12, 0)
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
        if self._brief:
            return
        painter.setFont(theme.font(12))
        painter.setPen(QColor(tokens.muted))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._details)
