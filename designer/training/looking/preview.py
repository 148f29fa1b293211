"""Pictures of the network's insides while nothing trains: as it is drawn, untrained, or as the last run left it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from core.analysis.report import Report
from core.analysis.sound import sound_part
from core.graph.values import Graph
from core.text import brief_number
from core.training.snapshots import Interest
from designer.session import Change, Probed, Session
from designer.training.looking.last_network import Trained
from designer.training.looking.newest_thread import ended
from designer.training.looking.preview_thread import Order, PreviewThread, how_to_see_the_rest
from designer.training.runs.kept import KeptRun
from designer.training.runs.runs import Runs

MOST_PARAMETERS = 5_000_000
MOST_MACS = 500_000_000
"""Networks with more are not pictured before they train: drawing their weights would keep a core busy."""

DEBOUNCE_MS = 150
POLL_MS = 33
FIRST_MS = 100
"""How long the window has for its first frame: the first picture loads the engine, which would hold it up."""


class Preview(QObject):
    """Pictures the open document in a thread of its own, some time after its last change.

    While a run is shown, its weights are pictured: in the network that is drawn where they suit it, otherwise in the
    one that they were trained in. Of a document with errors everything above them is pictured.
    """

    snapshot = Signal(object)
    """Carries a `Snapshot`."""
    dataset_changed = Signal(object)
    """Carries the `Dataset` whose samples are shown, or None."""
    refused = Signal(str)
    """Why there is no picture, or none of a sample; empty when there is one."""

    def __init__(self, session: Session, runs: Runs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._runs = session, runs
        self._interest = Interest()
        self._probed = Probed()
        self._trained: tuple[tuple[KeptRun, Graph], Trained] | None = None
        self._moment: Trained | None = None
        self._active = True
        self._thread: PreviewThread | None = None
        self._window_is_drawn = False
        self._debounce = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._debounce.timeout.connect(self._ask)
        self._poll = QTimer(self, interval=POLL_MS, timerType=Qt.TimerType.PreciseTimer)
        self._poll.timeout.connect(self._collect)
        session.document_changed.connect(self._on_document_changed)
        runs.changed.connect(self._on_runs_changed)

    @property
    def trained(self) -> Trained | None:
        """What a run left behind that is pictured; None while the network is pictured as it is drawn, untrained."""
        if self._moment is not None:
            return self._moment
        shown, report = self._runs.shown, self._session.report
        if shown is None or shown.standing is None:
            self._trained = None
            return None
        key = (shown, report.document.graph)
        if self._trained is None or self._trained[0] != key:
            self._trained = (key, pictured(shown, report))
        return self._trained[1]

    def set_interest(self, interest: Interest) -> None:
        """Say which kernels and maps somebody looks at."""
        interest = replace(interest, weights=False)  # whoever computes with them makes the same network
        if interest != self._interest:
            self._interest = interest
            self._soon(0)

    def set_probe(self, probed: Probed) -> None:
        """Choose what maps are shown of."""
        if probed != self._probed:
            self._probed = probed
            if self._interest.maps:
                self._soon(0)

    def look_back(self, moment: Trained | None) -> None:
        """Picture a moment of a run instead of where it ended; None ends that."""
        if moment is not self._moment:
            self._moment = moment
            self._soon(0)

    def set_active(self, active: bool) -> None:
        """Rest while a run makes the pictures; afterwards make one at once."""
        self._active = active
        if active:
            self._soon(0)
        else:
            self._debounce.stop()
            self._poll.stop()

    def stop_and_wait(self, seconds: float = 5.0) -> bool:
        """End the thread; says whether it is gone. For closing the window."""
        self.set_active(False)
        thread, self._thread = self._thread, None
        return ended(thread, seconds)

    def _soon(self, delay_ms: int) -> None:
        if not self._active:
            return
        waiting = self._debounce.remainingTime() if self._debounce.isActive() else 0
        self._debounce.start(max(delay_ms, waiting))

    @Slot(object)
    def _on_document_changed(self, change: Change) -> None:
        if change.label is None:
            self._poll.stop()  # what is being made belongs to the document that was left
        before, after = change.before.training.settings, change.after.training.settings
        if change.graph_changed or before != after:
            self._soon(DEBOUNCE_MS)

    @Slot()
    def _on_runs_changed(self) -> None:
        self._soon(0)

    @Slot()
    def _ask(self) -> None:
        path = self._session.path
        trained = self.trained
        reason = "" if trained else why_not_pictured(self._session.report)
        if reason:
            self._poll.stop()
            self.refused.emit(reason)
            return
        if not self._window_is_drawn:
            self._window_is_drawn = True
            self._debounce.start(FIRST_MS)
            return
        if self._thread is None:
            self._thread = PreviewThread()
            self._thread.start()
        base = path.parent if path else None
        self._thread.ask(Order(self._session.report, _absolute(base), self._interest, self._probed, trained))
        self._poll.start()

    @Slot()
    def _collect(self) -> None:
        picture = self._thread.collect() if self._thread else None
        if picture is None:
            return
        self._poll.stop()
        self.refused.emit(picture.refusal)
        if picture.snapshot is not None:
            self.dataset_changed.emit(picture.dataset)
            self.snapshot.emit(picture.snapshot)


def pictured(shown: KeptRun, report: Report) -> Trained:
    """Say in which network the weights of a run are pictured, and what to call that."""
    document = report.document
    standing = shown.suiting(report)
    if standing is None:
        trained = shown.forms[0][1]
        name = f"{shown.name}, before your edit"
        return Trained(
            shown.document, trained.weights, trained.beside, shown.dataset, trained.place.step, name, is_drawn=False
        )
    as_trained = shown.drawn_as(document.graph) is not None
    name = shown.name if as_trained else f"weights of {shown.name}"
    return Trained(document, standing.weights, standing.beside, shown.dataset, standing.place.step, name)


def why_not_pictured(report: Report) -> str:
    """Say why an untrained network is not pictured; empty where it is."""
    if not report.document.graph.layers:
        return "Draw layers to see what they compute."
    sound = sound_part(report)
    if not report.valid and not sound.outputs:
        return how_to_see_the_rest(report)
    parameters, macs = sound.totals.parameters or 0, sound.totals.macs or 0
    if parameters > MOST_PARAMETERS:
        size, most = f"{brief_number(parameters)} parameters", brief_number(MOST_PARAMETERS)
    elif macs > MOST_MACS:
        size, most = f"{brief_number(macs)} MACs", brief_number(MOST_MACS)
    else:
        return ""
    return f"{size} are too many to picture before training: up to {most} are. Press Train (F5)."


def _absolute(base: Path | None) -> Path | None:
    return base.absolute() if base else None
