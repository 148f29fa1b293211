"""Code that is shown beside the canvas, and where in it each layer stands."""

from __future__ import annotations

from typing import Protocol


class LiveCode(Protocol):
    """The code of a network, layer by layer."""

    @property
    def text(self) -> str:
        """All of it."""

    def lines_of(self, id: str) -> tuple[int, ...]:
        """Return the numbers, from 1, of the lines that speak of a layer, or a use of a block, by its flattened id."""

    def layer_at(self, number: int) -> str | None:
        """Return the layer that a line speaks of, by its id in the flattened graph."""
