"""A standing as a file: all that a training needs to go on to the same bits, as plain arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import DataError
from core.io.arrays import Arrays, load_arrays
from core.io.failures import shown
from core.learning.stopping import Figures
from core.text import listing
from core.training.best import Best
from core.training.standing import Place, Standing

Array = NDArray[Any]

_MOST_COUNTED = 2**53
_OTHER_BYTES = 256 << 20
"""What place, history and preprocessing may take beside the weights."""
_SCALARS: dict[str, int | float] = {
    field.name: field.default for field in fields(Place) if isinstance(field.default, int | float)
}
"""The parts of a place that are numbers, with what they are at first."""


def standing_arrays(standing: Standing) -> dict[str, Array]:
    """Return what a file of a standing holds: `weights/…`, `moments/<i>/…`, the parts of its place, and the best epoch.

    `order` is what decides the order of samples and how far it is gone through: seed, epoch, and samples seen.
    `history` has a row for each epoch, with NaN for what was not measured. The best epoch's weights, `best/weights/…`,
    are left out where they are those of the standing.
    """
    place, best = standing.place, standing.best
    arrays = {name: np.array(getattr(place, name)) for name in _SCALARS}
    arrays["history"] = _rows(place.history)
    arrays["order"] = np.array([standing.training.settings.seed, place.epochs + 1, place.seen])
    arrays |= {f"weights/{name}": array for name, array in standing.weights.items()}
    for i, moment in enumerate(standing.moments):
        arrays |= {f"moments/{i}/{name}": array for name, array in moment.items()}
    if best is not None:
        arrays |= {"best/epoch": np.array(best.epoch), "best/figures": _rows((best.figures,))}
        if best.epoch != place.epochs or place.seen:
            arrays |= {f"best/weights/{name}": array for name, array in best.weights.items()}
    return arrays


def read_standing(path: Path, shapes: Mapping[str, tuple[int, ...]]) -> Standing:
    """Read a standing back, without its settings, which are in the record, and the preprocessing.

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
    return Standing(weights, tuple(moments), _place(path, arrays), best=_best(path, arrays, weights))


def _below(prefix: str, arrays: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    for name, array in arrays.items():
        if name.startswith(prefix):
            yield name.removeprefix(prefix), array


def _require_shapes(path: Path, arrays: Mapping[str, Array], shapes: Mapping[str, tuple[int, ...]]) -> None:
    held = dict(_below("weights/", arrays))
    wrong = sorted(held.keys() ^ shapes.keys())
    best = dict(_below("best/weights/", arrays))
    wrong += sorted(best.keys() ^ shapes.keys()) if best else []
    wrong += [name for name, shape in shapes.items() if name in held and held[name].shape != shape]
    for name, array in arrays.items():
        if name.startswith(("moments/", "best/weights/")):
            of = name.split("/", 2)[-1]
            wrong += [name] if shapes.get(of) != array.shape else []
    if wrong:
        more = [f"{len(wrong) - 3} others"] if len(wrong) > 3 else []
        raise DataError(f"{shown(path)} is damaged or of another network: {listing([*wrong[:3], *more])} differ.")


def _place(path: Path, arrays: Mapping[str, Array]) -> Place:
    """Read the place, of which nothing may be negative, NaN or beyond what can be counted."""
    values: dict[str, Any] = {}
    for name, default in _SCALARS.items():
        array = arrays.get(name, np.array(default))  # an earlier version may not have counted it
        value = array.item() if array.shape == () else None
        if value is None or not (0 <= value < _MOST_COUNTED):
            raise DataError(f"{shown(path)} is damaged: its {name} is no number of steps, samples or seconds.")
        values[name] = int(value) if isinstance(default, int) else float(value)
    return Place(history=_figures(path, arrays.get("history", np.empty((0, 3)))), **values)


def _best(path: Path, arrays: Mapping[str, Array], weights: Mapping[str, Array]) -> Best | None:
    epoch, rows = arrays.get("best/epoch"), arrays.get("best/figures")
    if epoch is None or rows is None:
        return None
    figures = _figures(path, rows)
    if epoch.shape != () or not 0 < epoch.item() < _MOST_COUNTED or len(figures) != 1:
        raise DataError(f"{shown(path)} is damaged: it doesn't say which epoch was the best.")
    return Best(int(epoch.item()), figures[0], dict(_below("best/weights/", arrays)) or weights)


def _rows(history: Iterable[Figures]) -> Array:
    rows = [[np.nan if value is None else value for value in figures] for figures in history]
    return np.array(rows, dtype=float).reshape(-1, len(Figures._fields))


def _figures(path: Path, rows: Array) -> tuple[Figures, ...]:
    if rows.ndim != 2 or rows.shape[1] != len(Figures._fields):
        raise DataError(f"{shown(path)} is damaged: what was measured after its epochs is no table of three columns.")
    values = [[None if np.isnan(value) else float(value) for value in row] for row in rows]
    return tuple(Figures(train or 0.0, loss, accuracy) for train, loss, accuracy in values)
