"""What computes a training's steps: the seam between its course and whoever measures batches and moves parameters."""

from __future__ import annotations

from typing import ClassVar, Protocol

from core.analysis.report import Report
from core.engine.network import Network
from core.io.datasets import Indices
from core.layers.values import Array
from core.learning.optimizers import Optimizer
from core.training.parts import part_size
from core.training.penalty import Penalty
from core.training.run_on import RunOn


class Engine(Protocol):
    """Measures batches of a network and moves its parameters.

    Weights and gradients may be somewhere else while it is at work, such as on a graphics card: `read` brings them to
    the network, `write` takes over what was changed there.

    Attributes
    ----------
    run_on : RunOn
    is_here : bool
        Whether it works on the network's own arrays, so that `read` and `write` have nothing to do.
    most_at_once : int
        Larger batches are computed in parts, where the network can be.
    """

    run_on: RunOn
    is_here: bool
    most_at_once: int

    def share(self, samples: Indices) -> Indices:
        """Return those samples of a batch that this process computes."""

    def loss_and_gradient(self, x: Array, labels: Array) -> tuple[float, int]:
        """Measure a batch in training mode, and find the gradient of its mean loss.

        Parameters
        ----------
        x : array, (n, H, W, C) or (n, C)
            The samples that are this process's share.
        labels : array of int, (N,)
            Of all samples of the batch.

        Returns
        -------
        loss, n_right
            Of the whole batch.
        """

    def evaluate(self, x: Array, labels: Array) -> tuple[float, int]:
        """Measure a batch in inference mode: the summed loss, and how many samples are right; as in training."""

    def move(
        self,
        penalty: Penalty,
        optimizer: Optimizer,
        moments: tuple[Array, ...],
        step: int,
        scratch: Array,
        rate: float,
    ) -> None:
        """Move the parameters along the gradient that was found last; the arrays are as `Optimizer.update` has them."""

    def first_nonfinite(self) -> str | None:
        """Name the layer in which NaN or infinity began in the last pass; None where all is finite."""

    def read(self) -> None:
        """Let the network, and the moments, have what is computed by now."""

    def write(self) -> None:
        """Go on with what the network, and the moments, hold now."""


class MakeEngine(Protocol):
    """Makes the engine of a training.

    Attributes
    ----------
    has_replicas : bool
        Whether the network's own replicas compute parts of batches.
    computers : int
        How many share each batch with a memory of their own; 0 where it is computed in memory that nobody knows here.
    """

    @property
    def has_replicas(self) -> bool:
        """Whether the network's own replicas compute parts of batches."""

    @property
    def computers(self) -> int:
        """How many share each batch with a memory of their own; 0 where nobody knows the memory."""

    def __call__(self, network: Network, report: Report) -> Engine:
        """Return the engine that computes a network, of which `check` says a report."""


class NumpyEngine:
    """Convograph's own: the network itself computes."""

    has_replicas: ClassVar = True
    computers: ClassVar = 1

    def __init__(self, network: Network, report: Report) -> None:
        self._network = network
        self.run_on = RunOn()
        self.is_here = True
        self.most_at_once = part_size(network.program)

    def share(self, samples: Indices) -> Indices:
        """Return them all."""
        return samples

    def loss_and_gradient(self, x: Array, labels: Array) -> tuple[float, int]:
        """Do what `Engine` says."""
        return self._network.loss_and_gradient(x, labels)

    def evaluate(self, x: Array, labels: Array) -> tuple[float, int]:
        """Do what `Engine` says."""
        return self._network.evaluate(x, labels)

    def move(
        self,
        penalty: Penalty,
        optimizer: Optimizer,
        moments: tuple[Array, ...],
        step: int,
        scratch: Array,
        rate: float,
    ) -> None:
        """Do what `Engine` says."""
        parameters, gradients = self._network.parameters, self._network.gradients
        penalty.amend(parameters, gradients, scratch)
        optimizer.update(parameters, gradients, moments, step, scratch, rate)

    def first_nonfinite(self) -> str | None:
        """Do what `Engine` says."""
        return self._network.first_nonfinite()

    def read(self) -> None:
        """Do nothing: all is there."""

    def write(self) -> None:
        """Do nothing: all is there."""
