"""The document as a tree."""

from designer.outline.panel import OutlinePanel

__all__ = ["OutlinePanel"]
