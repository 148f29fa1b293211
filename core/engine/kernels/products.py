"""Matrix products, cut into pieces where BLAS computes small ones faster.

On processors with AVX-512, OpenBLAS computes products of up to 100³ multiply-accumulates from where the matrices lie;
larger ones are packed first, which costs much where a matrix has few rows, as those of layers with few channels do.
Measured with 6 to 20 filters, pieces are computed 1.1 to 3 times as fast. Source of the limits: OpenBLAS 0.3.31,
kernel/x86_64/sgemm_small_kernel_permit_skylakex.c.

Pieces are views, so that they cost nothing but their number of calls within one `matmul`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, partial
from typing import NamedTuple

import numpy as np

from core.engine.threads import ONE_THREAD
from core.layers.kind import Array

MOST_MACS = 100**3
"""Of a product that is computed without packing."""
MOST_SUMS = 1200
"""Of one whose sums run along the rows of both matrices, how many sums it may have."""
MOST_ROWS_CUT = 2
"""Into more pieces of rows nothing is gained."""
LEAST_COLUMNS = 64
"""Narrower pieces take longer than what they save."""
MOST_UNEVEN = 2
"""How many times as many pieces as needed there may be, so that they are of one size."""
WITH_SMALL_PRODUCTS = frozenset({"SkylakeX", "Cooperlake", "SapphireRapids"})
"""What OpenBLAS calls the processors for which it knows small products."""


class Cut(NamedTuple):
    """Into how many pieces matrices are cut, along their rows and along their columns."""

    rows: int = 1
    columns: int = 1


WHOLE = Cut()


@cache
def small_products() -> bool:
    """Tell whether this machine's BLAS computes small products in a way of their own."""
    return not WITH_SMALL_PRODUCTS.isdisjoint(ONE_THREAD.architectures)


def product(a: Array, b: Array, out: Array) -> Callable[[], object]:
    """Prepare `out = a·b`: (m, k)·(k, n), or stacks of them, which are not cut."""
    if a.ndim == 2:
        pieces = cut_of_product(len(a), *b.shape)
        if pieces > 1:
            b, out = (_cut(matrix, Cut(columns=pieces))[:, 0] for matrix in (b, out))
    return partial(np.matmul, a, b, out=out)


def cut_of_product(m: int, k: int, n: int) -> int:
    """Give into how many pieces the n columns of a product are best cut."""
    if not small_products():
        return 1
    pieces = _divisor(n, -(-m * k * n // MOST_MACS))
    return pieces if pieces and n // pieces >= LEAST_COLUMNS else 1


class Summed:
    """`total = Σ a·bᵀ` over chunks: (m, n)·(k, n)ᵀ, or stacks of them, which are not cut.

    Parameters
    ----------
    total : array, (m, k)
    scratch : array, (`summed_scratch`,)
    first : bool
        Whether this is the first chunk; what was in `total` is overwritten then.
    """

    def __init__(self, a: Array, b: Array, total: Array, scratch: Array, first: bool) -> None:
        cut = cut_of_sums(a.shape[0], b.shape[0], a.shape[1]) if a.ndim == 2 else WHOLE
        share = scratch[: total.size].reshape(total.shape)
        self.total, self.target, self.first = total, total if first else share, first
        self.pieces: Array | None = None
        self.a, self.b, self.out = a, np.swapaxes(b, -1, -2), self.target
        if cut != WHOLE:
            shape = (cut.columns, cut.rows, a.shape[0] // cut.rows, b.shape[0])
            self.out = scratch[total.size :][: cut.columns * total.size].reshape(shape)
            self.pieces = self.out.reshape(cut.columns, *total.shape)
            self.a, self.b = _cut(a, cut), np.swapaxes(_cut(b, Cut(columns=cut.columns)), -1, -2)

    def run(self) -> None:
        """Add this chunk's share."""
        np.matmul(self.a, self.b, out=self.out)
        if self.pieces is not None:
            np.add.reduce(self.pieces, axis=0, out=self.target)
        if not self.first:
            np.add(self.total, self.target, out=self.total)


def cut_of_sums(m: int, k: int, n: int) -> Cut:
    """Give how `Summed` is best cut."""
    if not small_products():
        return WHOLE
    rows = _divisor(m, -(-m * k // MOST_SUMS))
    if not 0 < rows <= MOST_ROWS_CUT:
        return WHOLE
    columns = _divisor(n, -(-(m // rows) * k * n // MOST_MACS))
    return Cut(rows, columns) if columns and n // columns >= LEAST_COLUMNS else WHOLE


def summed_scratch(m: int, k: int, widths: Iterable[int]) -> int:
    """Give how many values of scratch `Summed` uses for chunks of so many columns."""
    cuts = [cut_of_sums(m, k, n) for n in widths]
    return m * k * (1 + max(0 if cut == WHOLE else cut.columns for cut in cuts))


def _divisor(n: int, least: int) -> int:
    """Give the smallest divisor of n that is no smaller than `least` and not much larger; 0 where there is none."""
    return next((pieces for pieces in range(max(1, least), MOST_UNEVEN * least + 1) if n % pieces == 0), 0)


def _cut(matrix: Array, cut: Cut) -> Array:
    """View a matrix in pieces: (m, n) -> (columns, rows, m/rows, n/columns)."""
    m, n = matrix.shape
    return matrix.reshape(cut.rows, m // cut.rows, cut.columns, n // cut.columns).transpose(2, 0, 1, 3)
