"""The drawing surface: the document's layers as cards and pills on wires, and every gesture that changes them."""

from designer.canvas.canvas import Canvas

__all__ = ["Canvas"]
