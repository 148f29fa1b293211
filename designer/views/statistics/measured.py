"""What views of measured steps have in common: the steps, the layers in order, and who is asked for more."""

from __future__ import annotations

from collections import deque
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QHelpEvent, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.training.snapshots import Interest, Snapshot
from core.training.step_statistics import StepStatistics
from designer import theme
from designer.pictures import Caption, Keeping, Numbers
from designer.session import Change, Session

KEPT = 2000
"""Measured steps that are remembered."""
REST_MS = 400
"""The least time between two drawings: what is drawn changes little from batch to batch."""
LAST = 50
"""Batches that count as the last ones."""
EMPTY = "Nothing is measured yet. Train (F5)."


class MeasuredView(QWidget):
    """Paints what was measured of steps while it was visible; a click selects a layer.

    Subclasses say in `paint` how, in `layer_at` which layer is at a place, in `words` what is to be said of one.
    """

    interest_changed = Signal()
    """What this view needs has changed."""

    def __init__(self, session: Session, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.steps: deque[StepStatistics] = deque(maxlen=KEPT)
        self._has_news = False
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self._draw)
        self.setFont(theme.font(11))
        self.setAccessibleName(name)
        self.setAccessibleDescription(EMPTY)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        file_name = name.lower().replace(" / ", "-").replace(" ", "-")
        self.keeping = Keeping(self, file_name, self.numbers, caption=partial(self._caption, name))
        theme.changed.connect(self.update)
        session.selection_changed.connect(self.update)
        session.document_changed.connect(self._on_document_changed)

    @property
    def layers(self) -> tuple[str, ...]:
        """The layers that were measured last, from the input on."""
        return tuple(self.steps[-1].layers) if self.steps else ()

    @property
    def recent(self) -> list[StepStatistics]:
        """What was measured of the last batches."""
        return [step for step in self.steps if step.step > self.steps[-1].step - LAST]

    @property
    def earlier(self) -> list[StepStatistics]:
        """What was measured before those."""
        return [step for step in self.steps if step.step <= self.steps[-1].step - LAST]

    def numbers(self) -> Numbers | None:
        """Return what was measured, (steps, layers, 2); None while nothing is."""
        if not self.steps:
            return None
        rows: list[list[object]] = [["step", "layer", "update_ratio", "gradient_norm"]]
        for step in self.steps:
            rows += [[step.step, id, one.update_ratio, one.gradient_norm] for id, one in step.layers.items()]
        figures = [[(one.update_ratio, one.gradient_norm) for one in step.layers.values()] for step in self.steps]
        return Numbers(np.array(figures), rows)

    def _caption(self, title: str) -> Caption:
        measured = f"batches {self.steps[0].step:,} to {self.steps[-1].step:,}" if self.steps else ""
        return Caption(title, measured)

    def interest(self) -> Interest:
        """Say what this view needs now; nothing while it is hidden."""
        return Interest(statistics=self.isVisible())

    @Slot(object)
    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Add what was measured since; a run that begins anew replaces what there was."""
        for step in snapshot.statistics:
            if self.steps and (step.step <= self.steps[-1].step or step.layers.keys() != self.steps[-1].layers.keys()):
                self.steps.clear()
            self.steps.append(step)
        if snapshot.statistics:
            self._has_news = True
            self._draw()

    @Slot()
    def _draw(self) -> None:
        """Show what is new, unless something was shown a moment ago: then after a rest."""
        if self._has_news and not self._rest.isActive():
            self._has_news = False
            self.setAccessibleDescription("; ".join(self.words(id).replace("\n", ", ") for id in self.layers))
            self.update()
            self._rest.start()

    def words(self, layer: str) -> str:
        """Say in numbers what was measured of a layer."""
        raise NotImplementedError

    def layer_at(self, x: float, y: float) -> str | None:
        """Return the layer at a place."""
        raise NotImplementedError

    def paint(self, painter: QPainter, look: theme.Theme) -> None:
        """Paint what was measured; there is something."""
        raise NotImplementedError

    def sizeHint(self) -> QSize:
        return QSize(320, 180)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 96)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            layer = self.layer_at(event.pos().x(), event.pos().y())
            QToolTip.showText(event.globalPos(), "" if layer is None else self.words(layer), self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        layer = self.layer_at(event.position().x(), event.position().y())
        if layer is not None:
            self.session.select([layer])

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.interest_changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.interest_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = theme.current()
        if self.steps:
            self.paint(painter, look)
        else:
            painter.setPen(QColor(look.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, EMPTY)
        painter.end()

    @Slot(object)
    def _on_document_changed(self, change: Change) -> None:
        if change.label is None:  # another document
            self.steps.clear()
            self.setAccessibleDescription(EMPTY)
            self.update()


def figure(number: float) -> str:
    """Write a number on a logarithmic scale.

    >>> figure(0.00113), figure(0.31), figure(0)
    ('1.1e-3', '0.31', '0')
    """
    if number == 0 or 0.01 <= abs(number) < 1000:
        return f"{number:.2g}" if abs(number) < 100 else f"{number:.0f}"
    mantissa, exponent = f"{number:.1e}".split("e")
    return f"{mantissa}e{int(exponent)}"
