"""How sure the network is of each class, for one sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.shapes import n_scores
from designer import theme
from designer.pictures import Keeping, Numbers, table_of

MOST_BARS = 20
"""If there are more classes, only the likeliest are shown."""
LABEL_PX = 18


class ClassBars(QWidget):
    """Draws a bar for each class: the likeliest in the accent colour, the name of the true one in that of success."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bars: list[tuple[str, float, bool]] = []
        self.setFont(theme.font(11))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        Keeping(self, "class probabilities", self.numbers)
        theme.changed.connect(self.update)

    @property
    def bars(self) -> list[tuple[str, float, bool]]:
        """(class, probability, whether it is the true one), as drawn from left to right."""
        return self._bars

    def show_bars(self, probabilities: NDArray[np.floating] | None, names: Sequence[str], label: int | None) -> None:
        """Show probabilities (C,), or nothing.

        Parameters
        ----------
        names : sequence of str
            Of the classes; a class beyond the last name goes by its number.
        label : int, optional
            The number of the true class.
        """
        self._bars = []
        if probabilities is not None:
            places = np.arange(len(probabilities))
            if len(places) > MOST_BARS:
                places = np.sort(np.argsort(-probabilities, kind="stable")[:MOST_BARS])
            self._bars = [(class_name(names, int(i)), float(probabilities[i]), int(i) == label) for i in places]
        self.setAccessibleName(", ".join(f"{name} {100 * p:.1f} %" for name, p, _ in self._bars))
        self.update()

    def numbers(self) -> Numbers | None:
        """Return what is drawn, class by class."""
        return table_of(("class", "probability"), [(name, share) for name, share, _ in self._bars])

    @property
    def has_names(self) -> bool:
        """Whether the names of the classes have room below the bars."""
        step = self.width() / max(1, len(self._bars))
        metrics = QFontMetricsF(self.font())
        return max((metrics.horizontalAdvance(name) for name, _, _ in self._bars), default=0.0) <= step - 1

    def sizeHint(self) -> QSize:
        return QSize(150, 40)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, 36)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and self._bars:
            at = int(event.pos().x() * len(self._bars) / max(1, self.width()))
            if 0 <= at < len(self._bars):
                name, probability, _ = self._bars[at]
                QToolTip.showText(event.globalPos(), f"{name}: {100 * probability:.1f} %", self)
                return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._bars:
            return
        painter = QPainter(self)
        look = theme.current()
        step = self.width() / len(self._bars)
        base = float(self.height() - LABEL_PX)
        named = self.has_names
        best = max(probability for _, probability, _ in self._bars)
        for place, (name, probability, right) in enumerate(self._bars):
            left = place * step
            wide = min(step - 3, 18.0)
            bar = QRectF(left + (step - wide) / 2, base - (base - 2) * probability, wide, (base - 2) * probability)
            painter.fillRect(bar, QColor(look.accent if probability == best else look.track))
            painter.setPen(QColor(look.line))
            painter.drawLine(QPointF(bar.left(), base + 0.5), QPointF(bar.right(), base + 0.5))
            if named:
                painter.setFont(theme.font(11, 600 if right else 400))
                painter.setPen(QColor(look.ok_text if right else look.muted))
                painter.drawText(QRectF(left, base + 2, step, LABEL_PX - 2), Qt.AlignmentFlag.AlignCenter, name)
        painter.end()


def class_name(names: Sequence[str], place: int) -> str:
    """Return the name of a class, or its number where it has none."""
    return names[place] if place < len(names) else str(place)


def probabilities_of(output: NDArray[np.floating]) -> NDArray[np.floating] | None:
    """Return the class probabilities that an output (C,) or (1, 1, C) stands for; None if it is not finite.

    An output that is already a distribution is returned as it is; any other holds scores, as cross-entropy takes them.
    """
    if not n_scores(output.shape) or not np.isfinite(output).all():
        return None
    if output.ndim > 1:
        output = output.reshape(-1)
    if output.min() >= 0 and abs(float(output.sum()) - 1) < 1e-3:
        return output
    raised = np.exp(output.astype(np.float64) - output.max())
    return raised / raised.sum()


def percent_text(share: float) -> str:
    """Write a probability; 100 % only if it is exactly that, 0 % likewise.

    >>> percent_text(0.998), percent_text(0.99999), percent_text(1.0)
    ('99.8 %', '> 99.9 %', '100 %')
    >>> percent_text(0.0002), percent_text(0.0)
    ('< 0.1 %', '0 %')
    """
    if share >= 1:
        return "100 %"
    if share > 0.9995:
        return "> 99.9 %"
    return "0 %" if share == 0 else "< 0.1 %" if share < 0.0005 else f"{100 * share:.1f} %"
