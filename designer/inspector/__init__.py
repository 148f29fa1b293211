"""The right column: forms, facts and problems of what is selected."""

from designer.inspector.inspector import Inspector

__all__ = ["Inspector"]
