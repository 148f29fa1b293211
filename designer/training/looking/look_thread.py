"""The thread that looks into a network: it computes what is visible, layer by layer, for the newest probe."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from core.analysis.report import Report
from core.analysis.sound import sound_part
from core.errors import ConvographError
from core.io.datasets import Dataset
from core.io.datasets.drawings import Placing, placing_of
from core.io.prepared import Beside
from core.layers.values import Array
from core.preprocessing.step import treated
from designer.session import Probed
from designer.session.looking import Digest, Insight, Wanted
from designer.training.looking.last_network import LastNetwork, Trained
from designer.training.looking.newest_thread import NewestThread
from designer.training.looking.preview_thread import how_to_see_the_rest
from designer.training.worker import attempt, pixels_of

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.engine.network import Network
    from core.inside.looking import Look

TELL_SECONDS = 0.06
"""How often a look that takes longer tells what is there by now."""


@dataclass(frozen=True, slots=True, eq=False)
class LookOrder:
    """What is to be looked at.

    Attributes
    ----------
    report : Report
        Of the network: as drawn, or as it was trained.
    base : Path or None
        The document's folder.
    trained : Trained or None
        Its weights; None for those that it would begin with.
    """

    report: Report
    base: Path | None
    probed: Probed
    wanted: Wanted
    trained: Trained | None
    origin: str

    def is_overtaken_by(self, later: LookOrder) -> bool:
        """Say whether nobody waits for this one any more; newer weights alone wait until it is done."""
        return (self.probed, self.wanted, self.report) != (later.probed, later.wanted, later.report)


class LookThread(NewestThread[LookOrder, Insight]):
    """Tells what is there by now while a look takes long."""

    def __init__(self, tell: Callable[[], None]) -> None:
        super().__init__("look", tell)
        self._last = LastNetwork()
        self._placing: tuple[Dataset, Placing | None] | None = None

    def work(self, order: LookOrder) -> None:
        """Look into the network; whatever goes wrong becomes what is told."""
        done = attempt(partial(self._look, order), "The network could not be looked into.")
        if done is not None:
            self.post(Insight(order.report, order.probed, order.origin, refusal=f"{done.what} {done.why}"))

    def _look(self, order: LookOrder) -> None:
        from core.engine.threads import ONE_THREAD

        with ONE_THREAD:
            for look in self._looks(order):
                self.post(look)

    def _is_overtaken(self, order: LookOrder) -> bool:
        later = self.newer
        return self.is_closed or (later is not None and order.is_overtaken_by(later))

    def _looks(self, order: LookOrder) -> Iterator[Insight]:
        """Yield what is there by then, now and then; the last is whole unless somebody wants something else."""
        trained, report = order.trained, order.report
        network = self._last.network(report, trained)
        dataset, refusal = self._prepare(order, network)
        pixels = pixels_of(network, dataset, order.probed)
        step = trained.step if trained else 0
        placing = self._placing_of(dataset)
        look = Insight(
            report, order.probed, order.origin, step, pixels, dataset=dataset, placing=placing, refusal=refusal
        )
        if pixels is None or not order.wanted.layers:
            yield look
            return
        maps: dict[str, Array] = {}
        digests: dict[str, Digest] = {}
        told, n = perf_counter(), len(network.program.nodes)
        entering = treated(pixels[None].copy(), network.beside.steps)
        for n_done, computed in enumerate(network.each_activation(entering, order.wanted.layers)):
            for id, batch in computed.items():
                batch.setflags(write=False)
                maps[id] = batch[0]
                digests[id] = Digest.of(batch[0])
            if self._is_overtaken(order):
                return
            if perf_counter() - told > TELL_SECONDS:
                told = perf_counter()
                yield replace(look, maps=dict(maps), digests=dict(digests), n_done=min(n_done, n - 1), n=n)
        look = replace(look, maps=maps, digests=digests, n_done=n, n=n)
        try:
            explained = self._explained(network, entering[0], order, maps)
        except ConvographError as error:
            yield replace(look, refusal=str(error))
        else:
            yield replace(look, look=explained)

    @staticmethod
    def _explained(network: Network, sample: Array, order: LookOrder, maps: dict[str, Array]) -> Look:
        """Put together what explaining a cell needs; gradients take a pass of their own."""
        from core.inside.looking import Look, look_inside

        trained, aim = order.trained, order.wanted.aim
        if aim is not None:
            return look_inside(network, sample, aim, list(maps))
        # Nobody changes the weights of an untrained network, so that they need not be copied.
        weights = network.weights if trained is None else trained.weights or dict(network.weights)
        return Look(network.program, maps, weights)

    def _placing_of(self, dataset: Dataset | None) -> Placing | None:
        if dataset is None:
            return None
        if self._placing is None or self._placing[0] is not dataset:
            self._placing = (dataset, placing_of(dataset))
        return self._placing[1]

    def _prepare(self, order: LookOrder, network: Network) -> tuple[Dataset | None, str]:
        """Load samples and fit preprocessing; return why that can't be."""
        trained, report = order.trained, order.report
        refusal = how_to_see_the_rest(report) if trained is None else ""
        try:
            dataset = self._last.samples(network, report, order.base, trained)
            if trained is None:
                network.beside = Beside(self._last.steps(report.document.training.settings, dataset))
        except ConvographError as error:
            return None, str(error)
        return dataset, refusal


def why_not_looked(report: Report) -> str:
    """Say why there is nothing to look into; empty where there is."""
    if not report.document.graph.layers:
        return "Draw layers to see what they compute."
    return how_to_see_the_rest(report) if not report.valid and not sound_part(report).outputs else ""
