"""Matrix products, cut into pieces where BLAS computes small ones faster.

On processors with AVX-512, OpenBLAS computes products of up to 100³ multiply-accumulates from where the matrices lie;
larger ones are packed first, which costs much where a matrix has few rows, as those of layers with few channels do.
Measured with 6 to 24 filters, pieces are computed 1.1 to 3 times as fast. Source of the limits: OpenBLAS 0.3.31,
kernel/x86_64/sgemm_small_kernel_permit_skylakex.c.

Pieces are views, so that they cost nothing but their number of calls within one `matmul`.
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np

from core.engine.kernels.kernel import Phase
from core.engine.threads import ONE_THREAD
from core.layers.values import Array

MOST_MACS = 100**3
"""Of a product that is computed without packing."""
MOST_SUMS = 1200
"""Of one whose sums run along the rows of both matrices, how many sums it may have."""
MOST_FILTERS = 24
"""Sums for more filters gain nothing by being cut."""
LEAST_COLUMNS = 64
"""Narrower pieces of products take longer than what they save."""
MOST_UNEVEN = 2
"""How many times as many pieces as needed there may be, so that all are of one size."""
WITH_SMALL_PRODUCTS = frozenset({"SkylakeX", "Cooperlake", "SapphireRapids"})
"""What OpenBLAS calls the processors for which it knows small products."""


@cache
def small_products() -> bool:
    """Tell whether this machine's BLAS computes small products in a way of their own."""
    return not WITH_SMALL_PRODUCTS.isdisjoint(ONE_THREAD.architectures)


def product(a: Array, b: Array, out: Array) -> Phase:
    """Prepare `out = a·b`: (m, k)·(…, k, n), or a stack of each, which is not cut."""
    pieces = columns_cut(len(a), *b.shape[-2:]) if a.ndim == 2 else 1
    if pieces > 1:
        # (…, k, n) -> (…, pieces, k, n/pieces)
        b, out = (matrix.reshape(*matrix.shape[:-1], pieces, -1).swapaxes(-3, -2) for matrix in (b, out))
    return partial(np.matmul, a, b, out=out)


def columns_cut(m: int, k: int, n: int) -> int:
    """Return into how many pieces the columns of `(m, k)·(k, n)` are best cut; all are of one size."""
    if not small_products():
        return 1
    needed = -(-m * k * n // MOST_MACS)
    pieces = next((pieces for pieces in range(needed, MOST_UNEVEN * needed + 1) if n % pieces == 0), 1)
    return pieces if n // pieces >= LEAST_COLUMNS else 1


def columns_at_once(m: int, k: int) -> int | None:
    """Return how many columns `(m, k)·(k, n)` may have without being cut, where sums along them need no cut either."""
    return MOST_MACS // (m * k) if small_products() and m * k <= MOST_SUMS else None


class Summed:
    """`total = Σ a·bᵀ` over chunks: (m, n)·(k, n)ᵀ, or stacks of them, which are not cut.

    Parameters
    ----------
    total : array, (m, k)
    share : array, (m·k,)
        Scratch.
    first : bool
        Whether this is the first chunk; what was in `total` is overwritten then.
    """

    def __init__(self, a: Array, b: Array, total: Array, share: Array, first: bool) -> None:
        self.total = total
        self.share = total if first else share[: total.size].reshape(total.shape)
        turned = np.swapaxes(b, -1, -2)
        self.products = [(a, turned, self.share)]
        if a.ndim == 2:
            rows = rows_cut(len(a), a.shape[1], len(b))
            end = len(a) - len(a) % rows
            # (m, n) -> (pieces, rows, n), and the rows that are left
            pieces, out = (matrix[:end].reshape(-1, rows, matrix.shape[1]) for matrix in (a, self.share))
            self.products = [(pieces, turned, out)]
            if end < len(a):
                self.products.append((a[end:], turned, self.share[end:]))

    def run(self) -> None:
        """Add this chunk's share."""
        for a, turned, out in self.products:
            np.matmul(a, turned, out=out)
        if self.share is not self.total:
            np.add(self.total, self.share, out=self.total)


def rows_cut(m: int, n: int, k: int) -> int:
    """Return into pieces of how many rows the first matrix of `(m, n)·(k, n)ᵀ` is best cut: as even as they can be.

    >>> rows_cut(151, 1280, 64)
    151
    """
    if not small_products() or k > MOST_FILTERS:
        return m
    most = min(MOST_SUMS // k, MOST_MACS // (k * n))
    return m // -(-m // most) if most else m
