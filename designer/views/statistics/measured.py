"""What views of measured steps have in common: the steps, the layers in order, and who is asked for more."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QColor, QHelpEvent, QHideEvent, QMouseEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.training.snapshots import Interest, Snapshot
from designer import theme
from designer.pictures import Caption, Keeping, Numbers
from designer.session import Change, Session
from designer.views.statistics.measured_steps import MeasuredSteps

REST_MS = 400
"""The least time between two drawings: what is drawn changes little from batch to batch."""
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
        self.steps = MeasuredSteps()
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
        return self.steps.layers if len(self.steps) else ()

    def numbers(self) -> Numbers | None:
        """Return what was measured, (steps, layers, 2); None while nothing is."""
        steps = self.steps
        if not len(steps):
            return None
        figures = np.stack([steps.update_ratios, steps.gradient_norms], axis=-1)
        rows: list[list[object]] = [["step", "layer", "update_ratio", "gradient_norm"]]
        for batch, of_layers in zip(steps.batches.tolist(), figures.tolist(), strict=True):
            rows += [[batch, id, *pair] for id, pair in zip(steps.layers, of_layers, strict=True)]
        return Numbers(figures, rows)

    def _caption(self, title: str) -> Caption:
        batches = self.steps.batches
        measured = f"batches {batches[0]:,} to {batches[-1]:,}" if len(batches) else ""
        return Caption(title, measured)

    def interest(self) -> Interest:
        """Say what this view needs now; nothing while it is hidden."""
        return Interest(statistics=self.isVisible())

    @Slot(object)
    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Add what was measured since; a run that begins anew replaces what there was."""
        for step in snapshot.statistics:
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
        if len(self.steps):
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
