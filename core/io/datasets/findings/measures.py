"""What findings ask of the samples themselves: measured once, in blocks, whatever document they are looked at with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.io.datasets.values import Dataset, Indices
from core.shapes import count

BLOCK_VALUES = 1 << 22
"""Values that are worked on at a time."""
MOST_LOOKED_AT = 1000
MOST_VALUES = 1 << 22
"""Limits of what is looked at closely, in samples and in values: spread evenly over the data set."""


class CancelledError(Exception):
    """Nobody waits for the findings any more."""


class Measures:
    """Measures of all samples, each taken when it is first asked for.

    Parameters
    ----------
    dataset : Dataset
    cancelled : callable, optional
        Asked between blocks.

    Raises
    ------
    CancelledError
        From any measure, if `cancelled` says so.
    """

    def __init__(self, dataset: Dataset, cancelled: Callable[[], bool] | None = None) -> None:
        self.dataset = dataset
        self.cancelled = cancelled

    def go_on(self) -> None:
        """Raise where nobody waits any more."""
        if self.cancelled is not None and self.cancelled():
            raise CancelledError

    def blocks(self, dataset: Dataset) -> Iterator[NDArray[Any]]:
        """Yield the stored values of samples, (n, values)."""
        size = count(dataset.shape)
        step = max(1, BLOCK_VALUES // size)
        for start in range(0, len(dataset), step):
            self.go_on()
            block = dataset.images[start : start + step]
            yield np.ascontiguousarray(block).reshape(len(block), size)

    @cached_property
    def extremes(self) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """The smallest and the largest stored value of each sample, both (N,); NaN where there is one."""
        lows, highs = np.empty((2, len(self.dataset)), np.float32)
        done = 0
        for block in self.blocks(self.dataset):
            place = slice(done, done + len(block))
            lows[place], highs[place], done = block.min(axis=1), block.max(axis=1), done + len(block)
        return lows, highs

    @property
    def is_constant(self) -> NDArray[np.bool_]:
        """Whether a sample has one value everywhere, (N,)."""
        lows, highs = self.extremes
        return np.equal(lows, highs)

    @cached_property
    def keys(self) -> NDArray[np.uint64]:
        """A number of each sample, (N,): samples with the same bytes have the same; others rarely do."""
        return self._keys(self.dataset)

    def _keys(self, dataset: Dataset) -> NDArray[np.uint64]:
        """Multiply the bytes, eight at a time, by numbers drawn for their places, and add up modulo 2⁶⁴."""
        keys = [np.zeros(0, np.uint64)]
        factors: NDArray[np.uint64] | None = None
        for block in self.blocks(dataset):
            stored = block.view(np.uint8).reshape(len(block), -1)
            rest = -stored.shape[1] % 8
            words = (np.pad(stored, ((0, 0), (0, rest))) if rest else stored).view(np.uint64)
            if factors is None:
                rng = np.random.Generator(np.random.PCG64(0))
                factors = rng.integers(0, 2**64, words.shape[1], np.uint64) | np.uint64(1)
            keys.append(np.multiply(words, factors).sum(axis=1, dtype=np.uint64))
        return np.concatenate(keys)

    @cached_property
    def copies(self) -> list[list[int]]:
        """The places of samples that have the same bytes, group by group; samples of one value are left out."""
        order = np.argsort(self.keys, kind="stable")
        ordered = self.keys[order]
        same = ordered[1:] == ordered[:-1]
        places = np.sort(order[np.append(same, False) | np.insert(same, 0, False)])
        groups: dict[bytes, list[int]] = {}
        for place in places[~self.is_constant[places]].tolist():
            groups.setdefault(_digest(self.dataset, place), []).append(place)
        return [group for group in groups.values() if len(group) > 1]

    @cached_property
    def tested(self) -> tuple[list[int], int]:
        """The places of samples that are also in the data set's own test part, and how many samples of that part."""
        test = self.dataset.test
        if test is None or test.shape != self.dataset.shape or test.images.dtype != self.dataset.images.dtype:
            return [], 0
        test_keys = self._keys(test)
        in_test = np.flatnonzero(np.isin(self.keys, test_keys) & ~self.is_constant).tolist()
        in_both = np.flatnonzero(np.isin(test_keys, self.keys)).tolist()
        stored = {place: _digest(self.dataset, place) for place in in_test}
        known = set(stored.values())
        tested = [_digest(test, place) for place in in_both]
        leaked = known.intersection(tested)
        return [place for place in in_test if stored[place] in leaked], sum(each in leaked for each in tested)

    @cached_property
    def looked_at(self) -> Indices:
        """The places of some samples, spread evenly, that are looked at closely."""
        n = len(self.dataset)
        most = max(1, min(n, MOST_LOOKED_AT, MOST_VALUES // count(self.dataset.shape)))
        return np.unique(np.linspace(0, n - 1, most).astype(np.int64))

    @cached_property
    def pixels(self) -> NDArray[np.float32]:
        """These samples, scaled as in training; read-only."""
        pixels = self.dataset.pixels(self.looked_at)
        pixels.flags.writeable = False
        return pixels

    def sample(self, place: int) -> str:
        """Name a sample: by its file, or by its number, which counts from 1."""
        sources = self.dataset.sources
        return str(sources[place]) if place < len(sources) else f"sample {place + 1:,}"


def _digest(dataset: Dataset, place: int) -> bytes:
    """Return what stands for the bytes of a sample that may be a copy, in little memory."""
    return blake2b(dataset.images[place].tobytes()).digest()
