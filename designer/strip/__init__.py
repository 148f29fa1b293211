"""The network as one row of small cards, for when something else has the room."""

from designer.strip.strip import Strip
from designer.strip.words import Word

__all__ = ["Strip", "Word"]
