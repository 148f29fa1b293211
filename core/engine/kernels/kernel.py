"""What a kernel is: one step of a plan, its geometry fixed for one batch size.

Inside the engine the batch is the innermost axis, (C, H, W, N) and (C, N), because then every operation runs along
contiguous samples. Only the network's face and the kinds' definitions speak N×H×W×C.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, NamedTuple

import numpy as np

from core.engine.program import Node
from core.layers.kind import Array


class Margins(NamedTuple):
    """Rows and columns of zeros around an image."""

    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0


NO_MARGINS = Margins()


@dataclass(frozen=True, slots=True)
class Setting:
    """What is fixed before a plan is laid out.

    Attributes
    ----------
    training : bool
        Whether the kinds compute as in training; False for inference.
    backward : bool
        Whether a backward pass may follow.
    """

    batch: int
    dtype: np.dtype[np.floating]
    training: bool
    backward: bool
    rng: np.random.Generator


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
    weights : mapping of str to array
        In the files' layout.
    gradients : mapping of str to array
        Where the gradients of its weights go; frozen ones have no place here.
    scratch : array, (n,)
        Shared by all steps: what stands there lasts no longer than one call.
    kept : mapping of str to array
        The kernel's own arrays, as it asked for them.
    """

    xs: list[Array]
    y: Array
    dy: Array | None
    dxs: list[Array | None]
    weights: dict[str, Array]
    gradients: dict[str, Array]
    scratch: Array
    kept: dict[str, Array] = field(default_factory=dict)


class Kernel(ABC):
    """A way to compute a step.

    It is made in two stages: construction decides everything that depends on shapes alone, so that a plan's memory is
    known before any of it is taken; `bind` hands over the arrays, and afterwards `forward` and `backward` only compute.

    Attributes
    ----------
    nodes : tuple of Node
        The layers that this step computes, one behind the other.
    sources : tuple of int
        The nodes whose outputs it reads: those of its first layer, unless a fusion reads more.
    target : int
        The node whose output it writes: its last.
    margins : tuple of Margins
        The zeros it wants around each of its inputs.
    dy_margins : Margins
        The zeros it wants around the gradient of its output.
    n_scratch : int
        How many values of the shared scratch it uses.
    kept : mapping of str to (shape, dtype)
        The arrays it wants for itself.
    """

    name: ClassVar[str]
    """What a printed plan calls it."""

    def __init__(self, nodes: tuple[Node, ...], setting: Setting) -> None:
        self.nodes = nodes
        self.setting = setting
        self.sources = nodes[0].sources
        self.target = nodes[-1].index
        self.margins: tuple[Margins, ...] = (NO_MARGINS,) * len(self.sources)
        self.dy_margins = NO_MARGINS
        self.n_scratch = 0
        self.kept: dict[str, tuple[tuple[int, ...], np.dtype[np.generic]]] = {}

    @abstractmethod
    def bind(self, arrays: Binding) -> None:
        """Take the arrays, and make every view that the passes will need."""

    @abstractmethod
    def forward(self) -> None:
        """Compute the output."""

    @abstractmethod
    def backward(self) -> None:
        """Compute the gradients of the inputs and the weights from that of the output."""
