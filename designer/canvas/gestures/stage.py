"""What a gesture may ask of the view that it takes place on."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QPoint, QRectF, SignalInstance
from PySide6.QtWidgets import QWidget

from core.graph.values import Position
from designer.canvas.drawing.scene import Scene
from designer.canvas.gestures.selection import Selection
from designer.session import Drawn


class Stage(Protocol):
    """The canvas as gestures see it; `designer.canvas.view.CanvasView` is one.

    Attributes
    ----------
    session : Drawn
        Takes the edit that a gesture ends with.
    drawing : Scene
        Shows what the edit would lead to until then.
    selection : Selection
    saying : str
        The sentence that the status bar shows for the canvas; "" for none.
    """

    session: Drawn
    drawing: Scene
    selection: Selection
    saying: str

    @property
    def zoom(self) -> float:
        """Pixels on the screen for one of the drawing."""

    @property
    def looked(self) -> SignalInstance:
        """Emitted when another part of the drawing is visible, or its scale is another."""

    def visible_rect(self) -> QRectF:
        """Return the visible part of the drawing."""

    def viewport(self) -> QWidget:
        """Return the widget that shows the drawing, and the cursor over it."""

    def scroll_by(self, delta: QPoint) -> None:
        """Move the visible part by so many pixels of the screen."""

    def places_to_keep(self) -> dict[str, Position]:
        """Return where layers are shown that the document gives no place: a gesture that places one writes them all."""

    def say(self, sentence: str) -> None:
        """Show a sentence in the status bar; "" clears it."""
