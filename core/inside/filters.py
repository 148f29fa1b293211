"""What a filter looks for: the picture that would excite it most, and which pixels it listens to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from core.engine.network import Network
from core.engine.program import Node
from core.errors import NetworkError
from core.inside.passes import Pass, node_of
from core.inside.reason import Heat, Reason
from core.layers.values import Array
from core.text import counted
from core.work import Work, pinned

MOST_SAMPLES = 32
"""Samples over which an effective receptive field is averaged."""


@dataclass(frozen=True, slots=True, eq=False)
class Filter:
    """One channel of a layer's output.

    Attributes
    ----------
    network : Network
        Nobody else's while it is looked at; its weights stay as they are.
    layer : str
        The id of the layer, in the flattened graph.
    channel : int

    Raises
    ------
    NetworkError
        There is no such layer or channel.
    """

    network: Network
    layer: str
    channel: int

    def __post_init__(self) -> None:
        """Refuse what is not there."""
        n = self.node.shape[-1]
        if not 0 <= self.channel < n:
            raise NetworkError(f"{self.layer} has {counted(n, 'channel')}, so none of number {self.channel}.")

    @property
    def node(self) -> Node:
        """The layer."""
        return node_of(self.network, self.layer)

    def mean(self, n: int) -> Array:
        """Return the gradient of the channel's mean over its places by the layer's output, for each of n samples."""
        shape = self.node.shape
        dy = np.zeros((n, *shape), self.network.dtype)
        dy[..., self.channel] = 1 / np.prod(shape[:-1], dtype=np.int64)
        return dy

    def middle(self, n: int) -> Array:
        """Return the gradient of the channel's middle value by the layer's output, for each of n samples."""
        shape = self.node.shape
        dy = np.zeros((n, *shape), self.network.dtype)
        places = dy.reshape(n, -1, shape[-1])  # (n, H·W, C); of features (n, 1, C)
        row, column = (shape[0] // 2, shape[1] // 2) if len(shape) == 3 else (0, 0)
        places[:, row * (shape[1] if len(shape) == 3 else 1) + column, self.channel] = 1
        return dy


@dataclass(frozen=True, slots=True, eq=False)
class Wanted:
    """The picture that excites a filter.

    Attributes
    ----------
    x : array, (H, W, C) or (C,)
        As the network takes it: after preprocessing.
    before, after : float
        The filter's mean over its places, where the climb begins and for the picture.
    """

    x: Array
    before: float
    after: float


class ActivationMaximisation(Reason):
    """The input that a filter, or a class, answers to most, found by climbing its gradient from grey.

    Every step has the same length, so that how strongly a filter answers does not decide how far the climb gets.
    """

    name: ClassVar = "maximisation"
    title: ClassVar = "What it wants to see"
    formula: ClassVar = "argmax of mean(y_k) − λ/2·‖x‖², by steps of x += η·g/rms(g), g its gradient, from grey"
    source: ClassVar = "Simonyan, Vedaldi and Zisserman, “Deep Inside Convolutional Networks”, 2014, section 2"
    about: ClassVar = "filter"
    scale: ClassVar = "from the smallest value to the largest"
    not_shown: ClassVar = (
        "It is one of many inputs that excite the filter, found from grey, and need not look like any sample."
    )

    n_steps: ClassVar = 64
    step: ClassVar = 0.05
    decay: ClassVar = 1e-3

    def work(self, filter_: Filter, grey: Array) -> Work[Wanted]:
        """Find the picture, from an even grey as the network takes it: from black a ReLU may let nothing through.

        Raises
        ------
        NetworkError
            Nothing moves the filter where the climb begins, so that there is no way up.
        """
        x = np.array(grey, filter_.network.dtype)
        entry = filter_.network.program.nodes[filter_.network.program.read_inputs[0]].id
        values = []
        for step in range(self.n_steps + 1):
            done = Pass(filter_.network, x[None], filter_.layer)
            yield from pinned(step / self.n_steps, done.forward())
            values.append(float(done.outputs[filter_.layer][..., filter_.channel].mean()))
            if step == self.n_steps:
                break
            gradients = yield from pinned(step / self.n_steps, done.backward(filter_.mean(1)))
            gradient = gradients[entry][0]
            if step == 0 and not gradient.any():
                raise NetworkError(
                    f"Nothing moves channel {filter_.channel + 1} of {filter_.layer} from grey: its gradient is 0 "
                    "there, as it is where a ReLU is off."
                )
            gradient = gradient - self.decay * x
            x += self.step * gradient / max(float(np.sqrt(np.square(gradient).mean())), 1e-12)
        return Wanted(x, values[0], values[-1])


class EffectiveField(Reason):
    """Which pixels the middle value of a map really depends on, and how much."""

    name: ClassVar = "effective-field"
    title: ClassVar = "Effective receptive field"
    formula: ClassVar = "mean over samples of |∂y_k/∂x|, y_k the middle value of the map; summed over channels"
    source: ClassVar = "Luo et al., “Understanding the Effective Receptive Field”, 2016, sections 2 and 3.1"
    about: ClassVar = "filter"
    scale: ClassVar = "divided by its own largest value"
    not_shown: ClassVar = (
        "It is a mean over some samples: for a single one other pixels may count, and what several pixels do together "
        "is not in a derivative."
    )

    def work(self, filter_: Filter, xs: Array) -> Work[Heat]:
        """Compute the map over prepared samples (N, H, W, C), of which the first `MOST_SAMPLES` count."""
        xs = xs[:MOST_SAMPLES]
        entry = filter_.network.program.nodes[filter_.network.program.read_inputs[0]].id
        total = np.zeros(xs.shape[1:], np.float64)
        for place, x in enumerate(xs):
            done = Pass(filter_.network, x[None], filter_.layer)
            yield from pinned(place / len(xs), done.forward())
            gradients = yield from pinned(place / len(xs), done.backward(filter_.middle(1)))
            total += np.abs(gradients[entry][0])
        values = total / len(xs)
        values = values.sum(axis=-1) if values.ndim == 3 else values
        across = effective_size(values)
        return Heat(values, signed=False, note=f"about {across:.1f} pixels across, over {counted(len(xs), 'sample')}")


def effective_size(values: Array) -> float:
    """Return the side of a square with as many pixels as count: those above 4.55 % of the largest.

    So many standard deviations, two, make the edge of a Gaussian that 95.45 % lie within; source as above, section 3.1.

    >>> effective_size(np.array([[0.0, 1.0], [1.0, 0.04]])) == 2**0.5
    True
    """
    largest = float(values.max(initial=0.0))
    return float(np.sqrt(np.count_nonzero(values > (1 - 0.9545) * largest))) if largest > 0 else 0.0
