"""The ticks of a run: copies of its weights at even distances, from which the time machine goes back.

They are in half precision, which keeps three decimal digits: enough to look at, and twice as many fit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.io.weights import write_weights

FOLDER = "ticks"
PER_EPOCH = 8
"""Ticks of an epoch, as long as there are room and time."""
LEAST_SECONDS = 0.2
"""The least time between two: at ten a second, LeNet-5's would cost a twentieth of its training."""
MOST = 128
MOST_BYTES = 64 << 20
LEAST = 4
"""Where there is room for fewer, none are kept."""

_NAME = re.compile(r"(\d{8,12})\.npz")


class Ticks:
    """Says when a tick is due, and which ones go when there are too many: every second one, epochs last.

    Parameters
    ----------
    folder : Path
        Of the run.
    batches_per_epoch : int
    n_bytes : int
        What the weights take in memory.
    """

    def __init__(self, folder: Path, batches_per_epoch: int, n_bytes: int) -> None:
        self.folder = folder / FOLDER
        self._per_epoch = max(1, batches_per_epoch)
        self._most = min(MOST, MOST_BYTES // max(1, n_bytes // 2))
        self._every, self._not_before = 1, 0.0
        self._steps = sorted(ticks_of(folder))
        self._last = self._number(self._steps[-1]) if self._steps else -1

    def is_due(self, step: int) -> bool:
        """Say whether the weights after a step are to be kept; asked by the thread that trains."""
        number = self._number(step)
        if self._most < LEAST or number <= self._last or number % self._every or monotonic() < self._not_before:
            return False
        self._last, self._not_before = number, monotonic() + LEAST_SECONDS
        return True

    def write(self, step: int, weights: Mapping[str, NDArray[Any]]) -> None:
        """Write one, and make room for it; done by the thread that writes.

        Raises
        ------
        SaveError
        """
        with suppress(OSError):  # writing says what is wrong
            self.folder.mkdir(exist_ok=True)
        halves = {name: halved(array) for name, array in weights.items()}
        write_weights(self.folder / f"{step:08}.npz", halves, durable=False)
        self._steps.append(step)
        self._thin()

    def begin_again(self, step: int) -> None:
        """Delete those after a step: they will be computed again."""
        self._delete([later for later in self._steps if later > step])
        self._last = self._number(self._steps[-1]) if self._steps else -1

    def _thin(self) -> None:
        """Delete every second one until there are few enough."""
        while len(self._steps) > self._most:
            self._every *= 2
            dropped = [step for step in self._steps if self._number(step) % self._every]
            if not dropped and self._every > self._number(self._steps[-1]):
                dropped = self._steps[1:-1:2]
            self._delete(dropped)

    def _delete(self, steps: list[int]) -> None:
        for step in steps:
            with suppress(OSError):
                (self.folder / f"{step:08}.npz").unlink()
        gone = set(steps)
        self._steps = [step for step in self._steps if step not in gone]

    def _number(self, step: int) -> int:
        """Return how many ticks lie before a step."""
        return step * PER_EPOCH // self._per_epoch


def halved(array: NDArray[Any]) -> NDArray[Any]:
    """Return numbers in half precision; an array with some that are too large for it stays as it is.

    >>> halved(np.array([0.1, -3.0])).dtype.name, halved(np.array([1e6])).dtype.name
    ('float16', 'float64')
    """
    with np.errstate(over="ignore"):
        half = array.astype(np.float16)
    return half if np.array_equal(np.isfinite(half), np.isfinite(array)) else array


def ticks_of(folder: Path) -> dict[int, Path]:
    """Return the ticks of a run's folder by their steps."""
    try:
        names = [entry.name for entry in (folder / FOLDER).iterdir()]
    except OSError:
        return {}
    found = ((_NAME.fullmatch(name), name) for name in names)
    return dict(sorted((int(match[1]), folder / FOLDER / name) for match, name in found if match))
