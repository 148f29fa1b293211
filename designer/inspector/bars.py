"""Horizontal bars by layer: where the memory is, and where the parameters are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from core.analysis.report import Report
from core.graph.values import Graph
from core.layers import Kind
from core.text import brief_number, bytes_text, counted
from designer import theme
from designer.layer_facts import sums
from designer.pictures import Keeping, Numbers, table_of

MOST_BARS = 12
_ROW_PX = 20
_HEAD_PX = 24
_NAME_PX = 88
_VALUE_PX = 68
_GAP_PX = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """One layer's share; `layer` is empty for the sum of those that are not shown."""

    layer: str
    name: str
    value: int
    text: str
    family: str | None


def layer_bars(graph: Graph, report: Report) -> tuple[list[Bar], list[Bar]]:
    """Return the bars of memory and of parameters, in the order of the data; blocks count as one layer."""
    place = {id: i for i, id in enumerate(report.layers)}
    memory, parameters = [], []
    for layer in graph.layers:
        found = report.of(layer.id)
        if found is None:
            continue
        n_parameters, _, n_bytes = sums(report.inside(layer.id))
        family = layer.spec.family if isinstance(layer.spec, Kind) else None
        order = place[found.id]
        if n_bytes:
            memory.append((order, Bar(layer.id, layer.id, n_bytes, bytes_text(n_bytes), family)))
        if n_parameters:
            parameters.append((order, Bar(layer.id, layer.id, n_parameters, brief_number(n_parameters), family)))
    return _largest(memory, bytes_text), _largest(parameters, brief_number)


def _largest(bars: list[tuple[int, Bar]], text: Callable[[int], str]) -> list[Bar]:
    """Keep the largest in their order, and sum up the others."""
    if len(bars) <= MOST_BARS:
        return [bar for _, bar in sorted(bars, key=lambda placed: placed[0])]
    ranked = sorted(bars, key=lambda placed: -placed[1].value)
    kept = sorted(ranked[: MOST_BARS - 1], key=lambda placed: placed[0])
    others = [bar.value for _, bar in ranked[MOST_BARS - 1 :]]
    rest = Bar("", counted(len(others), "other"), sum(others), text(sum(others)), None)
    return [*(bar for _, bar in kept), rest]


class BarChart(QWidget):
    """A title and a bar for each layer; click one, or walk with the arrow keys and press Enter, to select its layer."""

    layer_chosen = Signal(str)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = title
        self.bars: Sequence[Bar] = ()
        self._current = -1
        self._hovered = -1
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(title)
        Keeping(self, title, self._numbers)
        theme.changed.connect(self._repaint)

    def show_bars(self, bars: Sequence[Bar]) -> None:
        """Show these bars; with none there is nothing to see."""
        if bars != self.bars:
            self.bars = bars
            self._current = min(self._current, len(bars) - 1)
            self._hovered = -1
            self.setAccessibleDescription(", ".join(f"{bar.name} {bar.text}" for bar in bars))
            self.updateGeometry()
            self.update()
        self.setVisible(bool(bars))

    def _numbers(self) -> Numbers | None:
        return table_of(("layer", self.title), [(bar.name, bar.value) for bar in self.bars])

    def sizeHint(self) -> QSize:
        return QSize(248, _HEAD_PX + _ROW_PX * len(self.bars))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def bar_rect(self, row: int) -> QRect:
        """Return the area of a bar with its name and value."""
        return QRect(0, _HEAD_PX + row * _ROW_PX, self.width(), _ROW_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme.current()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        right = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        painter.setFont(theme.font(13, 600))
        painter.setPen(QColor(look.text))
        painter.drawText(QRect(0, 0, self.width(), _HEAD_PX - 4), left, self.title)
        font = theme.font(12)
        painter.setFont(font)
        metrics = QFontMetrics(font)
        largest = max((bar.value for bar in self.bars), default=1)
        room = self.width() - _NAME_PX - _VALUE_PX - 2 * _GAP_PX
        for row, bar in enumerate(self.bars):
            area = self.bar_rect(row)
            if row == self._hovered or (row == self._current and self.hasFocus()):
                painter.setPen(
                    QPen(QColor(look.accent), 1) if row == self._current and self.hasFocus() else Qt.PenStyle.NoPen
                )
                painter.setBrush(QColor(look.hover))
                painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
            painter.setPen(QColor(look.muted if not bar.layer else look.text))
            name = metrics.elidedText(bar.name, Qt.TextElideMode.ElideMiddle, _NAME_PX)
            painter.drawText(area.adjusted(4, 0, 0, 0), left, name)
            painter.setPen(QColor(look.muted))
            painter.drawText(area.adjusted(0, 0, -4, 0), right, bar.text)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(look.families[bar.family] if bar.family else look.track))
            length = max(2.0, room * bar.value / largest)
            painter.drawRoundedRect(QRectF(_NAME_PX + _GAP_PX, area.y() + 6, length, _ROW_PX - 12), 2, 2)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._row_at(event.position().toPoint().y()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(-1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        event.accept()  # the release belongs to whom took the press

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._choose(self._row_at(event.position().toPoint().y()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        match event.key():
            case Qt.Key.Key_Down | Qt.Key.Key_Up if self.bars:
                step = 1 if event.key() == Qt.Key.Key_Down else -1
                self._current = min(max(self._current + step, 0), len(self.bars) - 1)
                self.update()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter | Qt.Key.Key_Space:
                self._choose(self._current)
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._current = max(self._current, 0)
        super().focusInEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            row = self._row_at(event.pos().y())
            if row < 0:
                QToolTip.hideText()
            else:
                bar, total = self.bars[row], sum(bar.value for bar in self.bars)
                QToolTip.showText(event.globalPos(), f"{bar.name}: {bar.text}, {bar.value / total:.0%}", self)
            return True
        return super().event(event)

    def _row_at(self, y: int) -> int:
        row = (y - _HEAD_PX) // _ROW_PX
        return row if 0 <= row < len(self.bars) else -1

    def _hover(self, row: int) -> None:
        if row != self._hovered:
            self._hovered = row
            clickable = row >= 0 and bool(self.bars[row].layer)
            self.setCursor(Qt.CursorShape.PointingHandCursor if clickable else Qt.CursorShape.ArrowCursor)
            self.update()

    def _choose(self, row: int) -> None:
        if row >= 0 and self.bars[row].layer:
            self.layer_chosen.emit(self.bars[row].layer)

    @Slot()
    def _repaint(self) -> None:
        self.update()
