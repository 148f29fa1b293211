"""A small series of numbers as a line, with what it shows, from where to where, and its last value."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSize
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from core.training.messages import Evidence
from designer import theme
from designer.pictures import Keeping, Numbers, table_of

HEIGHT_PX = 26
_INSET_PX = 2
_TABLE_ROWS = 20


class SparkLine(QWidget):
    """The line; its numbers are in the tip, for screen readers too."""

    def __init__(self, evidence: Evidence, *, is_past: bool = False) -> None:
        super().__init__()
        self.evidence, self._is_past = evidence, is_past
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(words(evidence))
        self.setToolTip(words(evidence))
        Keeping(self, evidence.name, self._numbers)
        theme.changed.connect(self.update)

    def _numbers(self) -> Numbers | None:
        return table_of(("step", self.evidence.name), zip(self.evidence.steps, self.evidence.values, strict=True))

    def sizeHint(self) -> QSize:
        return QSize(120, HEIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        steps, values = self.evidence.steps, self.evidence.values
        first, last, low, high = steps[0], steps[-1], min(values), max(values)
        width, height = self.width() - 2 * _INSET_PX, self.height() - 2 * _INSET_PX
        points = [
            QPointF(
                _INSET_PX + width * (step - first) / max(1, last - first),
                _INSET_PX + height * (1 - ((value - low) / (high - low) if high > low else 0.5)),
            )
            for step, value in zip(steps, values, strict=True)
        ]
        painter.setPen(QPen(QColor(look.muted if self._is_past else look.warning), 1.5))
        painter.drawPolyline(QPolygonF(points))
        painter.setBrush(painter.pen().color())
        painter.drawEllipse(points[-1], 2, 2)


class EvidenceView(QWidget):
    """A spark line above its caption."""

    def __init__(self, evidence: Evidence, *, inset_px: int = 0, is_past: bool = False) -> None:
        super().__init__()
        self.line = SparkLine(evidence, is_past=is_past)
        self.caption = QLabel(f"{evidence.name}, batch {evidence.steps[0]:,} to {evidence.steps[-1]:,}")
        self.caption.setWordWrap(True)
        self.caption.setMinimumWidth(1)
        theme.mark(self.caption, "role", "muted")
        self.value = QLabel(figure(evidence.values[-1], evidence.unit))
        theme.mark(self.value, "role", "strong")
        row = QHBoxLayout()
        row.addWidget(self.caption, 1)
        row.addWidget(self.value)
        column = QVBoxLayout(self)
        column.setContentsMargins(inset_px, 2, 0, 2)
        column.setSpacing(0)
        column.addWidget(self.line)
        column.addLayout(row)


def words(evidence: Evidence) -> str:
    """Say a series in words and numbers.

    >>> words(Evidence("dead filters of conv1", "of 6", (10, 20), (0.0, 3.0)))
    'dead filters of conv1: 0 of 6 at batch 10, 3 of 6 at batch 20'
    """
    every = -(-len(evidence.steps) // _TABLE_ROWS)
    pairs = list(zip(evidence.steps, evidence.values, strict=True))[::-every][::-1]
    said = (f"{figure(value, evidence.unit)} at batch {step:,}" for step, value in pairs)
    return f"{evidence.name}: {', '.join(said)}"


def figure(value: float, unit: str) -> str:
    """Write a number with its unit.

    >>> figure(0.00123, ""), figure(93.2, "%"), figure(2.3025, ""), figure(4.0, "of 6"), figure(1.66, "%")
    ('1.2e-03', '93%', '2.3', '4 of 6', '1.7%')
    """
    text = f"{value:.1e}" if value and not 0.01 <= abs(value) < 1e4 else f"{value:.2g}"
    return f"{text}%" if unit == "%" else f"{text} {unit}" if unit else text
