"""The document as a tree."""

from designer.outline.outline_panel import OutlinePanel

__all__ = ["OutlinePanel"]
