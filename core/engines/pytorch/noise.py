"""Layers that draw in training, with the random numbers that NumPy's engine would draw."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from core.engine.kernels.loss import scores_of
from core.engine.network import Network
from core.engine.program import Node
from core.engines.pytorch.written import Written
from core.layers import Context
from core.layers.regularisation import GaussianNoise, SpatialDropout


class Drawn(nn.Module):
    """A layer that draws: it multiplies by what was drawn, or adds it.

    Attributes
    ----------
    drawn : Tensor or None
        For the samples of the next pass, in PyTorch's axes.
    """

    def __init__(self, node: Node) -> None:
        super().__init__()
        self._kind, self._shape = node.kind, node.shape
        self._adds = isinstance(node.kind, GaussianNoise)
        self.drawn: Tensor | None = None

    def draw(self, n: int, mine: slice, rng: np.random.Generator, like: Tensor) -> None:
        """Draw for a batch, and keep what is for some of its samples.

        The kind itself draws: it is given what its numbers change into themselves.

        Parameters
        ----------
        like : Tensor
            Whose dtype and device the numbers get.
        """
        shape = (1, 1, self._shape[-1]) if isinstance(self._kind, SpatialDropout) else self._shape
        neutral = np.full(
            (n, *shape), 0 if self._adds else 1, np.float64 if like.dtype == torch.float64 else np.float32
        )
        drawn = self._kind.forward((neutral,), {}, Context(training=True, rng=rng))[mine]
        tensor = torch.from_numpy(drawn).to(like.device)
        self.drawn = tensor.permute(0, 3, 1, 2) if tensor.ndim == 4 else tensor

    def forward(self, x: Tensor) -> Tensor:
        """Change samples as was drawn; in inference they pass."""
        if not self.training or self.drawn is None:
            return x
        return x + self.drawn.to(x.dtype) if self._adds else x * self.drawn.to(x.dtype)


class Noise:
    """All layers of a network that draw, in the order in which NumPy's engine computes them."""

    def __init__(self, network: Network, written: Written) -> None:
        self._network = network
        needed = network.program.ancestors([scores_of(network.program)])
        self._layers: dict[int, Drawn] = {}
        for path, line in written.lines:
            if line.node is not None and line.node.kind.stochastic and line.node.index in needed:
                self._layers[line.node.index] = Drawn(line.node)
                parent, _, name = path.rpartition(".")
                setattr(written.module.get_submodule(parent), name, self._layers[line.node.index])

    def draw(self, n: int, mine: slice, like: Tensor) -> None:
        """Draw for a batch of `n` samples, of which some are computed here."""
        for index in sorted(self._layers):
            self._layers[index].draw(n, mine, self._network.rng, like)
        if self._layers:
            self._network.n_drawn += 1
