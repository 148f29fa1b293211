"""What a wire, or a new layer, would give at each port that it may be led to, shown there while it is dragged."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QObject, QPointF, QRectF, QTimer, Slot
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from designer.canvas.drawing.canvas_style import canvas_style
from designer.canvas.drawing.node import Node
from designer.canvas.gestures.stage import Stage
from designer.session.edit_preview import EditPreview

_LINE = 15
_PAD = 6
_GAP = 4
_ERROR = "error"
"""The mouse over the layer says which."""
MOST = 60
"""So many are shown at most of those in sight; more could not be read."""


class Chip(QGraphicsItem):
    """A few lines beside a layer."""

    def __init__(self, node: Node, found: EditPreview, seen: QRectF, *, at_outputs: bool) -> None:
        super().__init__()
        self.id = node.id
        self.found = found
        metrics = QFontMetricsF(canvas_style().small_font)
        self.lines = [_ERROR] if found.refused else _brief(found.lines)
        width = max(map(metrics.horizontalAdvance, self.lines)) + 2 * _PAD
        self._rect = QRectF(0, 0, width, _LINE * len(self.lines) + _PAD)
        height = self._rect.height()
        if node.direction == "down":
            x = node.rect.right() + _GAP
            y = (node.out_point() if at_outputs else node.in_point(0)).y() - height / 2
        else:
            x = (node.out_point().x() if at_outputs else node.rect.center().x()) - width / 2
            below = node.content.pill  # cards beside it have theirs above
            y = node.rect.bottom() + _GAP if below else node.rect.top() - height - _GAP
        self.setPos(max(seen.left() + _GAP, min(x, seen.right() - width - _GAP)), y)
        self.setZValue(4)

    def boundingRect(self) -> QRectF:
        return self._rect.adjusted(-1, -1, 1, 1)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        style, refused = canvas_style(), self.found.refused
        painter.setPen(style.refused if refused else style.port_legal)
        painter.setBrush(style.card)
        painter.drawRoundedRect(self._rect, 3, 3)
        painter.setFont(style.small_font)
        painter.setPen(style.error_text if refused else style.text)
        for i, line in enumerate(self.lines):
            painter.drawText(QPointF(_PAD, _LINE * (i + 1)), line)


def _brief(lines: Sequence[str]) -> list[str]:
    """Return shape, parameters and MACs a line each, so that chips of neighbours have room beside each other."""
    shape, *costs = lines
    return [shape.removeprefix("would give "), *(cost for line in costs for cost in line.split(" · "))]


class PortPreviews(QObject):
    """Finds out one after the other what would come of each, so that the mouse never waits.

    Parameters
    ----------
    seen : callable
        Gives the layers in sight to which it may be led, those that matter most first; asked again when the view moves.
    ask : callable
        Says what would come of leading it to a layer; None where nothing is to be said.
    at_outputs : bool
        Whether it is led to their outputs, and not to their inputs.
    """

    def __init__(
        self,
        seen: Callable[[], Sequence[Node]],
        ask: Callable[[Node], EditPreview | None],
        view: Stage,
        *,
        at_outputs: bool = False,
    ) -> None:
        super().__init__(view.drawing)
        self._view, self._at_outputs = view, at_outputs
        self._seen, self._ask = seen, ask
        self._asked: set[str] = set()
        self._waiting: Iterator[Node] = iter(())
        self.chips: list[Chip] = []
        self._timer = QTimer(self, interval=0)
        self._timer.timeout.connect(self._next)
        view.looked.connect(self._look)
        self._look()

    @Slot()
    def _look(self) -> None:
        self._waiting = iter([node for node in self._seen()[:MOST] if node.id not in self._asked])
        self._timer.start()

    @Slot()
    def _next(self) -> None:
        node = next(self._waiting, None)
        if node is None:
            self._timer.stop()
            return
        self._asked.add(node.id)
        found, scene = self._ask(node), node.scene()
        if found is not None and found.lines and scene is not None:
            self.chips.append(chip := Chip(node, found, self._view.visible_rect(), at_outputs=self._at_outputs))
            scene.addItem(chip)

    def end(self) -> None:
        """Take everything away."""
        self._timer.stop()
        self._view.looked.disconnect(self._look)
        for chip in self.chips:
            if (scene := chip.scene()) is not None:
                scene.removeItem(chip)
        self.chips = []
        self.deleteLater()
