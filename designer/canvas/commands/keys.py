"""What keys do while the canvas has the focus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import cast

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent

from designer.canvas.canvas import Canvas
from designer.canvas.commands.arrow_keys import Direction, step
from designer.canvas.commands.selection import connect_selected, delete_selection
from designer.canvas.gestures.move import Nudge
from designer.canvas.gestures.noting import StretchNote

_STEP = 8

_ARROWS: Mapping[Qt.Key, tuple[Direction, float, float]] = {
    Qt.Key.Key_Left: ("left", -_STEP, 0),
    Qt.Key.Key_Right: ("right", _STEP, 0),
    Qt.Key.Key_Up: ("up", 0, -_STEP),
    Qt.Key.Key_Down: ("down", 0, _STEP),
}

_KEYS: Mapping[tuple[Qt.Key, bool], Callable[[Canvas], None]] = {
    (Qt.Key.Key_Delete, False): delete_selection,
    (Qt.Key.Key_Backspace, False): delete_selection,
    (Qt.Key.Key_A, True): Canvas.select_all,
    (Qt.Key.Key_Home, False): Canvas.fit,
    (Qt.Key.Key_F, False): Canvas.fit,
    (Qt.Key.Key_C, False): connect_selected,
    (Qt.Key.Key_F2, False): Canvas.rename_selected,
    (Qt.Key.Key_Return, False): Canvas.enter,
    (Qt.Key.Key_Enter, False): Canvas.enter,
    (Qt.Key.Key_Plus, True): Canvas.zoom_in,
    (Qt.Key.Key_Equal, True): Canvas.zoom_in,
    (Qt.Key.Key_Minus, True): Canvas.zoom_out,
    (Qt.Key.Key_0, True): Canvas.zoom_reset,
    (Qt.Key.Key_Escape, False): Canvas.deselect,
}
"""What each key does; the second part says whether Ctrl is held."""


class CanvasKeys(QObject):
    """Does what keys mean to a canvas, as long as the canvas lives."""

    def __init__(self, canvas: Canvas) -> None:
        super().__init__(canvas)
        canvas.view.key_pressed.connect(self._press)

    @Slot(object)
    def _press(self, event: QKeyEvent) -> None:
        """Do what a key means, if it means anything."""
        canvas = cast(Canvas, self.parent())  # kept here, it would be part of a cycle, and die when one is collected
        key = Qt.Key(event.key())
        ctrl = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if event.modifiers() & Qt.KeyboardModifier.AltModifier:
            return
        if key in _ARROWS:
            direction, dx, dy = _ARROWS[key]
            shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            if ctrl and shift:
                _stretch(canvas, dx, dy)
            elif ctrl:
                _nudge(canvas, dx, dy)
            else:
                _walk(canvas, direction, extend=shift)
        elif (key, ctrl) in _KEYS:
            _KEYS[key, ctrl](canvas)
        else:
            return
        event.accept()


def _walk(canvas: Canvas, direction: Direction, *, extend: bool) -> None:
    """Select the next layer along a wire."""
    if not canvas.scene.nodes:
        return
    selection = canvas.session.selection
    goal = step(canvas.scene, selection[-1], direction) if selection else next(iter(canvas.scene.nodes))
    if goal is None:
        return
    canvas.view.selection.select([*(id for id in selection if id != goal), goal] if extend else [goal])
    canvas.view.ensureVisible(canvas.scene.nodes[goal].rect, 40, 40)


def _nudge(canvas: Canvas, dx: float, dy: float) -> None:
    """Move what is selected by a step, until Ctrl is let go."""
    if not canvas.session.selection and not canvas.view.selection.notes:
        return
    gesture = canvas.view.gesture
    if not isinstance(gesture, Nudge):
        gesture = Nudge(canvas.view)
        canvas.view.begin(gesture, canvas.view.pointer_in_the_middle())
    gesture.step(dx, dy)


def _stretch(canvas: Canvas, dx: float, dy: float) -> None:
    """Make the selected note larger or smaller by a step, until Ctrl is let go."""
    if len(canvas.view.selection.notes) != 1:
        return
    gesture = canvas.view.gesture
    if not isinstance(gesture, StretchNote):
        (key,) = canvas.view.selection.notes
        gesture = StretchNote(canvas.view, canvas.scene.notes.items[key])
        canvas.view.begin(gesture, canvas.view.pointer_in_the_middle())
    gesture.step(dx, dy)
