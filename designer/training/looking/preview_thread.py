"""The thread that makes pictures of networks that don't train."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.analysis.report import Report
from core.analysis.sound import sound_part
from core.errors import ConvographError
from core.io.datasets import Dataset
from core.io.prepared import Beside
from core.text import counted
from core.training.snapshots import Interest, Snapshot
from designer.session import Probed
from designer.training.looking.last_network import LastNetwork, Trained
from designer.training.looking.newest_thread import NewestThread
from designer.training.worker import attempt, look


@dataclass(frozen=True, slots=True, eq=False)
class Order:
    """What is to be pictured: the untrained network of a checked document, or what a run left behind."""

    report: Report
    base: Path | None
    interest: Interest
    probed: Probed
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


class PreviewThread(NewestThread[Order, Picture]):
    """Keeps the last network and the last data set for the next picture."""

    tells_of_older = False

    def __init__(self) -> None:
        super().__init__("preview")
        self._last = LastNetwork()

    def work(self, order: Order) -> None:
        """Make the picture, or say why there is none."""
        done = attempt(lambda: self._picture_of(order), "The network could not be pictured.")
        self.post(done if isinstance(done, Picture) else Picture(order, refusal=f"{done.what} {done.why}"))

    def _picture_of(self, order: Order) -> Picture:
        from core.engine.threads import ONE_THREAD

        with ONE_THREAD:
            trained, report = order.trained, order.report
            network = self._last.network(report, trained)
            refusal, dataset = how_to_see_the_rest(report) if trained is None else "", None
            try:
                samples = self._last.samples(network, report, order.base, trained)
                if trained is None:
                    settings = report.document.training.settings
                    network.beside = Beside(self._last.steps(settings, samples))
                dataset = samples
            except ConvographError as error:
                refusal = str(error)
            step = trained.step if trained else 0
            return Picture(order, look(network, dataset, order.interest, order.probed, step), dataset, refusal)


def how_to_see_the_rest(report: Report) -> str:
    """Say why layers at and below an error are not pictured; empty where there is none."""
    n = len(report.errors)
    if not n:
        return ""
    problems = "the problem" if n == 1 else f"the {counted(n, 'problem')}"
    computes = any(layer.layer.inputs for layer in sound_part(report).layers.values())
    return f"Solve {problems} to see what {'this layer computes' if computes else 'the layers compute'}."
