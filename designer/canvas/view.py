"""The way from mouse, keys and drags to gestures."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QCursor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
)
from PySide6.QtWidgets import QWidget

from core.graph.values import Position
from designer.canvas.drawing.node import Node
from designer.canvas.drawing.notes import NoteItem
from designer.canvas.drawing.painting import SKETCH
from designer.canvas.drawing.paper import Paper
from designer.canvas.drawing.scene import Scene
from designer.canvas.drawing.tips import tip, wire_tip
from designer.canvas.gestures.band import Band
from designer.canvas.gestures.gesture import Gesture, Pointer
from designer.canvas.gestures.move import Move
from designer.canvas.gestures.noting import MoveNote, Reroute, ResizeNote
from designer.canvas.gestures.palette_drag import PaletteDrag
from designer.canvas.gestures.pan import Pan
from designer.canvas.gestures.selection import Selection
from designer.canvas.gestures.wiring import Wiring
from designer.session import Drawn
from designer.session.mime import dragged_kind
from designer.theme import RichTip

PORT_PX = 10
"""How near a press must be to a port, and how near to a wire, to mean it."""
WIRE_PX = 7
_EDGE_PX = 24


class CanvasView(Paper):
    """Shows a scene and turns events into gestures; one at a time.

    Parameters
    ----------
    session : Drawn
    drawing : Scene
    """

    began = Signal()
    """A gesture is about to take hold of something."""
    said = Signal(str)
    """A sentence for the status bar; "" when there is nothing to say any more."""
    key_pressed = Signal(object)
    """A key that no gesture wants."""
    rename_asked = Signal(str)
    """The user double-clicked a layer's name."""
    menu_asked = Signal(QPoint)
    """The user wants a menu for what is selected; carries where on the screen."""
    add_asked = Signal(QPoint)
    """The user double-clicked where no layer is; carries where in the view."""
    open_asked = Signal(str)
    """The user double-clicked a block."""
    words_asked = Signal(object)
    """The user double-clicked a note; carries its item."""
    focus_changed = Signal()

    def __init__(self, session: Drawn, drawing: Scene, parent: QWidget | None = None) -> None:
        super().__init__(drawing, parent)
        self.session = session
        self.drawing = drawing
        self.saying = ""
        self.selection = Selection(session, drawing)
        self.gesture: Gesture | None = None
        self.rich_tip = RichTip(self.viewport())
        self._space = False
        self._hovered: Node | None = None
        self._last = Pointer(QPointF(), QPoint(), Qt.KeyboardModifier.NoModifier)
        self._scrolling = QTimer(self, interval=16)
        self._scrolling.timeout.connect(self._scroll_at_edge)
        self.looked.connect(self._keep_up)
        self.setAcceptDrops(True)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def places_to_keep(self) -> dict[str, Position]:
        """Return where layers are shown that the document gives no place: a gesture that places one writes them all."""
        known = self.session.document.layout.positions
        return {id: place for id, place in self.drawing.places().items() if id not in known}

    def say(self, sentence: str) -> None:
        """Tell the status bar something."""
        if sentence != self.saying:
            self.saying = sentence
            self.said.emit(sentence)

    # --- Gestures ----------------------------------------------------------------------------------------------------

    def begin(self, gesture: Gesture, at: Pointer) -> None:
        """Start a gesture; one that is under way is given up."""
        self.give_up()
        self._hover(None)
        self.began.emit()
        self.gesture = gesture
        if gesture.cursor is not None:
            self.viewport().setCursor(gesture.cursor)
        gesture.press(at)

    def finish(self, at: Pointer) -> None:
        """Let the gesture that is under way do what it showed."""
        gesture = self._release()
        if gesture is not None:
            gesture.commit(at)

    def give_up(self) -> bool:
        """Take the gesture that is under way back; says whether there was one."""
        gesture = self._release()
        if gesture is not None:
            gesture.cancel()
        return gesture is not None

    def _release(self) -> Gesture | None:
        gesture, self.gesture = self.gesture, None
        self._scrolling.stop()
        if self._space:
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.viewport().unsetCursor()
        return gesture

    def _pointer(self, at: QPoint, modifiers: Qt.KeyboardModifier) -> Pointer:
        self._last = Pointer(self.viewportTransform().inverted()[0].map(QPointF(at)), at, modifiers)
        return self._last

    def under_mouse(self) -> QPointF | None:
        """Return where the mouse is in the drawing, if it is over it."""
        at = self.viewport().mapFromGlobal(QCursor.pos())
        return self.mapToScene(at) if self.isVisible() and self.viewport().rect().contains(at) else None

    def pointer_in_the_middle(self) -> Pointer:
        """Return where gestures of the keyboard take place."""
        centre = self.viewport().rect().center()
        return Pointer(self.mapToScene(centre), centre, Qt.KeyboardModifier.NoModifier)

    def _gesture_at(self, at: Pointer) -> Gesture | None:
        """Decide what a press of the left button begins."""
        if self._space:
            return Pan(self)
        if self.zoom >= SKETCH:
            port = self.drawing.port_at(at.scene, PORT_PX / self.zoom)
            if port is not None:
                return Wiring(self, *port)
        node = self.drawing.node_at(at.scene)
        if node is not None:
            return Move(self, node)
        note = self._note_at(at)
        wire = self.drawing.wires_at(at.scene, WIRE_PX / self.zoom)
        if wire is not None and note is None:
            return Reroute(self, wire, PORT_PX / self.zoom)
        if note is None:
            return Band(self)
        return ResizeNote(self, note) if note.corner.contains(at.scene) else MoveNote(self, note)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        at = self._pointer(event.position().toPoint(), event.modifiers())
        self.say("")
        if event.button() == Qt.MouseButton.MiddleButton:
            self.begin(Pan(self), at)
        elif event.button() == Qt.MouseButton.LeftButton:
            self.give_up()
            gesture = self._gesture_at(at)
            if gesture is not None:
                self.begin(gesture, at)
        else:
            self.give_up()
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = self._pointer(event.position().toPoint(), event.modifiers())
        if self.gesture is None:
            self._hover(at)
            return
        self.gesture.drag(at)
        self._watch_edges(at)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not event.buttons() & (Qt.MouseButton.LeftButton | Qt.MouseButton.MiddleButton):
            self.finish(self._pointer(event.position().toPoint(), event.modifiers()))
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        at = self._pointer(event.position().toPoint(), event.modifiers())
        node = self.drawing.node_at(at.scene)
        if event.button() == Qt.MouseButton.LeftButton and node is not None and node.name_rect.contains(at.scene):
            self.give_up()
            self.rename_asked.emit(node.id)
        elif event.button() == Qt.MouseButton.LeftButton and node is not None and node.content.stacked:
            self.give_up()
            self.open_asked.emit(node.id)
        elif event.button() == Qt.MouseButton.LeftButton and node is None and self._note_at(at) is not None:
            self.give_up()
            self.words_asked.emit(self._note_at(at))
        elif event.button() == Qt.MouseButton.LeftButton and node is None:
            self.give_up()
            self.add_asked.emit(at.view)
        else:
            self.mousePressEvent(event)
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Select what is under the mouse, unless it is, and ask for a menu."""
        self.give_up()
        if event.reason() == QContextMenuEvent.Reason.Mouse:
            at = self._pointer(event.pos(), event.modifiers())
            node = self.drawing.node_at(at.scene)
            wire = None if node is not None else self.drawing.wires_at(at.scene, WIRE_PX / self.zoom)
            if node is not None and node.id not in self.session.selection:
                self.selection.select([node.id])
            elif node is None and (note := self._note_at(at)) is not None:
                self.selection.select_notes([note.key])
            elif node is None:
                self.selection.select(())
                self.selection.choose_wires(() if wire is None else [wire.key])
        self.menu_asked.emit(event.globalPos())
        event.accept()

    def _note_at(self, at: Pointer) -> NoteItem | None:
        """Return the note at a point, where no wire runs over a frame's title there."""
        note = self.drawing.notes.at(at.scene)
        over = note is not None and note.is_frame and self.drawing.wires_at(at.scene, WIRE_PX / self.zoom) is not None
        return None if over else note

    def _hover(self, at: Pointer | None) -> None:
        """Show what is under the mouse."""
        node = None if at is None else self.drawing.node_at(at.scene)
        port = None if at is None or self.zoom < SKETCH else self.drawing.port_at(at.scene, PORT_PX / self.zoom)
        node = node if port is None else port[0]
        note = None if at is None or node is not None else self._note_at(at)
        if node is not self._hovered:
            for changed, hovered in ((self._hovered, False), (node, True)):
                if changed is not None and changed.scene() is not None:
                    changed.set_hovered(hovered)
            self._hovered = node
        if at is None or self._space:
            return
        if port is not None:
            self.viewport().setCursor(Qt.CursorShape.CrossCursor)
        elif note is not None and note.corner.contains(at.scene):
            self.viewport().setCursor(Qt.CursorShape.SizeFDiagCursor)
        else:
            self.viewport().unsetCursor()

    def _keep_up(self) -> None:
        """Let what is dragged stay under the mouse while the drawing moves below it."""
        if self.gesture is not None and self.gesture.follows_view and self.gesture.dragged:
            self.gesture.update(self._pointer(self._last.view, self._last.modifiers))

    def _watch_edges(self, at: Pointer) -> None:
        inside = self.viewport().rect().adjusted(_EDGE_PX, _EDGE_PX, -_EDGE_PX, -_EDGE_PX).contains(at.view)
        if self.gesture is not None and self.gesture.follows_view and self.gesture.dragged and not inside:
            self._scrolling.start()
        else:
            self._scrolling.stop()

    def _scroll_at_edge(self) -> None:
        if self.gesture is None:
            self._scrolling.stop()
            return
        rect, at = self.viewport().rect(), self._last.view
        dx = min(0, at.x() - _EDGE_PX) + max(0, at.x() - rect.right() + _EDGE_PX)
        dy = min(0, at.y() - _EDGE_PX) + max(0, at.y() - rect.bottom() + _EDGE_PX)
        self.scroll_by(QPoint(max(-24, min(24, dx)), max(-24, min(24, dy))))

    # --- Tips and keys -----------------------------------------------------------------------------------------------

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._show_tip(event)
            return True
        if event.type() == QEvent.Type.Leave and self.gesture is None:
            self._hover(None)
        return super().viewportEvent(event)

    def _show_tip(self, event: QHelpEvent) -> None:
        point = self.viewportTransform().inverted()[0].map(QPointF(event.pos()))
        node = None if self.gesture is not None else self.drawing.node_at(point)
        wire = (
            None if node is not None or self.gesture is not None else self.drawing.wires_at(point, WIRE_PX / self.zoom)
        )
        html = "" if node is None else tip(node.content, self.session.report)
        self.rich_tip.show_html(event.globalPos(), html if wire is None else wire_tip(wire))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.give_up():
            return
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat() and self.gesture is None:
            self._space = True
            self.viewport().setCursor(Qt.CursorShape.OpenHandCursor)
            return
        event.ignore()
        self.key_pressed.emit(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._space = False
            if self.gesture is None:
                self.viewport().unsetCursor()
        elif event.key() == Qt.Key.Key_Control and self.gesture is not None and not self.gesture.held_by_mouse:
            self.finish(self._last)
        else:
            event.ignore()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._space = False
        if self.gesture is not None and not self.gesture.held_by_mouse:
            self.finish(self._last)
        self.focus_changed.emit()

    # --- Drag and drop -----------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        kind = dragged_kind(event.mimeData())
        if kind is None:
            event.ignore()
            return
        self.begin(PaletteDrag(self, kind), self._pointer(event.position().toPoint(), event.modifiers()))
        event.acceptProposedAction()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if not isinstance(self.gesture, PaletteDrag):
            event.ignore()
            return
        at = self._pointer(event.position().toPoint(), event.modifiers())
        self.gesture.update(at)
        self._watch_edges(at)
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        if isinstance(self.gesture, PaletteDrag):
            self.give_up()
        event.accept()

    def dropEvent(self, event: QDropEvent) -> None:
        if not isinstance(self.gesture, PaletteDrag):
            event.ignore()
            return
        self.finish(self._pointer(event.position().toPoint(), event.modifiers()))
        event.acceptProposedAction()
        self.setFocus()
