"""The thread that makes pictures of networks that don't train."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread
from typing import TYPE_CHECKING

from core.errors import ConvographError, NetworkError
from core.graph.values import Document, Graph
from core.io.datasets import Dataset, counted_from, fit_to, load_dataset
from core.shapes import Shape
from core.text import listing
from core.training.snapshots import Interest, Snapshot
from designer.session.session import Carry
from designer.training.worker import attempt, look

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.engine.network import Network


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """What a run left behind: weights, and the samples they were learned from.

    Attributes
    ----------
    network : Network or None
        None where the document was rewritten since: the weights are then those of `origin`, carried over.
    origin : Trained or None
    carry : callable or None
        Returns the weights of the origin in the form that this document's network takes.
    """

    document: Document
    network: Network | None
    dataset: Dataset
    step: int
    origin: Trained | None = None
    carry: Carry | None = None

    def make_network(self) -> Network:
        """Return the network; one that was carried over is made again."""
        if self.network is not None:
            return self.network
        from core.engine.network import Network

        network = Network(self.document)
        if self.origin is not None and self.carry is not None:
            network.weights.update(self.carry(self.origin.make_network().weights))
        return network


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What is to be pictured: an untrained network of a document, or what a run left behind."""

    document: Document
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
        self._network: tuple[tuple[Graph, int, str], Network] | None = None
        self._trained: tuple[Trained, Network] | None = None
        self._dataset: tuple[tuple[str, Path | None, Shape, int], Dataset] | None = None

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
            if (trained := order.trained) is not None:
                if self._trained is None or self._trained[0] is not trained:
                    self._trained = (trained, trained.make_network())
                network = self._trained[1]
                snapshot = look(network, trained.dataset, order.interest, order.sample, trained.step)
                return Picture(order, snapshot, trained.dataset)
            network = self._untrained(order.document)
            refusal, dataset = "", None
            try:
                dataset = self._samples(order, network)
            except ConvographError as error:
                refusal = str(error)
            return Picture(order, look(network, dataset, order.interest, order.sample, 0), dataset, refusal)

    def _untrained(self, document: Document) -> Network:
        from core.engine.network import Network

        settings = document.training.settings
        key = (document.graph, settings.seed, settings.initializer)
        if self._network is None or self._network[0] != key:
            self._network = None  # two large networks at a time would be one too many
            self._network = (key, Network(document))
        return self._network[1]

    def _samples(self, order: Order, network: Network) -> Dataset:
        program = network.program
        if (n := len(program.read_inputs)) != 1:
            raise NetworkError(
                f"Maps need a sample, which goes into one Input; this network has {n}: {listing(network.input_ids)}."
            )
        shape, settings = program.nodes[program.read_inputs[0]].shape, order.document.training.settings
        key = (settings.dataset, order.base, shape, settings.first_label)
        if self._dataset is None or self._dataset[0] != key:
            stored = counted_from(load_dataset(settings.dataset, order.base), settings.first_label)
            self._dataset = (key, fit_to(stored, shape))
        return self._dataset[1]
