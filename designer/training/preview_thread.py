"""The thread that makes pictures of networks that don't train."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread
from typing import TYPE_CHECKING

from core.analysis.report import Report
from core.analysis.sound import sound_part
from core.errors import ConvographError, NetworkError
from core.graph.values import Document, Graph
from core.io.datasets import Dataset
from core.io.prepared import Beside
from core.io.weights import read_weights
from core.layers.values import Array
from core.learning.initializers import Initializer
from core.preprocessing.step import Fitted
from core.shapes import Shape
from core.text import counted, listing
from core.training.snapshots import Interest, Snapshot
from designer.training.worker import attempt, look

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


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What is to be pictured: the untrained network of a checked document, or what a run left behind."""

    report: Report
    base: Path | None
    interest: Interest
    sample: int
    trained: Trained | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An answer to an order.

    Attributes
    ----------
    snapshot : Snapshot or None
        None where the network could not be made.
    dataset : Dataset or None
        The samples, fitted to the network; None where there are none for it.
    refusal : str
        Why something is missing; empty where nothing is.
    """

    order: Order
    snapshot: Snapshot | None = None
    dataset: Dataset | None = None
    refusal: str = ""


class PreviewThread(Thread):
    """Works on the newest order only, and keeps the last network and the last data set for the next one."""

    def __init__(self) -> None:
        super().__init__(name="preview", daemon=True)
        self._changed = Condition()
        self._order: Order | None = None
        self._picture: Picture | None = None
        self._closed = False
        self._network: tuple[tuple[Graph, int, Initializer], Network] | None = None
        self._trained: tuple[Trained, Network] | None = None
        self._dataset: tuple[tuple[str, Path | None, Shape, int, str], Dataset] | None = None
        self._fitted: tuple[Dataset, tuple[object, ...], tuple[Fitted, ...]] | None = None

    def ask(self, order: Order) -> None:
        """Take an order; one that nobody has begun with is forgotten."""
        with self._changed:
            self._order, self._picture = order, None
            self._changed.notify_all()

    def collect(self) -> Picture | None:
        """Take the newest picture, if it is done."""
        with self._changed:
            picture, self._picture = self._picture, None
            return picture

    def close(self) -> None:
        """End the thread after what it is working on."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def run(self) -> None:
        """Work until closed."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._order is not None)
                order, self._order = self._order, None
            if self._closed or order is None:
                return
            picture = self._develop(order)
            with self._changed:
                if self._order is None:
                    self._picture = picture

    def _develop(self, order: Order) -> Picture:
        done = attempt(lambda: self._picture_of(order), "The network could not be pictured.")
        return done if isinstance(done, Picture) else Picture(order, refusal=f"{done.what} {done.why}")

    def _picture_of(self, order: Order) -> Picture:
        from core.engine.threads import ONE_THREAD

        with ONE_THREAD:
            trained = order.trained
            network = self._untrained(order.report) if trained is None else self._network_of(trained)
            refusal, dataset = how_to_see_the_rest(order.report) if trained is None else "", None
            try:
                samples = self._samples(order, network)
                if trained is None:
                    network.beside = Beside(self._steps(order, samples))
                dataset = samples
            except ConvographError as error:
                refusal = str(error)
            step = trained.step if trained else 0
            return Picture(order, look(network, dataset, order.interest, order.sample, step), dataset, refusal)

    def _network_of(self, trained: Trained) -> Network:
        from core.engine.network import Network

        if self._trained is None or self._trained[0] is not trained:
            if self._trained is not None and self._trained[0].document.graph is trained.document.graph:
                network = self._trained[1]
            else:
                self._trained = self._network = None  # two large networks at a time would be one too many
                network = Network(trained.document)
            self._trained = None
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

    def _samples(self, order: Order, network: Network) -> Dataset:
        program = network.program
        if (n := len(program.read_inputs)) != 1:
            raise NetworkError(
                f"Maps need a sample, which goes into one Input; this network has {n}: {listing(network.input_ids)}."
            )
        shape, settings = program.nodes[program.read_inputs[0]].shape, order.report.document.training.settings
        if order.trained is not None and order.trained.dataset is not None and order.trained.dataset.shape == shape:
            return order.trained.dataset
        from core.training.preparation import fitted_to, load_for

        key = (settings.dataset, order.base, shape, settings.first_label, settings.resize)
        if self._dataset is None or self._dataset[0] != key:
            self._dataset = (key, fitted_to(load_for(settings, shape, order.base), settings, shape))
        return self._dataset[1]

    def _steps(self, order: Order, dataset: Dataset) -> tuple[Fitted, ...]:
        """Fit preprocessing as a training would."""
        from core.training.preparation import divided, fit_preparation, preparing_problems

        settings = order.report.document.training.settings
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


def how_to_see_the_rest(report: Report) -> str:
    """Say why layers at and below an error are not pictured; empty where there is none."""
    n = len(report.errors)
    if not n:
        return ""
    problems = "the problem" if n == 1 else f"the {counted(n, 'problem')}"
    computes = any(layer.layer.inputs for layer in sound_part(report).layers.values())
    return f"Solve {problems} to see what {'this layer computes' if computes else 'the layers compute'}."
