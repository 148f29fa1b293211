"""The strip: the network in a row 56 pixels high, with the selection that all views share."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal, Slot
from PySide6.QtGui import (
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from core.text import counted
from designer import theme
from designer.canvas.drawing.node_content import NodeContents
from designer.canvas.drawing.tips import tip
from designer.session import Drawn
from designer.strip.painting import MORE_PX, paint_card, paint_ground, paint_more, paint_wires
from designer.strip.row import HEIGHT_PX, Card, Row
from designer.strip.words import Word, frozen_words

_SIGHT = 48
"""How much of what is beside the selected layer stays in sight."""
_Key = Qt.Key


class Strip(QAbstractScrollArea):
    """Shows every layer of what is drawn as a small card, in topological order.

    A click selects, with Ctrl adds to the selection; the arrow keys go along. What is hidden is laid out when it is
    shown.
    """

    layer_opened = Signal(str)
    """Carries the layer, by its id where it is drawn, that the user wants to see on the canvas."""

    def __init__(self, session: Drawn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._contents = NodeContents()
        self._words: Mapping[str, Word] = {}
        self.row = Row()
        self._tip = theme.RichTip(self.viewport())
        self._stale = True
        self.setFixedHeight(HEIGHT_PX)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        session.document_changed.connect(self._on_document)
        session.selection_changed.connect(self._on_selection)
        theme.changed.connect(self._repaint)
        self._name()

    def set_words(self, words: Mapping[str, Word]) -> None:
        """Say what the second lines of these layers are, by their ids where they are drawn; others show their shape."""
        if words != self._words:
            self._words = words
            self._on_document()

    # --- Following the session ---------------------------------------------------------------------------------------

    @Slot(object)
    def _on_document(self, _: object = None) -> None:
        self._stale = True
        if self.isVisible():
            self._lay_out()
            self._name()

    def _lay_out(self) -> None:
        document, report = self._session.document, self._session.report
        words = {**frozen_words(document.graph, report), **self._words}
        contents = self._contents.update(document, report)
        layers = tuple({layer.id: layer for layer in document.graph.layers}.values())
        self.row = Row(layers, contents, words, self.viewport().width())
        self._stale = False
        self._set_range()
        self.viewport().update()

    def _set_range(self) -> None:
        bar = self.horizontalScrollBar()
        bar.setPageStep(self.viewport().width())
        bar.setSingleStep(_SIGHT)
        bar.setRange(0, max(0, round(self.row.width) - self.viewport().width()))

    @Slot(object)
    def _on_selection(self, _: object) -> None:
        if self.isVisible():
            self._keep_in_sight()
            self._name()
            self.viewport().update()

    def _keep_in_sight(self) -> None:
        """Scroll to what was selected last."""
        card = self.current
        if card is not None:
            bar, wide = self.horizontalScrollBar(), self.viewport().width()
            most, least = card.rect.left() - _SIGHT, card.rect.right() + _SIGHT - wide
            bar.setValue(round(min(max(bar.value(), least), most)))

    @property
    def current(self) -> Card | None:
        """The card of the layer that was selected last."""
        return next((self.row.cards[id] for id in reversed(self._session.selection) if id in self.row.cards), None)

    def _name(self) -> None:
        """Tell screen readers what is selected."""
        n_layers = counted(len(self.row.order), "layer")
        card = self.current
        if card is None:
            self.setAccessibleName(f"Network: {n_layers}")
            return
        place = self.row.order.index(card.id) + 1
        self.setAccessibleName(f"Network: {card.id}, {words_about(card)}, {place} of {n_layers}")

    @Slot()
    def _repaint(self) -> None:
        self.viewport().update()

    # --- Mouse and keys ----------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        card = self._card_at(event.position())
        if event.button() != Qt.MouseButton.LeftButton:
            return
        if (side := self._beyond(event.position().x())) != 0:
            bar = self.horizontalScrollBar()
            bar.setValue(bar.value() + side * bar.pageStep() // 2)
        elif card is None:
            self._session.select(())
        elif event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier):
            others = [id for id in self._session.selection if id != card.id]
            self._session.select([*others, *(() if card.id in self._session.selection else (card.id,))])
        else:
            self._session.select([card.id])

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        card = self._card_at(event.position()) if self._beyond(event.position().x()) == 0 else None
        if card is not None and event.button() == Qt.MouseButton.LeftButton:
            self.layer_opened.emit(card.id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        card, row, key = self.current, self.row, event.key()
        steps = {_Key.Key_Left: -1, _Key.Key_Right: 1, _Key.Key_Home: -len(row.order), _Key.Key_End: len(row.order)}
        if not row.order:
            super().keyPressEvent(event)
        elif key in steps:
            forwards = steps[_Key(key)] > 0
            self._session.select([row.beside(card.id, steps[_Key(key)]) if card else row.order[0 if forwards else -1]])
        elif key in (_Key.Key_Up, _Key.Key_Down) and card is not None:
            self._session.select([row.across(card.id, 0 if key == _Key.Key_Up else 1)])
        elif key in (_Key.Key_Return, _Key.Key_Enter) and card is not None:
            self.layer_opened.emit(card.id)
        elif key == _Key.Key_Escape and self._session.selection:
            self._session.select(())
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        moved = delta.x() or delta.y()
        self.horizontalScrollBar().setValue(self.horizontalScrollBar().value() - moved)
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent):
            card = self._card_at(QPointF(event.pos()))
            self._tip.show_html(event.globalPos(), tip(card.content, self._session.report) if card else "")
            return True
        return super().viewportEvent(event)

    def _beyond(self, x: float) -> int:
        """Say whether a place is on a sign that the row goes on there: −1 at the left, 1 at the right, 0 elsewhere."""
        bar, right = self.horizontalScrollBar(), self.viewport().width() - MORE_PX
        return int(x >= right and bar.value() < bar.maximum()) - int(x < MORE_PX and bar.value() > 0)

    def _card_at(self, at: QPointF) -> Card | None:
        return self.row.at(at + QPointF(self.horizontalScrollBar().value(), 0))

    # --- Showing -----------------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._lay_out()
        self._keep_in_sight()
        self._name()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.isVisible():
            self._lay_out()
            self._keep_in_sight()
        else:
            self._stale = True

    def scrollContentsBy(self, dx: int, dy: int) -> None:
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        bar, wide = self.horizontalScrollBar(), self.viewport().width()
        left = bar.value()
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_ground(painter, QRectF(self.viewport().rect()), focused=self.hasFocus())
        painter.translate(-left, 0)
        paint_wires(painter, self.row.wires, left, left + wide)
        chosen = set(self._session.selection)
        for card in self.row.between(left, left + wide):
            paint_card(painter, card, chosen=card.id in chosen)
        painter.translate(left, 0)
        paint_more(painter, QRectF(self.viewport().rect()), before=left > 0, after=left < bar.maximum())
        painter.end()

    def place_of(self, id: str) -> QPoint:
        """Return where the middle of a layer's card is, in the strip's own coordinates."""
        centre = self.row.cards[id].rect.center()
        return QPoint(round(centre.x()) - self.horizontalScrollBar().value(), round(centre.y()))


def words_about(card: Card) -> str:
    """Say what a layer is, what it puts out, and what else is known of it."""
    content = card.content
    said = [content.label_line, content.shape_line]
    return ", ".join([*said, *([card.word.text] if card.word.text not in said else [])])
