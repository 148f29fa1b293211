"""How many samples each class has, in training and in validation."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.text import counted
from designer import theme
from designer.pictures import Keeping, Numbers, table_of
from designer.views.class_bars import class_name
from designer.views.data.shown_data import Loaded, ShownData

RARE = 0.25
"""A class with fewer than this share of an even count is rare."""
LEAST_BAR_PX = 3
LEGEND_PX, NAME_PX, FIGURE_PX = 22, 18, 16


@dataclass(frozen=True, slots=True)
class ClassCount:
    """A class and how many samples it has."""

    name: str
    training: int
    validation: int

    @property
    def n(self) -> int:
        """All of them."""
        return self.training + self.validation


def class_counts(loaded: Loaded) -> list[ClassCount]:
    """Count the samples of each class."""
    dataset = loaded.dataset
    if dataset is None:
        return []
    n = len(dataset.classes)
    training, validation = (
        np.bincount(dataset.labels[part], minlength=n) for part in (loaded.training, loaded.validation)
    )
    return [ClassCount(class_name(dataset.classes, i), int(training[i]), int(validation[i])) for i in range(n)]


class BalanceView(QWidget):
    """Draws a bar for each class, the number that an even division would give as a dashed line, and frames rare ones.

    A click on a bar asks for the samples of that class.
    """

    class_chosen = Signal(int)
    """Carries the number of the class that was clicked."""

    def __init__(self, data: ShownData, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._data = data
        self._counts: list[ClassCount] = []
        self.setFont(theme.font(11))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        Keeping(self, "class balance", self._numbers)
        theme.changed.connect(self.update)
        data.changed.connect(self.show_loaded)
        if data.loaded is not None:
            self.show_loaded(data.loaded)

    @property
    def counts(self) -> list[ClassCount]:
        """What is drawn."""
        return self._counts

    def _numbers(self) -> Numbers | None:
        return table_of(
            ("class", "training", "validation"), [(each.name, each.training, each.validation) for each in self._counts]
        )

    @property
    def even(self) -> float:
        """How many samples each class would have if all had as many."""
        return sum(count.n for count in self._counts) / len(self._counts) if self._counts else 0.0

    @property
    def rare(self) -> list[str]:
        """The classes that have far fewer samples than others."""
        return [count.name for count in self._counts if count.n < RARE * self.even]

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._data.attend()

    @Slot(object)
    def show_loaded(self, loaded: Loaded) -> None:
        """Draw another data set."""
        self._counts = class_counts(loaded)
        words = ", ".join(f"{c.name}: {c.training:,} and {c.validation:,}" for c in self._counts[:50])
        self.setAccessibleName("Samples of each class, in training and validation")
        self.setAccessibleDescription(words)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(300, 180)

    def minimumSizeHint(self) -> QSize:
        return QSize(160, 96)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            at = self._class_at(event.pos().x())
            text = ""
            if at is not None:
                c = self._counts[at]
                text = f"{c.name}: {counted(c.n, 'sample')}\n{c.training:,} in training, {c.validation:,} in validation"
                text += "\nrare: fewer than a quarter of an even share" if c.name in self.rare else ""
            QToolTip.showText(event.globalPos(), text, self)
            return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._class_at(event.position().toPoint().x())
        if at is not None:
            self.class_chosen.emit(at)

    def _class_at(self, x: int) -> int | None:
        if not self._counts:
            return None
        left, step = self._slots()
        at = int((x - left) // step)
        return at if 0 <= at < len(self._counts) else None

    def _slots(self) -> tuple[float, float]:
        """Return where the first class begins, and how wide each is."""
        return 8.0, (self.width() - 16) / max(1, len(self._counts))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        look = theme.current()
        if not self._counts:
            painter.setPen(QColor(look.muted))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No data yet")
            painter.end()
            return
        self._paint_legend(painter, look)
        left, step = self._slots()
        top, bottom = float(LEGEND_PX + FIGURE_PX), float(self.height() - NAME_PX - 2)
        most = max(count.n for count in self._counts) or 1
        scale = max(1.0, bottom - top) / most
        metrics = QFontMetricsF(theme.font(11))
        wide = max(LEAST_BAR_PX, step * 0.72) if step >= LEAST_BAR_PX else step
        shown_every = max(1, int(np.ceil(max(metrics.horizontalAdvance(c.name) for c in self._counts[:99]) / step / 3)))
        shown_every = 1 if step >= 18 else max(shown_every, int(np.ceil(22 / step)))
        rare = set(self.rare)
        y = round(bottom - self.even * scale)
        painter.setFont(theme.font(11))
        figures_fit = max(metrics.horizontalAdvance(f"{count.n:,}") for count in self._counts) <= step + 2
        for i, count in enumerate(self._counts):
            x = left + i * step + (step - wide) / 2
            painter.setPen(QPen(QColor(look.muted), 1, Qt.PenStyle.DashLine))
            painter.drawLine(round(left + i * step), y, round(left + (i + 1) * step), y)
            training, validation = count.training * scale, count.validation * scale
            painter.fillRect(QRectF(x, bottom - training, wide, training), QColor(look.accent))
            kept = QColor(look.accent)
            kept.setAlphaF(0.45)
            painter.fillRect(QRectF(x, bottom - training - validation, wide, max(0.0, validation - 1)), kept)
            high = training + validation
            if count.name in rare:
                painter.setPen(QPen(QColor(look.warning), 2))
                painter.drawRect(QRectF(x - 2, bottom - high - FIGURE_PX, wide + 4, high + FIGURE_PX))
            if figures_fit:
                painter.setPen(QColor(look.warning_text if count.name in rare else look.muted))
                figure = f"{count.n:,}"
                room = metrics.horizontalAdvance(figure) + 4
                above = QRectF(x + wide / 2 - room / 2, bottom - high - FIGURE_PX, room, FIGURE_PX - 2)
                painter.fillRect(above, QColor(look.panel))  # the dashed line would cross it
                painter.drawText(above, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, figure)
            if i % shown_every == 0:
                painter.setPen(QColor(look.text))
                room = step * shown_every - 2
                name = metrics.elidedText(count.name, Qt.TextElideMode.ElideRight, room)
                painter.drawText(
                    QRectF(x + wide / 2 - room / 2, bottom + 2, room, NAME_PX), Qt.AlignmentFlag.AlignCenter, name
                )
        painter.end()

    def _paint_legend(self, painter: QPainter, look: theme.Theme) -> None:
        painter.setFont(theme.font(11))
        metrics, x = QFontMetricsF(painter.font()), 8.0
        even = f"even, {self.even:,.0f}"
        for text, share in (("training", 1.0), ("validation", 0.45), (even, 0.0)):
            colour = QColor(look.accent)
            colour.setAlphaF(share)
            if share:
                painter.fillRect(QRectF(x, 7, 9, 9), colour)
            else:
                painter.setPen(QPen(QColor(look.muted), 1, Qt.PenStyle.DashLine))
                painter.drawLine(round(x) - 3, 12, round(x) + 10, 12)
            painter.setPen(QColor(look.muted))
            painter.drawText(QRectF(x + 14, 2, 200, 18), Qt.AlignmentFlag.AlignVCenter, text)
            x += 14 + metrics.horizontalAdvance(text) + 14
