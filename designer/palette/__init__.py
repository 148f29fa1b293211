"""The left column: layers to drag onto the canvas, and templates."""

from designer.palette.adding import add_after_selection
from designer.palette.palette import Palette

__all__ = ["Palette", "add_after_selection"]
