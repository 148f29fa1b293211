"""How a kernel is laid out in cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from designer.views.mosaic_view import Place

MOST_CHANNELS = 16
"""Rows of input channels shown at a time."""

Kernel = NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What of a kernel is drawn, and how.

    Attributes
    ----------
    cells : array
        (n, H, W) of weights, or (n, H, W, RGB) of colours between 0 and 1.
    columns : int or None
        How many cells stand side by side; None to fit the room.
    """

    cells: NDArray[np.floating]
    columns: int | None = None


@dataclass(frozen=True, slots=True)
class Filmed:
    """A kernel as it is pictured at one moment after the other.

    Attributes
    ----------
    layer : str
    shape : tuple of int
        Of the kernel in weights files.
    form : tuple of int
        As it is drawn: (F, F, C, K) where it is a bank of filters.
    is_bank : bool
    in_colour : bool
        Whether its three channels are red, green and blue.
    """

    layer: str
    shape: tuple[int, ...]
    form: tuple[int, ...]
    is_bank: bool
    in_colour: bool

    @property
    def name(self) -> str:
        """The name of the kernel in weights files."""
        return f"{self.layer}/kernel"

    @property
    def words(self) -> str:
        """What is pictured of it.

        >>> Filmed("conv2", (5, 5, 6, 16), (5, 5, 6, 16), is_bank=True, in_colour=False).words
        'filters of conv2, channel 1 of 6'
        """
        if not self.is_bank:
            return f"weights of {self.layer}"
        channel = f", channel 1 of {self.form[2]}" if self.form[2] > 1 and not self.in_colour else ""
        return f"filters of {self.layer}{channel}"


def sheet_of(kernel: Kernel, filters: bool, first: int = 0) -> Sheet:
    """Lay out a kernel for the mosaic.

    Parameters
    ----------
    kernel : array
        (F, F, C, K) for filters, otherwise anything with its outputs last.
    filters : bool
    first : int
        The first input channel that is shown.

    Returns
    -------
    Sheet
        One cell for each filter, or for each of up to `MOST_CHANNELS` channels (rows) and each filter (columns); for a
        matrix one cell, with its longer side across.
    """
    if not filters:
        matrix = kernel.reshape(-1, kernel.shape[-1])  # (inputs, outputs)
        return Sheet((matrix if _is_wide(matrix) else matrix.T)[None])
    high, wide, depth, n = kernel.shape
    shown = kernel[:, :, first : first + MOST_CHANNELS]
    cells = shown.transpose(2, 3, 0, 1).reshape(-1, high, wide)  # (F, F, C, K) -> (C·K, F, F)
    return Sheet(cells, None if depth == 1 else n)


def matrix_place(matrix: Kernel, place: Place) -> tuple[int, int]:
    """Return the input and the output at a place in the one cell that shows a matrix (inputs, outputs)."""
    return (place[1], place[2]) if _is_wide(matrix) else (place[2], place[1])


def _is_wide(matrix: Kernel) -> bool:
    return matrix.shape[1] >= matrix.shape[0]


def colour_cells(kernel: Kernel, limit: float) -> NDArray[np.uint8]:
    """Show the three channels of each filter as red, green and blue; 0 is the middle grey: -> (K, F, F, RGBA)."""
    rgb = kernel.transpose(3, 0, 1, 2) * (0.5 / limit) + 0.5
    finite = np.nan_to_num(rgb, nan=1.0, posinf=1.0, neginf=0.0)
    cells = np.full((*rgb.shape[:3], 4), 255, np.uint8)
    cells[..., :3] = np.clip(finite * 255, 0, 255).round()
    return cells
