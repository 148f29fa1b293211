"""Turning images that lie on their side."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import numpy as np

from core.declare import hyper
from core.preprocessing.step import Array, Batch, Preprocessing
from core.shapes import Shape
from core.text import shape_text


class Turn(Preprocessing):
    """Turns images by quarters anticlockwise, then swaps rows and columns, then left and right.

    The images of EMNIST are transposed: `{"kind": "Turn", "transpose": true}` puts them upright.
    """

    needs_images: ClassVar[bool] = True

    turns: int = hyper(0, ge=0, le=3, help="Quarter turns anticlockwise.")
    transpose: bool = hyper(False, help="Whether rows and columns are swapped.")
    mirror: bool = hyper(False, help="Whether left and right are swapped.")

    def refusal(self, shape: Shape) -> str:
        """Say that an image would no longer fit."""
        if said := super().refusal(shape):
            return said
        lies = self.turns % 2 == 1
        if lies != self.transpose and shape[0] != shape[1]:
            return (
                f"Turn makes rows of columns, but an image of {shape_text(shape)} would then not fit the network's "
                "Input. Make the Input square."
            )
        return ""

    def apply(self, x: Batch, arrays: Mapping[str, Array]) -> Batch:
        """Turn images."""
        x = np.rot90(x, self.turns, axes=(1, 2))
        x = x.swapaxes(1, 2) if self.transpose else x
        return np.ascontiguousarray(x[:, :, ::-1] if self.mirror else x)
