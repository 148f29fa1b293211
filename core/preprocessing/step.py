"""A step of preprocessing: what it learns from training samples, and what it then does to any samples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.kinds import Kind
from core.shapes import Shape, count
from core.text import counted, values_text

Batch: TypeAlias = NDArray[np.float32]
"""(N, H, W, C) or (N, features)."""

Blocks: TypeAlias = Iterable[Batch]
"""Samples in blocks that memory holds; they may be gone through more than once."""

Array: TypeAlias = NDArray[Any]


class Preprocessing(Kind):
    """A step that is fitted to the training part only, and then applied to every sample alike.

    Sums are made in float64, and applied in float32. A sample's shape stays as it is, since the network's Input takes
    that shape.
    """

    needs_images: ClassVar[bool] = False
    """Whether it makes sense for images only, not for rows of features."""
    usual_place: ClassVar[int] = 0
    """Where it stands among others when it is switched on: 0 geometry, 1 range, 2 centring, 3 directions."""

    telling: ClassVar[frozenset[str]] = frozenset()
    """Arrays that tell of the data and aren't computed with: exports leave them out, so a file may lack them."""

    def refusal(self, shape: Shape) -> str:
        """Say why samples of a shape can't be treated so, in a sentence; "" where they can."""
        if self.needs_images and len(shape) != 3:
            return f"{self.label()} needs images, but the network's Input takes {values_text(shape)}."
        return ""

    def array_shapes(self, shape: Shape) -> Mapping[str, Shape]:
        """Return the arrays that it learns from samples of a shape, by name."""
        return {}

    def fit(self, blocks: Blocks, shape: Shape) -> dict[str, Array]:
        """Return these arrays, learned from training samples that went through the steps before it."""
        return {}

    def apply(self, x: Batch, arrays: Mapping[str, Array]) -> Batch:
        """Treat samples; `x` may be overwritten."""
        raise NotImplementedError

    def facts(self, arrays: Mapping[str, Array]) -> tuple[str, ...]:
        """Say what it learned, in a few words each: "mean 0.1312"."""
        return ()


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """A step together with what it learned.

    Attributes
    ----------
    step : Preprocessing
    shape : Shape
        Of the samples that it treats.
    arrays : mapping of str to array
        float32, read-only.
    """

    step: Preprocessing
    shape: Shape
    arrays: Mapping[str, Array]

    def apply(self, x: Batch) -> Batch:
        """Treat samples, (N, H, W, C) or (N, features); `x` may be overwritten."""
        return self.step.apply(x, self.arrays)

    @property
    def used(self) -> dict[str, Array]:
        """The arrays that it computes with."""
        return {name: array for name, array in self.arrays.items() if name not in self.step.telling}

    @property
    def facts(self) -> tuple[str, ...]:
        """What it learned, in a few words each."""
        return self.step.facts(self.arrays)


@dataclass(frozen=True, slots=True)
class _Treated:
    """Blocks as they leave the steps that are fitted already."""

    blocks: Blocks
    steps: tuple[Fitted, ...]

    def __iter__(self) -> Any:
        for block in self.blocks:
            yield treated(block, self.steps)


def fit_steps(steps: Sequence[Preprocessing], blocks: Blocks, shape: Shape) -> tuple[Fitted, ...]:
    """Fit steps one after the other, each to what those before it leave.

    Parameters
    ----------
    blocks
        Of training samples, each block fresh: steps may overwrite it.
    shape
        Of one sample.

    Examples
    --------
    >>> from core.preprocessing.centring import MeanImage
    >>> (step,) = fit_steps([MeanImage()], [np.float32([[1, 2], [3, 4]])], (2,))
    >>> step.arrays["mean"].tolist(), step.apply(np.float32([[2, 2]])).tolist()
    ([2.0, 3.0], [[0.0, -1.0]])
    """
    fitted: tuple[Fitted, ...] = ()
    for step in steps:
        arrays = {name: array.astype(np.float32) for name, array in step.fit(_Treated(blocks, fitted), shape).items()}
        for array in arrays.values():
            array.setflags(write=False)
        fitted = (*fitted, Fitted(step, shape, arrays))
    return fitted


def treated(x: Batch, steps: Sequence[Fitted]) -> Batch:
    """Return samples as they leave some steps; `x` may be overwritten."""
    for step in steps:
        x = step.apply(x)
    return x


def too_many_values(step: Preprocessing, shape: Shape, most: int) -> str:
    """Say that samples have more values than a step can relate to one another; "" where they don't."""
    if count(shape) <= most:
        return ""
    return (
        f"{step.label()} relates every value of a sample to every other: {counted(count(shape), 'value')} "
        f"are too many, the most are {most:,}. Make the Input smaller, or use Standardize."
    )
