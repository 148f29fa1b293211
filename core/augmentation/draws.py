"""Random numbers for each sample by itself: the same in a batch of any size, in any order, on any number of replicas.

A generator with a state would have to be set up for every sample, in a loop. Here a number is a hash of what it is
drawn for: seed, epoch, place of the augmentation, index of the sample, count of the draw. All samples of a batch are
hashed at once.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Words: TypeAlias = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_S30, _S27, _S31, _S11, _S32 = (np.uint64(bits) for bits in (30, 27, 31, 11, 32))


def mixed(words: Words) -> Words:
    """Scatter every bit of 64-bit words over all others; different words stay different.

    Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014, `mix64variant13`, as
    in SplitMix64.

    >>> hex(mixed(np.array([0x9E3779B97F4A7C15], np.uint64))[0])  # what SplitMix64 gives first for the seed 0
    '0xe220a8397b1dcdaf'
    """
    words = (words ^ (words >> _S30)) * _FIRST
    words = (words ^ (words >> _S27)) * _SECOND
    return words ^ (words >> _S31)


class Draws:
    """The random numbers of one augmentation for the samples of a batch.

    Parameters
    ----------
    seed, epoch, place : int
        Of the run, of the pass over the data, and of the augmentation in its list.
    samples : array of int, (N,)
        Places in the data set.

    Examples
    --------
    >>> both, one = Draws(0, 1, 0, np.array([3, 7])), Draws(0, 1, 0, np.array([7]))
    >>> bool(both.uniform()[1] == one.uniform()[0])
    True
    """

    def __init__(self, seed: int, epoch: int, place: int, samples: NDArray[np.integer]) -> None:
        words = np.zeros(len(samples), np.uint64)
        for number in (np.uint64(seed), np.uint64(epoch), np.uint64(place), samples.astype(np.uint64)):
            words = mixed((words ^ number) + _GOLDEN)
        self._words = words
        self._drawn = 0

    def _next(self, n: int) -> Words:
        """Return `n` words for each sample, (N, n)."""
        counts = np.arange(self._drawn + 1, self._drawn + n + 1, dtype=np.uint64)
        self._drawn += n
        return mixed(self._words[:, None] + counts * _GOLDEN)

    def uniform(self, low: float = 0.0, high: float = 1.0) -> NDArray[np.float64]:
        """Draw a number for each sample, evenly from low up to but without high, (N,)."""
        share = (self._next(1)[:, 0] >> _S11).astype(np.float64) * 2.0**-53
        return low + (high - low) * share

    def whole(self, low: int, high: int) -> NDArray[np.int64]:
        """Draw a whole number for each sample, evenly from low to high, (N,)."""
        return np.floor(self.uniform(low, high + 1)).astype(np.int64)

    def normal(self, n: int) -> NDArray[np.float32]:
        """Draw numbers of mean 0 and deviation 1 for each sample, (N, n).

        `√(−2·ln u)·cos 2πv` and `… sin 2πv` for the halves u and v of a word.

        Source: Box and Muller, "A Note on the Generation of Random Normal Deviates", 1958.
        """
        words = self._next((n + 1) // 2)
        u = ((words >> _S32) + np.uint64(1)).astype(np.float32) * np.float32(2.0**-32)  # above 0, up to 1
        angle = (words & np.uint64(0xFFFFFFFF)).astype(np.float32) * np.float32(2.0**-31 * np.pi)
        distance = np.sqrt(np.float32(-2) * np.log(u))
        normal = np.empty((len(words), 2 * words.shape[1]), np.float32)
        np.multiply(distance, np.cos(angle), out=normal[:, ::2])
        np.multiply(distance, np.sin(angle), out=normal[:, 1::2])
        return normal[:, :n]
