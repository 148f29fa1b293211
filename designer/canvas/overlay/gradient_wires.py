"""Wires as thick as the gradient that comes back over them, and the legend that says what a thickness stands for."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, isfinite, log10, sqrt

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QWidget

from designer import theme
from designer.canvas.drawing.canvas_style import FLOWS, canvas_style
from designer.canvas.drawing.scene import Scene
from designer.canvas.drawing.wire import Wire
from designer.session import Drawn

Norms = Mapping[tuple[str, str, int], float]
LINE_PX, ROW_PX = 44, 18


class GradientWires:
    """Dresses the wires of a scene by what comes back over them."""

    def __init__(self, session: Drawn, scene: Scene) -> None:
        self._session, self._scene = session, scene
        self.amounts: dict[tuple[str, int], float] = {}

    def show(self, norms: Norms) -> None:
        """Take the norms of the flattened graph by source, layer and port; none: wires are as they were."""
        place = self._session.whole.place
        found = {key: self._amount(wire, norms, place) for key, wire in self._scene.wires.items()}
        self.amounts = {key: amount for key, amount in found.items() if amount is not None}
        most = self.most
        for key, wire in self._scene.wires.items():
            amount = self.amounts.get(key)
            wire.set_flow(None if amount is None else level(amount, most), "" if amount is None else norm_text(amount))

    @property
    def most(self) -> float:
        """The largest norm on a wire, of those that are numbers."""
        return max((amount for amount in self.amounts.values() if isfinite(amount)), default=0.0)

    def _amount(self, wire: Wire, norms: Norms, place: str) -> float | None:
        """Return the norm of what comes back over a wire; between blocks it stands for all wires that it hides."""
        source, layer = place + wire.source, place + wire.layer
        report = self._session.whole.report
        if source in report.layers and layer in report.layers:
            return norms.get((source, layer, wire.port))
        output = place + wire.reference
        output = report.block_outputs.get(output, output)
        inside = f"{layer}/"
        squares = [
            norm * norm
            for (start, end, _), norm in norms.items()
            if start == output and (end == layer or end.startswith(inside))
        ]
        return sqrt(sum(squares)) if squares else None


class WireLegend(QFrame):
    """Says which norm a thickness stands for."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        theme.mark(self, "role", "card")
        self._most = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setFont(theme.font(11))
        self.setToolTip("‖∂loss/∂x‖ of what goes over a wire, for one sample; the root of the mean square")
        self.hide()

    @property
    def rows(self) -> list[tuple[int, str]]:
        """Thicknesses, by their numbers, with what they stand for, from the largest on."""
        if not self._most:
            return [(0, "no gradient")]
        steps = [(FLOWS - 1 - 2 * decade, norm_text(self._most / 10**decade)) for decade in range((FLOWS + 1) // 2)]
        return [*steps[:-1], (steps[-1][0], f"{steps[-1][1]} or less"), (0, "0: none")]

    def show_scale(self, most: float) -> None:
        """Say what thicknesses stand for where the thickest is some norm."""
        self._most = most
        self.setAccessibleName("Gradient on wires")
        self.setAccessibleDescription("; ".join(words for _, words in self.rows))
        self.adjustSize()
        self.show()
        self.raise_()
        self.update()

    def sizeHint(self) -> QSize:
        wide = max(self.fontMetrics().horizontalAdvance(words) for _, words in self.rows)
        return QSize(LINE_PX + 30 + wide, ROW_PX * len(self.rows) + 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, (number, words) in enumerate(self.rows):
            y = 6 + (place + 0.5) * ROW_PX
            painter.setPen(canvas_style().flows[number][0])
            painter.drawLine(QPointF(10, y), QPointF(10 + LINE_PX, y))
            painter.setPen(QColor(theme.current().text))
            room = QRectF(LINE_PX + 20, y - ROW_PX / 2, self.width() - LINE_PX - 20, ROW_PX)
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, words)
        painter.end()


def level(amount: float, most: float) -> int:
    """Return how thick a wire is: two steps for each power of ten, and 0 where nothing comes back.

    >>> [level(amount, 1.0) for amount in (1.0, 0.3, 0.1, 0.01, 1e-9, 0.0)]
    [7, 6, 5, 3, 1, 0]
    """
    if amount == 0 or most == 0:
        return 0
    if not isfinite(amount):
        return FLOWS - 1
    return max(1, FLOWS - 1 - max(0, ceil(2 * log10(most / amount) - 0.5)))


def norm_text(norm: float) -> str:
    """Write a norm in two digits.

    >>> norm_text(0.0312), norm_text(3.1e-7), norm_text(0.0)
    ('0.031', '3.1e−07', '0')
    """
    return f"{norm:.2g}".replace("-", "−")
