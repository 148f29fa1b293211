"""What sanity checks look at: a network of their own, with the samples that training would learn from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.analysis.report import Report
from core.engine.kernels.loss import scores_of
from core.engine.network import Network
from core.engine.program import Program
from core.graph.training import Training
from core.graph.values import Document, Layer, make_spec
from core.io.datasets import Dataset, Indices
from core.layers import Context, Kind
from core.learning.losses import CrossEntropy, Loss
from core.learning.optimizers import Optimizer
from core.training.batches import batches, shuffled
from core.training.course import usable_optimizer
from core.training.findings.facts import spread
from core.training.parts import part_size
from core.training.trainer import Trainer

BRIGHT = 5.0
"""Values of samples beyond it, in either direction, are neither scaled to 0 … 1 nor standardised."""
SPREAD, N_DRAWN = 4.0, 2000
"""The standard deviation of scores up to which a beginning is healthy, and how many drawn rows are measured. Weights
drawn by He give about 1, deep residual networks more."""


class Subject:
    """A document as training would begin with it; no run is changed by what is done to it.

    Parameters
    ----------
    document : Document
    data, base, report
        As for `Trainer`, whose failures are those of this class.

    Attributes
    ----------
    network : Network
        As it is before the first step. Whoever changes its weights draws them anew.
    dataset : Dataset
        As it reaches the network.
    training : array of int, (n,)
        Which samples are learned from.
    """

    def __init__(
        self,
        document: Document,
        data: Dataset | None = None,
        *,
        base: Path | None = None,
        report: Report | None = None,
    ) -> None:
        trainer = Trainer(document, data, base=base, replicas=1, report=report)
        self.document, self.network = document, trainer.network
        self.dataset, self.training = trainer.dataset, trainer.train_indices
        self._preparation = trainer.preparation

    @property
    def program(self) -> Program:
        """What the network computes."""
        return self.network.program

    @property
    def settings(self) -> Training:
        """The training settings of the document."""
        return self.document.training

    @property
    def optimizer(self) -> Optimizer:
        """The optimiser of the document."""
        return usable_optimizer(self.document.training)

    @property
    def n_outputs(self) -> int:
        """How many numbers the output has: C."""
        return self.program.nodes[self.program.outputs[0]].shape[-1]

    @property
    def loss(self) -> Loss:
        """What training minimises."""
        return self.settings.settings.loss

    @property
    def guess(self) -> float:
        """The loss of a network that prefers no class, all of whose scores are 0: ln C with cross-entropy."""
        return self._loss_of(np.zeros((self.n_outputs, self.n_outputs)))

    @property
    def most(self) -> float:
        """The loss of a network whose scores have a spread of `SPREAD`: as far as a good beginning may be from it."""
        rng = np.random.Generator(np.random.PCG64(0))
        n_rows = self.n_outputs * max(1, N_DRAWN // self.n_outputs)
        return self._loss_of(SPREAD * rng.standard_normal((n_rows, self.n_outputs)))

    def _loss_of(self, scores: NDArray[np.float64]) -> float:
        """Measure scores (n, C) with every label equally often, as they leave a last layer that the loss takes."""
        end = self.program.nodes[self.program.outputs[0]]
        if scores_of(self.program) == end.index and not end.weights and end.shape == end.inputs[0]:
            scores = end.kind.forward((scores,), {}, Context())
        labels = np.arange(len(scores)) % self.n_outputs
        return self.loss.measure(scores, labels, self.network.class_weights)[0]

    def copy(self, dtype: Literal["float32", "float64"] = "float32", loss: Loss | None = None) -> Network:
        """Make the same network anew, with nothing that draws in training; with another loss, if one is given."""
        document = undisturbed(self.document)
        if loss is not None:
            document = _with_loss(document, loss)
        network = Network(document, dtype)
        network.class_weights = self.network.class_weights
        return network

    def begin(self) -> Network:
        """Return the network as training finds it: its weights, and what Dropout draws next."""
        self.network.draw_weights()
        self.network.n_drawn = 0
        return self.network

    def first_batches(self, n: int) -> list[Indices]:
        """Return the samples of the first batches that training would take, shortened where they would take long."""
        settings = self.settings.settings
        order = shuffled(self.training, settings.seed, 1)
        cut = batches(order, min(settings.batch_size, part_size(self.program)))
        return [samples for samples, _ in zip(cut, range(n), strict=False)]

    def of_every_class(self, n: int) -> Indices:
        """Choose training samples, from every class as many as from the others as far as there are."""
        return spread(self.training, self.dataset.labels, n)

    def measure(self, network: Network, samples: Indices) -> float:
        """Return the mean loss of samples in training mode, and leave its gradient in the network."""
        with np.errstate(all="ignore"):
            return network.loss_and_gradient(self.pixels(samples), self.dataset.labels[samples])[0]

    def pixels(self, samples: Indices) -> NDArray[np.float32]:
        """Return samples as they reach the network, without augmentation: the checks ask of nothing drawn by chance."""
        return self._preparation.of(self.dataset, samples)

    def unscaled(self) -> str:
        """Say that samples, as they reach the network, are far from 0 … 1, and what to do; "" where they aren't."""
        pixels = self.pixels(self.first_batches(1)[0])
        low, high = float(pixels.min()), float(pixels.max())
        if max(-low, high) <= BRIGHT:
            return ""
        return f"Its samples reach from {low:.4g} to {high:.4g}: scale them to 0 … 1, or standardise them."


def undisturbed(document: Document) -> Document:
    """Return the same network with everything switched off that draws in training, such as Dropout.

    Labels are not smoothed either: smoothed ones can't be learned to 0.

    >>> from core.io.templates import load_template
    >>> document = load_template("all_cnn_c")
    >>> {layer.config["rate"] for layer in undisturbed(document).graph.layers if layer.kind == "Dropout"}
    {0.0}
    """
    graph = document.graph
    blocks = {name: replace(block, layers=_undisturbed(block.layers)) for name, block in graph.blocks.items()}
    if isinstance(document.training.settings.loss, CrossEntropy):
        document = _with_loss(document, CrossEntropy())
    return replace(document, graph=replace(graph, layers=_undisturbed(graph.layers), blocks=blocks))


def _with_loss(document: Document, loss: Loss) -> Document:
    settings = document.training.settings.model_copy(update={"loss": loss})
    return replace(document, training=replace(document.training, settings=settings))


def _undisturbed(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Set to 0 what such kinds have: how strongly they disturb."""
    return tuple(
        replace(layer, spec=make_spec(layer.kind, dict.fromkeys(type(layer.spec).model_fields, 0))[0])
        if isinstance(layer.spec, Kind) and layer.spec.stochastic
        else layer
        for layer in layers
    )
