"""Steps that look for the directions in which samples vary: principal components and whitening."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np

from core.declare import hyper
from core.preprocessing.moments import covariance_of, spectrum_of
from core.preprocessing.step import Array, Batch, Blocks, Preprocessing, too_many_values
from core.shapes import Shape, count
from core.text import counted

MOST_VALUES = 4096
"""Values of a sample whose covariance is computed: those of 64×64 pixels, or of 36×36 in three colours."""


class PCA(Preprocessing):
    """Keeps the directions in which samples vary most: `x̂ = μ + U_k·U_kᵀ·(x − μ)`, U_k the first k of them.

    What varies in the other directions is lost. The sample keeps its shape: what is left is put together again as an
    image, as scikit-learn's `inverse_transform(transform(x))` does.

    Source: CS231n, "Neural Networks Part 2", Data Preprocessing, PCA and Whitening.
    """

    usual_place: ClassVar[int] = 3
    telling: ClassVar[frozenset[str]] = frozenset({"variances"})
    title: ClassVar[str] = "PCA"

    components: int = hyper(ge=1, le=MOST_VALUES, start=50, help="How many directions are kept.")

    def refusal(self, shape: Shape) -> str:
        """Say that samples have too many values, or too few."""
        n = count(shape)
        if self.components > n:
            return f"PCA keeps {self.components:,} components, but a sample has only {counted(n, 'value')}."
        return too_many_values(self, shape, MOST_VALUES)

    def array_shapes(self, shape: Shape) -> Mapping[str, Shape]:
        """Return those of the mean, of the components in rows, and of the variances along all directions."""
        n = count(shape)
        return {"mean": shape, "components": (self.components, n), "variances": (n,)}

    def fit(self, blocks: Blocks, shape: Shape) -> dict[str, Array]:
        """Return them."""
        mean, covariance = covariance_of(blocks)
        return self.keeping(mean.reshape(shape), *spectrum_of(covariance))

    def keeping(self, mean: Array, variances: Array, directions: Array) -> dict[str, Array]:
        """Return its arrays where mean, variances and directions (in columns) are known already."""
        kept = np.ascontiguousarray(directions.T[: self.components])
        return {"mean": mean, "components": kept, "variances": variances}

    def apply(self, x: Batch, arrays: Mapping[str, Array]) -> Batch:
        """Project samples onto the components and back."""
        mean, components = arrays["mean"], arrays["components"]
        rows = np.subtract(x, mean, out=x).reshape(len(x), -1)
        projected: Batch = ((rows @ components.T) @ components).reshape(x.shape)
        projected += mean
        return projected

    def facts(self, arrays: Mapping[str, Array]) -> tuple[str, ...]:
        """Say how much of the variance is kept, where the variances are known."""
        n = arrays["mean"].size
        if "variances" not in arrays:
            return (f"{self.components:,} of {n:,}",)
        share = kept_share(arrays["variances"])[self.components - 1]
        return (f"{self.components:,} of {n:,} keep {share:.1%}",)


class Whiten(Preprocessing):
    """Rotates samples so that their values don't depend on one another, and scales each to a deviation of 1.

    `z = (x − μ)·U·(Λ + ε)^−½` (pca), with the covariance `UΛUᵀ`, divided by N; the values then stand in the order of
    their variance, not as an image. Rotated back, `z·Uᵀ` (zca), they look like the image, with its edges brought out.

    Source: CS231n, "Neural Networks Part 2", Data Preprocessing, PCA and Whitening; ZCA: Krizhevsky, "Learning
    Multiple Layers of Features from Tiny Images", 2009, appendix A.
    """

    usual_place: ClassVar[int] = 3
    telling: ClassVar[frozenset[str]] = frozenset({"variances"})

    method: Literal["pca", "zca"] = hyper("pca", help="Whether values stay rotated, or are rotated back to an image.")
    epsilon: float = hyper(1e-5, gt=0, le=1e3, help="Added to every variance, so that noise is not blown up.")

    def refusal(self, shape: Shape) -> str:
        """Say that samples have too many values."""
        return too_many_values(self, shape, MOST_VALUES)

    def array_shapes(self, shape: Shape) -> Mapping[str, Shape]:
        """Return those of the mean, of the matrix that samples are multiplied by, and of the variances."""
        n = count(shape)
        return {"mean": shape, "matrix": (n, n), "variances": (n,)}

    def fit(self, blocks: Blocks, shape: Shape) -> dict[str, Array]:
        """Return them."""
        mean, covariance = covariance_of(blocks)
        return self.keeping(mean.reshape(shape), *spectrum_of(covariance))

    def keeping(self, mean: Array, variances: Array, directions: Array) -> dict[str, Array]:
        """Return its arrays where mean, variances and directions (in columns) are known already."""
        matrix = directions / np.sqrt(variances + self.epsilon)
        if self.method == "zca":
            matrix = matrix @ directions.T
        return {"mean": mean, "matrix": matrix, "variances": variances}

    def apply(self, x: Batch, arrays: Mapping[str, Array]) -> Batch:
        """Rotate and scale samples."""
        rows = np.subtract(x, arrays["mean"], out=x).reshape(len(x), -1)
        whitened: Batch = (rows @ arrays["matrix"]).reshape(x.shape)
        return whitened

    def facts(self, arrays: Mapping[str, Array]) -> tuple[str, ...]:
        """Say what keeps noise small."""
        return (f"ε = {self.epsilon:g}",)


def kept_share(variances: Array) -> Array:
    """Return which share of the variance the first direction keeps, the first two, and so on, (D,).

    >>> kept_share(np.array([3.0, 1.0, 0.0])).tolist()
    [0.75, 1.0, 1.0]
    """
    sums = np.cumsum(variances, dtype=np.float64)
    return sums / sums[-1] if sums[-1] > 0 else np.ones_like(sums)


def n_keeping(variances: Array, share: float) -> int:
    """Return how many directions keep a share of the variance.

    >>> n_keeping(np.array([3.0, 1.0, 0.0]), 0.75), n_keeping(np.array([3.0, 1.0, 0.0]), 0.8)
    (1, 2)
    """
    return min(int(np.searchsorted(kept_share(variances), share)) + 1, len(variances))
