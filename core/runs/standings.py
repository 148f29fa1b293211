"""A standing as a file: all that a training needs to go on to the same bits, as plain arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.arrays import Arrays, load_arrays
from core.io.failures import shown
from core.text import listing
from core.training.standing import Place, Standing

Array = NDArray[Any]

_MOST_COUNTED = 2**53
_OTHER_BYTES = 1 << 20
"""What place and order may take beside the weights."""


def standing_arrays(standing: Standing) -> dict[str, Array]:
    """Return what a file of a standing holds: `weights/…`, `moments/<i>/…`, and the parts of its place.

    `order` is what decides the order of samples and how far it is gone through: seed, epoch, and samples seen.
    """
    place = standing.place
    arrays = {field.name: np.array(getattr(place, field.name)) for field in fields(place)}
    arrays["order"] = np.array([standing.training.settings.seed, place.epochs + 1, place.seen])
    arrays |= {f"weights/{name}": array for name, array in standing.weights.items()}
    for i, moment in enumerate(standing.moments):
        arrays |= {f"moments/{i}/{name}": array for name, array in moment.items()}
    return arrays


def read_standing(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> Standing:
    """Read a standing back, without its settings: the record has them.

    Parameters
    ----------
    shapes : mapping of str to shape
        The arrays that the network has: the file must hold exactly these, and no more is read than they need.

    Raises
    ------
    DataError
        If the file is missing, damaged, or of another network.
    """
    n_bytes = sum(8 * int(np.prod(shape, dtype=float)) for shape in shapes.values())

    def require(arrays: Arrays) -> None:
        if isinstance(arrays, dict):
            _require_shapes(path, arrays, shapes)

    arrays = load_arrays(path, require, 8 * n_bytes + _OTHER_BYTES)
    if not isinstance(arrays, dict):
        raise DataError(f"{shown(path)} holds one array, not where a training stands.")
    weights = dict(_below("weights/", arrays))
    moments: list[dict[str, Array]] = []
    while any(name.startswith(f"moments/{len(moments)}/") for name in arrays):
        moments.append(dict(_below(f"moments/{len(moments)}/", arrays)))
    for array in arrays.values():
        array.setflags(write=False)
    return Standing(weights, tuple(moments), _place(path, arrays))


def _below(prefix: str, arrays: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    for name, array in arrays.items():
        if name.startswith(prefix):
            yield name.removeprefix(prefix), array


def _require_shapes(path: Path, arrays: Mapping[str, Array], shapes: Mapping[str, tuple[int, ...]]) -> None:
    held = dict(_below("weights/", arrays))
    wrong = sorted(held.keys() ^ shapes.keys())
    wrong += [name for name, shape in shapes.items() if name in held and held[name].shape != shape]
    for name, array in arrays.items():
        if name.startswith("moments/"):
            of = name.split("/", 2)[-1]
            wrong += [name] if shapes.get(of) != array.shape else []
    if wrong:
        more = [f"{len(wrong) - 3} others"] if len(wrong) > 3 else []
        raise DataError(f"{shown(path)} is damaged or of another network: {listing([*wrong[:3], *more])} differ.")


def _place(path: Path, arrays: Mapping[str, Array]) -> Place:
    """Read the place, of which nothing may be negative, NaN or beyond what can be counted."""
    values: dict[str, Any] = {}
    for field in fields(Place):
        array = arrays.get(field.name, np.array(0))  # an earlier version may not have counted it
        value = array.item() if array.shape == () else None
        if value is None or not (0 <= value < _MOST_COUNTED):
            raise DataError(f"{shown(path)} is damaged: its {field.name} is no number of steps, samples or seconds.")
        values[field.name] = int(value) if isinstance(field.default, int) else float(value)
    return Place(**values)
