"""Means, variances and covariances of samples that come in blocks, summed in float64."""

from __future__ import annotations

from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.preprocessing.step import Blocks

Per: TypeAlias = Literal["channel", "pixel"]
Sums: TypeAlias = NDArray[np.float64]

CONSTANT = 1e-6
"""A deviation below this share of the mean comes from rounding: the values are one and the same."""


def mean_of(blocks: Blocks, per: Per) -> Sums:
    """Return the mean of every value of a sample, (H, W, C) or (features,), or of every channel, (C,)."""
    return mean_and_deviation(blocks, per)[0]


def mean_and_deviation(blocks: Blocks, per: Per) -> tuple[Sums, Sums]:
    """Return means and standard deviations, `σ² = Σ(x − μ)²/N`.

    Sums are of distances from the first block's mean, so that no digits are lost where the mean is large.
    """
    n, shift, total, squares = 0, np.zeros(()), np.zeros(()), np.zeros(())
    for block in blocks:
        axes = tuple(range(block.ndim - 1)) if per == "channel" else (0,)
        if not n:
            shift = block.mean(axis=axes, dtype=np.float64)
        from_there = block - shift
        n += block[..., 0].size if per == "channel" else len(block)
        total = total + from_there.sum(axis=axes)
        squares = squares + np.square(from_there).sum(axis=axes)
    of_shift = total / n
    variance = np.maximum(squares / n - np.square(of_shift), 0)
    return shift + of_shift, np.sqrt(variance)


def smallest_and_largest(blocks: Blocks) -> tuple[float, float]:
    """Return the smallest and the largest of all values."""
    low, high = np.inf, -np.inf
    for block in blocks:
        low, high = min(low, float(block.min())), max(high, float(block.max()))
    return low, high


def covariance_of(blocks: Blocks) -> tuple[Sums, Sums]:
    """Return the mean of a sample's D values, (D,), and their covariance `Σ(x − μ)ᵀ(x − μ)/N`, (D, D)."""
    n, shift, total, products = 0, np.zeros(0), np.zeros(0), np.zeros((0, 0))
    for block in blocks:
        rows = block.reshape(len(block), -1).astype(np.float64)
        if not n:
            shift = rows.mean(axis=0)
            total, products = np.zeros_like(shift), np.zeros((len(shift), len(shift)))
        rows -= shift
        n += len(rows)
        total += rows.sum(axis=0)
        products += rows.T @ rows
    of_shift = total / n
    return shift + of_shift, products / n - np.outer(of_shift, of_shift)


def spectrum_of(covariance: Sums) -> tuple[Sums, Sums]:
    """Return the variances along the principal directions, largest first, (D,), and the directions, (D, D) in columns.

    A direction and its opposite are equally good: the one is taken whose largest value is positive.
    """
    variances, directions = np.linalg.eigh(covariance)
    variances, directions = np.maximum(variances[::-1], 0), directions[:, ::-1]
    columns = np.arange(directions.shape[1])
    signs = np.sign(directions[np.abs(directions).argmax(axis=0), columns])
    return variances, directions * signs
