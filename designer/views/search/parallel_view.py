"""The trials of a search as lines through parallel axes: one for each setting, the accuracy last."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.search.space import short_name
from core.search.trials import Trial, ranked
from designer import theme
from designer.pictures import Keeping
from designer.views.search.axis import Axis, axis_of
from designer.views.search.search_run import SearchRun, Told
from designer.views.search.trial_marks import scale_of, trial_numbers

ACCURACY = "val. accuracy"
REACH_PX = 12.0
LEAST_CONTRAST, EDGED_PX = 1.8, 2.6
"""A line that stands out less from the ground gets an edge, which makes it so wide."""


class ParallelView(QWidget):
    """Draws a line for each trial. To drag along an axis keeps only the lines that cross it there."""

    def __init__(self, run: SearchRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told = run.told
        self.choice: int | None = None
        self.brushes: dict[str, tuple[float, float]] = {}
        self._from: tuple[str, float] | None = None
        self.setFont(theme.font(11))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Trials as lines through the axes of their settings")
        self.setToolTip("Drag along an axis to keep the lines that cross it there; click it to keep all")
        Keeping(self, "trials as lines", lambda: trial_numbers(self._told.trials.values()))
        theme.changed.connect(self.update)
        run.changed.connect(self.show_told)

    @property
    def kept(self) -> list[Trial]:
        """The trials whose lines cross all brushed axes where these are brushed."""
        axes = self._axes()
        return [
            trial
            for trial in ranked([*self._told.trials.values()])
            if all(low <= _share(axes, trial, name) <= high for name, (low, high) in self.brushes.items())
        ]

    @Slot(object)
    def show_told(self, told: Told) -> None:
        """Draw what is known of a search."""
        if told.paths != self._told.paths:
            self.brushes.clear()
        self._told = told
        self.setAccessibleDescription(f"{len(told.trials)} trials")
        self.update()

    @Slot(int)
    def choose(self, number: int) -> None:
        """Mark a trial."""
        self.choice = number
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(560, 240)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 120)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        name = self._axis_at(event.position())
        if name is not None:
            self._from = (name, self._share_at(event.position()))
            self.brushes.pop(name, None)
            self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._from is not None:
            name, start = self._from
            now = self._share_at(event.position())
            self.brushes[name] = (min(start, now), max(start, now))
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._from = None

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        axes = self._axes()
        if not axes or not self._told.trials:
            painter.setPen(QColor(look.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No trials yet")
            painter.end()
            return
        scale, kept = scale_of(self._told.trials.values()), {trial.number for trial in self.kept}
        for trial in reversed(ranked([*self._told.trials.values()])):
            strong = trial.number == self.choice
            colour = QColor(look.accent) if strong else scale.colour(trial.accuracy)
            line, is_faint = self._line(axes, trial), not strong and trial.number not in kept
            if not is_faint and theme.contrast(colour.name(), look.panel) < LEAST_CONTRAST:
                painter.setPen(QPen(QColor(look.muted), EDGED_PX))  # on white the best trials would be all but unseen
                painter.drawPath(line)
            if not strong:
                colour.setAlphaF(0.08 if is_faint else 0.75)
            painter.setPen(QPen(colour, 2.5 if strong else 1.2))
            painter.drawPath(line)
        top, bottom = self._ends()
        for i, (name, axis) in enumerate(axes.items()):
            x = self._x(i, len(axes))
            painter.setPen(QPen(QColor(look.muted), 1))
            painter.drawLine(QPointF(x, top), QPointF(x, bottom))
            align = Qt.AlignmentFlag.AlignHCenter
            left = min(max(0.0, x - 70), self.width() - 140.0)
            painter.setFont(theme.font(11, 600))
            painter.setPen(QColor(look.text))
            if i == 0:
                left, align = max(0.0, x - 40), Qt.AlignmentFlag.AlignLeft
            elif i == len(axes) - 1:
                left, align = self.width() - 146.0, Qt.AlignmentFlag.AlignRight
            painter.drawText(
                QRectF(left, 2, 140, 16), align, name if name == ACCURACY else short_name(name).replace("_", " ")
            )
            painter.setFont(theme.font(11))
            painter.setPen(QColor(look.muted))
            for text, place in self.figures(axis, x):
                painter.fillRect(place, QColor(look.panel))  # lines end before figures
                painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)
            if name in self.brushes:
                low, high = self.brushes[name]
                ground = QColor(look.accent)
                ground.setAlphaF(0.3)
                span = (bottom - top) * (high - low)
                painter.fillRect(QRectF(x - 7, bottom - (bottom - top) * high, 14, span), ground)
        painter.end()

    def figures(self, axis: Axis, x: float) -> list[tuple[str, QRectF]]:
        """Return what is written beside an axis that stands at `x`, and where."""
        (top, bottom), metrics = self._ends(), QFontMetricsF(theme.font(11))
        places = []
        for text, share in axis.ticks:
            width = metrics.horizontalAdvance(text) + 4
            places.append((text, QRectF(x - 5 - width, bottom - (bottom - top) * share - 8, width, 16)))
        return places

    def _axes(self) -> dict[str, Axis]:
        if not self._told.stages:
            return {}
        axes = {path: axis_of([0, 1], written) for path, written in self._told.stages[0].space.as_json().items()}
        found = [t.accuracy for t in self._told.trials.values() if t.accuracy is not None]
        return axes | {ACCURACY: axis_of(found or [0.0, 1.0])}

    def _line(self, axes: dict[str, Axis], trial: Trial) -> QPainterPath:
        top, bottom = self._ends()
        points = [
            QPointF(self._x(i, len(axes)), bottom - (bottom - top) * _share(axes, trial, name))
            for i, name in enumerate(axes)
        ]
        path = QPainterPath(points[0])
        for before, after in pairwise(points):
            middle = (before.x() + after.x()) / 2
            path.cubicTo(QPointF(middle, before.y()), QPointF(middle, after.y()), after)
        return path

    def _ends(self) -> tuple[float, float]:
        return 28.0, self.height() - 14.0

    def _x(self, place: int, n: int) -> float:
        return 70 + (self.width() - 70 - 24) * place / max(1, n - 1)

    def _share_at(self, point: QPointF) -> float:
        top, bottom = self._ends()
        return min(1.0, max(0.0, (bottom - point.y()) / max(1.0, bottom - top)))

    def _axis_at(self, point: QPointF) -> str | None:
        names = list(self._axes())
        near = [(abs(self._x(i, len(names)) - point.x()), name) for i, name in enumerate(names)]
        return min(near)[1] if near and min(near)[0] <= REACH_PX else None


def _share(axes: dict[str, Axis], trial: Trial, name: str) -> float:
    value = trial.accuracy if name == ACCURACY else trial.values[name]
    return axes[name].place(value)
