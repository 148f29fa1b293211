"""What sanity checks look at: a network of their own, with the samples that training would learn from."""

from __future__ import annotations

from dataclasses import replace
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.analysis.report import Report
from core.engine.network import Network
from core.engine.program import Program
from core.graph.training import Training
from core.graph.values import Document, Layer, make_spec
from core.io.datasets import Dataset, Indices
from core.layers import Kind
from core.learning.optimizers import Optimizer
from core.training.batches import batches, shuffled
from core.training.course import usable_optimizer
from core.training.findings.facts import spread
from core.training.parts import part_size
from core.training.trainer import Trainer


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
    def guess(self) -> float:
        """The loss of whoever holds all C outputs for equally likely: ln C."""
        return log(self.n_outputs)

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


def undisturbed(document: Document) -> Document:
    """Return the same network with everything switched off that draws in training, such as Dropout.

    >>> from core.io.templates import load_template
    >>> document = load_template("all_cnn_c")
    >>> {layer.config["rate"] for layer in undisturbed(document).graph.layers if layer.kind == "Dropout"}
    {0.0}
    """
    graph = document.graph
    blocks = {name: replace(block, layers=_undisturbed(block.layers)) for name, block in graph.blocks.items()}
    return replace(document, graph=replace(graph, layers=_undisturbed(graph.layers), blocks=blocks))


def _undisturbed(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Set to 0 what such kinds have: how strongly they disturb."""
    return tuple(
        replace(layer, spec=make_spec(layer.kind, dict.fromkeys(type(layer.spec).model_fields, 0))[0])
        if isinstance(layer.spec, Kind) and layer.spec.stochastic
        else layer
        for layer in layers
    )
