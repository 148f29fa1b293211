"""Random numbers that are the same everywhere: whole numbers from the bits of PCG64, and what is added up from them.

NumPy's generators may draw differently in a later version, and functions such as `log` differ in the last bit between
processors. Bits of PCG64 and sums of whole numbers do neither.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


class Draws:
    """Draws from a seed.

    Examples
    --------
    >>> draws = Draws(0)
    >>> draws.bytes((5,)).tolist(), draws.whole(-1, 1, (6,)).tolist()
    ([95, 130, 194, 217, 207], [-1, -1, -1, 1, 1, 0])
    """

    def __init__(self, seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def bytes(self, shape: tuple[int, ...]) -> NDArray[np.uint8]:
        """Draw from 0 to 255."""
        n = int(np.prod(shape))
        words = self._bits.random_raw(-(-n // 8)).astype("<u8")
        return words.view(np.uint8)[:n].reshape(shape)

    def whole(self, low: int, high: int, shape: tuple[int, ...]) -> NDArray[np.int64]:
        """Draw whole numbers from `low` to `high`, both included; a range of few million is even to 1 in 1,000."""
        words = self._bits.random_raw(int(np.prod(shape))) >> np.uint64(32)
        return low + (words.astype(np.int64) * (high - low + 1) >> 32).reshape(shape)

    def uniform(self, low: float, high: float, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """Draw from [low, high)."""
        return low + (high - low) * (self.whole(0, (1 << 31) - 1, shape) / (1 << 31))

    def normal(self, std: float, shape: tuple[int, ...]) -> NDArray[np.float64]:
        """Draw from a normal distribution around 0, nearly: the sum of twelve even draws, never beyond 6·std."""
        return std * (self.uniform(-0.5, 0.5, (12, *shape)).sum(axis=0))
