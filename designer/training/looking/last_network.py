"""The network that was looked at last, kept with its samples for the next look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.analysis.report import Report
from core.analysis.sound import sound_part
from core.errors import NetworkError
from core.graph.training import TrainingSettings
from core.graph.values import Document, Graph
from core.io.datasets import Dataset
from core.io.prepared import Beside
from core.io.weights import read_weights
from core.layers.values import Array
from core.learning.initializers import Initializer
from core.preprocessing.step import Fitted
from core.shapes import Shape
from core.text import listing

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.engine.network import Network


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What a run left behind.

    Attributes
    ----------
    document : Document
        Whose network has the weights.
    weights : mapping of str to array
    beside : Beside
        How the samples were prepared that they were learned from.
    dataset : Dataset or None
        The samples that they were learned from; None where they came from a file.
    step : int
        Steps that were taken.
    name : str
        What to call it: "run 3", "run 3, before your edit".
    is_drawn : bool
        Whether it is the network that is drawn; otherwise it is one that was drawn before an edit.
    tick : Path or None
        The file that the weights are read from where they are not in memory.
    """

    document: Document
    weights: Mapping[str, Array]
    beside: Beside
    dataset: Dataset | None
    step: int
    name: str
    is_drawn: bool = True
    tick: Path | None = None


class LastNetwork:
    """Makes a network, loads samples and fits preprocessing, unless the last ones are what is asked for.

    One thread uses it.
    """

    def __init__(self) -> None:
        self._network: tuple[tuple[Graph, int, Initializer], Network] | None = None
        self._trained: tuple[Trained, Network] | None = None
        self._dataset: tuple[tuple[str, Path | None, Shape, int, str], Dataset] | None = None
        self._fitted: tuple[Dataset, tuple[object, ...], tuple[Fitted, ...]] | None = None

    def network(self, report: Report, trained: Trained | None) -> Network:
        """Return the network that was trained; otherwise that of a checked document, as it is drawn, untrained."""
        return self._untrained(report) if trained is None else self._network_of(trained)

    def _network_of(self, trained: Trained) -> Network:
        from core.engine.network import Network

        if self._trained is None or self._trained[0] is not trained:
            if self._trained is None or self._trained[0].document.graph is not trained.document.graph:
                self._trained = self._network = None  # two large networks at a time would be one too many
                network = Network(trained.document)
            else:
                network, self._trained = self._trained[1], None
            shapes = {name: array.shape for name, array in network.weights.items()}
            network.weights.update(trained.weights if trained.tick is None else read_weights(trained.tick, shapes))
            network.beside = trained.beside
            self._trained = (trained, network)
        return self._trained[1]

    def _untrained(self, report: Report) -> Network:
        from core.engine.network import Network

        document = report.document
        settings = document.training.settings
        key = (document.graph, settings.seed, settings.initializer)
        if self._network is None or self._network[0] != key:
            self._network = self._trained = None  # two large networks at a time would be one too many
            self._network = (key, Network(document, report=sound_part(report)))
        return self._network[1]

    def samples(self, network: Network, report: Report, base: Path | None, trained: Trained | None) -> Dataset:
        """Return the samples, fitted to the network.

        Raises
        ------
        ConvographError
            There are none for it.
        """
        program = network.program
        if (n := len(program.read_inputs)) != 1:
            raise NetworkError(
                f"Maps need a sample, which goes into one Input; this network has {n}: {listing(network.input_ids)}."
            )
        shape, settings = program.nodes[program.read_inputs[0]].shape, report.document.training.settings
        if trained is not None and trained.dataset is not None and trained.dataset.shape == shape:
            return trained.dataset
        from core.training.preparation import fitted_to, load_for

        key = (settings.dataset, base, shape, settings.first_label, settings.resize)
        if self._dataset is None or self._dataset[0] != key:
            self._dataset = (key, fitted_to(load_for(settings, shape, base), settings, shape))
        return self._dataset[1]

    def steps(self, settings: TrainingSettings, dataset: Dataset) -> tuple[Fitted, ...]:
        """Fit preprocessing as a training would.

        Raises
        ------
        NetworkError
            It does not suit the samples.
        """
        from core.training.preparation import divided, fit_preparation, preparing_problems

        if not settings.preprocessing:
            return ()
        for problem in preparing_problems(settings, dataset.shape):
            if problem.field == "preprocessing":
                raise NetworkError(problem.what)
        key = (settings.preprocessing, settings.validation_split, settings.seed)
        if self._fitted is None or self._fitted[0] is not dataset or self._fitted[1] != key:
            training, _ = divided(dataset, settings)
            self._fitted = (dataset, key, fit_preparation(settings, dataset, training).steps)
        return self._fitted[2]
