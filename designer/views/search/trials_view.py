"""The trials of a search as points: two settings as axes, the accuracy as colour."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QStackedLayout,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from core.search.space import short_name, values_text
from core.search.trials import Trial
from designer import theme
from designer.pictures import Keeping
from designer.views.empty import empty_page
from designer.views.search.axis import Axis, axis_of
from designer.views.search.search_run import SearchRun, Told
from designer.views.search.trial_marks import draw_mark, draw_scale, scale_of, trial_numbers

_STEPS = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}
REACH_PX = 10.0
"""How far from a point a click still means it."""
FRAME_PX = 8
"""How far the frame of the fine stage goes around its trials."""


class Scatter(QWidget):
    """Draws the points; a click or the arrow keys choose one."""

    chosen = Signal(int)
    """Carries the number of the trial."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told = Told()
        self._paths: tuple[str, str] = ("", "")
        self.choice: int | None = None
        self.setFont(theme.font(11))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName("Trials")
        Keeping(self, "trials", lambda: trial_numbers(self._told.trials.values()))
        theme.changed.connect(self.update)

    def show_told(self, told: Told, x: str, y: str) -> None:
        """Draw the trials with these settings as axes."""
        self._told, self._paths = told, (x, y)
        self.setAccessibleDescription(f"{len(told.trials)} trials, by {short_name(x)} and {short_name(y)}")
        self.update()

    def choose(self, number: int | None) -> None:
        """Mark a trial."""
        self.choice = number
        self.update()

    def point_of(self, trial: Trial) -> QPointF:
        """Return where a trial is drawn."""
        plot, (x, y) = self._plot(), self._axes()
        return QPointF(
            plot.left() + plot.width() * x.place(trial.values[self._paths[0]]),
            plot.bottom() - plot.height() * y.place(trial.values[self._paths[1]]),
        )

    def sizeHint(self) -> QSize:
        return QSize(560, 360)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 160)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            trial = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), "" if trial is None else _tip(trial), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        trial = self._at(event.position())
        if trial is not None:
            self.chosen.emit(trial.number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        numbers = sorted(self._told.trials)
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}.get(
            Qt.Key(event.key())
        )
        if step is None or not numbers:
            return super().keyPressEvent(event)
        place = numbers.index(self.choice) + step if self.choice in numbers else 0
        return self.chosen.emit(numbers[min(max(place, 0), len(numbers) - 1)])

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        plot, (x, y) = self._plot(), self._axes()
        muted = QColor(look.muted)
        for text, share in x.ticks:
            at = plot.left() + plot.width() * share
            painter.setPen(QPen(QColor(look.line), 1))
            painter.drawLine(QPointF(at, plot.top()), QPointF(at, plot.bottom()))
            painter.setPen(muted)
            painter.drawText(QRectF(at - 40, plot.bottom() + FRAME_PX + 2, 80, 16), Qt.AlignmentFlag.AlignHCenter, text)
        for text, share in y.ticks:
            at = plot.bottom() - plot.height() * share
            painter.setPen(QPen(QColor(look.line), 1))
            painter.drawLine(QPointF(plot.left(), at), QPointF(plot.right(), at))
            painter.setPen(muted)
            painter.drawText(QRectF(0, at - 8, plot.left() - FRAME_PX - 4, 16), Qt.AlignmentFlag.AlignRight, text)
        fine = next((stage for stage in self._told.stages if stage.around), None)
        if fine is not None:
            self._paint_fine(painter, plot, x, y)
        scale = scale_of(self._told.trials.values())
        for trial in sorted(self._told.trials.values(), key=lambda trial: trial.accuracy or -1):
            draw_mark(painter, self.point_of(trial), trial, scale, strong=trial.number == self.choice)
        painter.setPen(QPen(QColor(look.accent), 1, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for values, _ in self._told.under_way.values():
            going = Trial(0, 0, values, "finished")
            painter.drawEllipse(self.point_of(going), 6, 6)
        painter.end()

    def _paint_fine(self, painter: QPainter, plot: QRectF, x: Axis, y: Axis) -> None:
        """Frame the part of the space in which the last stage searches."""
        space, look = self._told.stages[-1].space, theme.current()
        sides = []
        for path, axis in zip(self._paths, (x, y), strict=True):
            ends = space.ranges[path].ends()
            places = [axis.place(value) for value in ends]
            sides.append((min(places), max(places)))
        (left, right), (bottom, top) = sides
        frame = QRectF(
            QPointF(plot.left() + plot.width() * left, plot.bottom() - plot.height() * top),
            QPointF(plot.left() + plot.width() * right, plot.bottom() - plot.height() * bottom),
        ).adjusted(-FRAME_PX, -FRAME_PX, FRAME_PX, FRAME_PX)
        ground = QColor(look.accent)
        ground.setAlphaF(0.08)
        painter.fillRect(frame, ground)
        painter.setPen(QPen(QColor(look.accent), 1, Qt.PenStyle.DashLine))
        painter.drawRect(frame)

    def _plot(self) -> QRectF:
        return QRectF(64, 14, max(10, self.width() - 64 - 28), max(10, self.height() - 14 - 34))

    def _axes(self) -> tuple[Axis, Axis]:
        ranges = self._told.stages[0].space.as_json() if self._told.stages else {}
        x, y = (axis_of([0, 1], ranges[path]) if path in ranges else axis_of([0, 1]) for path in self._paths)
        return x, y

    def _at(self, point: QPointF) -> Trial | None:
        def distance(trial: Trial) -> float:
            apart = self.point_of(trial) - point
            return float(apart.x() ** 2 + apart.y() ** 2)

        nearest = min(self._told.trials.values(), key=distance, default=None)
        return nearest if nearest is not None and distance(nearest) <= REACH_PX**2 else None


class Key(QWidget):
    """Says what shapes and colours mean."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._told = Told()
        self.setFont(theme.font(11))
        self.setFixedHeight(20)
        self.setMinimumWidth(430)
        theme.changed.connect(self.update)

    def show_told(self, told: Told) -> None:
        """Follow the accuracies."""
        self._told = told
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, look = QPainter(self), theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        scale, x = scale_of(self._told.trials.values()), 8.0
        samples = (
            ("coarse", Trial(0, 0, {}, "finished", (scale.low,), (0,))),
            ("fine", Trial(0, 1, {}, "finished", (scale.low,), (0,))),
            ("stopped early", Trial(0, 0, {}, "stopped early", (scale.low,), (0,))),
            ("diverged", Trial(0, 0, {}, "diverged")),
        )
        for text, trial in samples:
            draw_mark(painter, QPointF(x, 10), trial, scale)
            painter.setPen(QColor(look.muted))
            painter.drawText(QRectF(x + 10, 1, 120, 18), Qt.AlignmentFlag.AlignVCenter, text)
            x += 24 + painter.fontMetrics().horizontalAdvance(text)
        low, high = f"≤ {scale.low:.0%}", f"{scale.high:.1%}"
        painter.drawText(QRectF(x, 1, 60, 18), Qt.AlignmentFlag.AlignVCenter, low)
        x += painter.fontMetrics().horizontalAdvance(low) + 6
        draw_scale(painter, QRectF(x, 6, 64, 8), scale)
        painter.setPen(QColor(look.muted))
        painter.drawText(QRectF(x + 70, 1, 60, 18), Qt.AlignmentFlag.AlignVCenter, high)
        painter.end()


class TrialsView(QWidget):
    """Shows the trials of the search as points, for two of the searched settings."""

    trial_chosen = Signal(int)
    """Carries the number of a trial that was clicked."""

    def __init__(self, run: SearchRun, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scatter, self.key = Scatter(), Key()
        self.across, self.up = QComboBox(), QComboBox()
        self.across.setAccessibleName("Setting from left to right")
        self.up.setAccessibleName("Setting from below to above")
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 0)
        for name, box in (("across", self.across), ("up", self.up)):
            label = QLabel(name)
            theme.mark(label, "role", "muted")
            head.addWidget(label)
            head.addWidget(box)
            box.currentIndexChanged.connect(self._draw)
        head.addStretch(1)
        head.addWidget(self.key)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 4)
        column.addLayout(head)
        column.addWidget(self.scatter, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(
            empty_page("No trials yet", "Choose what is tried in Search, at the left, and press Search.")
        )
        self._pages.addWidget(page)
        self._told = run.told
        run.changed.connect(self.show_told)
        self.scatter.chosen.connect(self.trial_chosen)

    @Slot(object)
    def show_told(self, told: Told) -> None:
        """Draw what is known of a search."""
        names = [short_name(path).replace("_", " ") for path in told.paths]
        if [self.across.itemText(i) for i in range(self.across.count())] != names:
            for place, box in enumerate((self.across, self.up)):
                box.blockSignals(True)
                box.clear()
                box.addItems(names)
                box.setCurrentIndex(min(place, len(names) - 1))
                box.blockSignals(False)
        self._told = told
        self._pages.setCurrentIndex(1 if told.stages else 0)
        self._draw()

    @Slot(int)
    def choose(self, number: int) -> None:
        """Mark a trial."""
        self.scatter.choose(number)

    @Slot()
    def _draw(self) -> None:
        if self._told.paths:
            x, y = (self._told.paths[max(0, box.currentIndex())] for box in (self.across, self.up))
            self.scatter.show_told(self._told, x, y)
            self.key.show_told(self._told)


def _tip(trial: Trial) -> str:
    reached = "no epoch ended" if trial.accuracy is None else f"{trial.accuracy:.1%} after epoch {trial.best_epoch}"
    return "\n".join(filter(None, (f"trial {trial.number}: {reached}", values_text(trial.values), trial.why)))
