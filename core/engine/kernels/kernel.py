"""What a kernel is: a way to compute one step of a plan, its geometry fixed for one batch size.

Inside the engine the batch is the innermost axis, (C, H, W, N) and (C, N), because then every operation runs along
contiguous samples. Only the network's face and the kinds' definitions speak N×H×W×C.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from math import prod
from typing import Any, ClassVar, NamedTuple, TypeAlias

import numpy as np

from core.engine.lanes import lanes_for
from core.engine.program import Node
from core.layers.values import Array
from core.shapes import Shape


class Margins(NamedTuple):
    """Rows and columns of zeros around an image."""

    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0


NO_MARGINS = Margins()


def margin_views(padded: Array, margins: Margins) -> Iterator[Array]:
    """View the margins of an image, (C, H, W, N), side by side; empty ones are left out."""
    top, bottom, left, right = margins
    _, high, wide, _ = padded.shape
    middle = padded[:, top : high - bottom]
    sides = padded[:, :top], padded[:, high - bottom :], middle[:, :, :left], middle[:, :, wide - right :]
    return (side for side in sides if side.size)


Phase: TypeAlias = Callable[[], object]
"""A piece of a pass that runs without waiting for anybody."""

CACHE_LINE = 64
"""Bytes; parts of the scratch start at multiples of it."""


class Part(NamedTuple):
    """A part of a batch, as one replica of the network computes it.

    Attributes
    ----------
    n : int
        The samples in it.
    whole : int
        The samples of the batch.
    number, n_parts : int
        Which of how many it is, from 0.
    """

    n: int
    whole: int
    number: int = 0
    n_parts: int = 1

    @property
    def sizes(self) -> list[int]:
        """The samples of every part: as even as possible, the first getting more where it does not come out even.

        >>> Part(17, 33, 0, 2).sizes
        [17, 16]
        """
        small, more = divmod(self.whole, self.n_parts)
        return [small + (number < more) for number in range(self.n_parts)]


@dataclass(frozen=True, slots=True)
class Setting:
    """What is fixed before a plan is laid out.

    Attributes
    ----------
    training : bool
        Whether the kinds compute as in training; False for inference.
    shares_cores : bool
        Whether large layers may be computed by several threads: not where replicas have the cores.
    carriers : frozenset of int
        The nodes through whose outputs a gradient flows.
    """

    part: Part
    dtype: np.dtype[Any]
    training: bool
    rng: np.random.Generator
    shares_cores: bool = False
    carriers: frozenset[int] = frozenset()

    @property
    def batch(self) -> int:
        """How many samples are computed."""
        return self.part.n

    def derives(self, nodes: tuple[Node, ...]) -> bool:
        """Tell whether a gradient flows back into layers that are computed in one step."""
        return nodes[-1].index in self.carriers

    def lanes(self, macs: int) -> int:
        """Return how many threads share a layer of so many multiply-accumulates for each sample."""
        return lanes_for(macs * self.batch) if self.shares_cores else 1


@dataclass(frozen=True, slots=True)
class LayerWeights:
    """The weights of one layer, as views.

    Attributes
    ----------
    values : mapping of str to array
        All of them, with axes as in the files.
    gradients : mapping of str to array
        Where their gradients go; what training doesn't change has none.
    matrix : array, (rows, units)
        The parameters one below the other, where they have their last axis in common: the kernel's rows, then the bias.
    dmatrix : array, (rows, units), or None
        Where its gradient goes; None where the layer is frozen.
    """

    values: dict[str, Array]
    gradients: dict[str, Array]
    matrix: Array
    dmatrix: Array | None


@dataclass(slots=True)
class Binding:
    """The arrays of one step.

    Attributes
    ----------
    xs : list of array
        Its inputs, with the margins of zeros that the kernel asked for.
    y : array
        Where its output goes.
    dy : array or None
        The gradient of its output, with the margins it asked for; None where there is no backward pass. It must not
        be changed.
    dxs : list of array or None
        Where the gradients of its inputs go, each to be overwritten; None where nobody asks.
    weights : list of LayerWeights
        Those of its layers, one for each.
    scratch : array, (n,)
        Shared by all steps: what stands there lasts no longer than one call.
    zeros : array, (n,)
        Read by all steps.
    exchanged : array of float64, (parts of the batch, n)
        What kernels of the same step tell each other, each in the row of its part; filled in one phase of a pass, read
        in the next.
    kept : mapping of str to array
        The kernel's own arrays, as it asked for them.
    """

    xs: list[Array]
    y: Array
    dy: Array | None
    dxs: list[Array | None]
    weights: list[LayerWeights]
    scratch: Array
    zeros: Array
    exchanged: Array
    kept: dict[str, Array] = field(default_factory=dict)


class Kernel(ABC):
    """A way to compute a step.

    It is made in two stages: construction decides everything that depends on shapes alone, so that a plan's memory is
    known before any of it is taken; `bind` hands over the arrays, and afterwards `forward` and `backward` only compute.

    A batch may be divided among replicas of the network, and a kernel sees its part. One that needs to know something
    of the whole batch passes in several phases: between two of them all replicas have finished the first.

    Attributes
    ----------
    nodes : tuple of Node
        The layers that this step computes, one after the other.
    sources : tuple of int
        The nodes whose outputs it reads: those of its first layer, then what the others read besides.
    target : int
        The node whose output it writes: its last.
    derives : bool
        Whether it will ever pass backwards: only then it gets the gradient of its output.
    margins : tuple of Margins
        The zeros it wants around each of its inputs.
    dy_margins : Margins
        The zeros it wants around the gradient of its output.
    n_scratch : int
        How many values of the shared scratch it uses.
    n_zeros : int
        How many zeros it reads; see `as_zeros`.
    n_exchanged : int
        How many numbers it tells the replicas of the other parts.
    kept : mapping of str to (shape, dtype)
        The arrays it wants for itself.
    """

    pattern: ClassVar[str] = ""
    """How it computes, in a few words for a printed plan."""

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        self.nodes = nodes
        self.setting = setting
        inside = {node.index for node in nodes}
        self.sources = tuple(source for node in nodes for source in node.sources if source not in inside)
        self.target = nodes[-1].index
        self.derives = setting.derives(nodes)
        self.margins: tuple[Margins, ...] = (NO_MARGINS,) * len(self.sources)
        self.dy_margins = NO_MARGINS
        self.n_scratch = 0
        self.n_zeros = 0
        self.n_exchanged = 0
        self.kept: dict[str, tuple[tuple[int, ...], type | np.dtype[Any]]] = {}

    @property
    def kept_bytes(self) -> int:
        """The memory of the arrays that it wants for itself."""
        return sum(prod(shape) * np.dtype(dtype).itemsize for shape, dtype in self.kept.values())

    @property
    def how(self) -> str:
        """How it computes these layers, for a printed plan."""
        return self.pattern

    @classmethod
    def suits(cls, nodes: tuple[Node, ...]) -> bool:
        """Tell whether it can compute layers of the kinds it is meant for with these settings and shapes."""
        return True

    def reserve(self, n_values: int) -> slice:
        """Ask for a part of the shared scratch that overlaps with no other part of this kernel's."""
        step = CACHE_LINE // self.setting.dtype.itemsize
        start = self.n_scratch
        self.n_scratch += -(-n_values // step) * step
        return slice(start, start + n_values)

    def reserve_mask(self, n_flags: int) -> slice:
        """Ask for a part of the shared scratch that can hold so many flags; see `as_mask`."""
        return self.reserve(-(-n_flags // self.setting.dtype.itemsize))

    def exchange(self, n_values: int) -> slice:
        """Ask for some of the numbers that are told the other replicas."""
        start = self.n_exchanged
        self.n_exchanged += n_values
        return slice(start, start + n_values)

    @abstractmethod
    def bind(self, arrays: Binding) -> None:
        """Take the arrays, and make every view that the passes will need."""

    @abstractmethod
    def forward(self) -> None:
        """Compute the output."""

    @abstractmethod
    def backward(self) -> None:
        """Compute the gradients of the inputs and the weights from that of the output."""

    def forward_phases(self) -> tuple[Phase, ...]:
        """List what `forward` does; between two of them all replicas meet."""
        return (self.forward,)

    def backward_phases(self) -> tuple[Phase, ...]:
        """List what `backward` does; between two of them all replicas meet."""
        return (self.backward,)


def as_zeros(zeros: Array, shape: tuple[int, ...]) -> Array:
    """View zeros to compare an image's or a layer's values with: (…) as they are, of (C, H, W, N) one channel's.

    NumPy takes the maxima of two arrays with vector instructions, but not those of an array and a number, which takes
    two to three times as long.
    """
    wanted = zeros_shape(shape)
    return zeros[: prod(wanted)].reshape(wanted)


def zeros_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the shape of the zeros that values of a shape are compared with."""
    return shape[1:] if len(shape) == 4 else shape


def as_mask(part: Array, shape: tuple[int, ...]) -> Array:
    """View a part of the scratch as flags."""
    return part.view(np.bool_)[: prod(shape)].reshape(shape)


def as_image(array: Array) -> Array:
    """View features as an image of one pixel: (C, N) -> (C, 1, 1, N)."""
    return array if array.ndim == 4 else array[:, None, None]


def image_shape(shape: Shape) -> tuple[int, int, int]:
    """Return a layer's shape as that of an image, features as one pixel: (C,) -> (1, 1, C)."""
    *image, channels = shape
    high, wide = image or (1, 1)
    return high, wide, channels
