"""Pictures of the network's insides while nothing trains: as it is drawn, untrained, or as the last run left it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from core.analysis.report import Report
from core.analysis.sound import sound_part
from core.graph.values import Document
from core.text import brief_number
from core.training.snapshots import Interest
from designer.session import Change, Session
from designer.training.preview_thread import Order, PreviewThread, Trained, how_to_see_the_rest

MOST_PARAMETERS = 5_000_000
MOST_MACS = 500_000_000
"""Networks with more are not pictured before they train: drawing their weights would keep a core busy."""

MOST_CARRIED = 20
"""Forms of one trained network that are remembered, for undo to find them again."""

DEBOUNCE_MS = 150
POLL_MS = 33
FIRST_MS = 100
"""How long the window has for its first frame: the first picture loads the engine, which would hold it up."""


class Preview(QObject):
    """Pictures the open document in a thread of its own, some time after its last change.

    Of a document with errors everything above them is pictured.
    The network that a run left behind is used while the graph is that of the run, or says the same in another way.
    """

    snapshot = Signal(object)
    """Carries a `Snapshot`."""
    dataset_changed = Signal(object)
    """Carries the `Dataset` whose samples are shown, or None."""
    refused = Signal(str)
    """Why there is no picture, or none of a sample; empty when there is one."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._interest = Interest()
        self._sample = 0
        self._trained: list[Trained] = []
        self._rewritten: list[Change] = []
        self._active = True
        self._thread: PreviewThread | None = None
        self._window_is_drawn = False
        self._debounce = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._debounce.timeout.connect(self._ask)
        self._poll = QTimer(self, interval=POLL_MS, timerType=Qt.TimerType.PreciseTimer)
        self._poll.timeout.connect(self._collect)
        session.document_changed.connect(self._on_document_changed)

    @property
    def shows_trained(self) -> bool:
        """Whether pictures come from what a run left behind."""
        return self._trained_of(self._session.document) is not None

    def set_interest(self, interest: Interest) -> None:
        """Say which kernels and maps somebody looks at."""
        if interest != self._interest:
            self._interest = interest
            self._soon(0)

    def set_sample(self, index: int) -> None:
        """Choose the sample whose maps are shown."""
        if index != self._sample:
            self._sample = index
            self._soon(0)

    def set_trained(self, trained: Trained | None) -> None:
        """Use what a run left behind."""
        self._trained = [] if trained is None else [trained]
        for change in self._rewritten:  # since the run began, perhaps
            self._carry_on(change)

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
        if self._thread is None:
            return True
        self._thread.close()
        self._thread.join(seconds)
        gone = not self._thread.is_alive()
        self._thread = None
        return gone

    def _soon(self, delay_ms: int) -> None:
        if not self._active:
            return
        waiting = self._debounce.remainingTime() if self._debounce.isActive() else 0
        self._debounce.start(max(delay_ms, waiting))

    @Slot(object)
    def _on_document_changed(self, change: Change) -> None:
        if change.label is None:
            self._trained, self._rewritten = [], []
            self._poll.stop()  # what is being made belongs to the document that was left
        elif change.carry is not None:
            self._rewritten = [*self._rewritten[-MOST_CARRIED:], change]
            self._carry_on(change)
        before, after = change.before.training.settings, change.after.training.settings
        if change.graph_changed or before != after:
            self._soon(DEBOUNCE_MS)

    @Slot()
    def _ask(self) -> None:
        document, path = self._session.document, self._session.path
        trained = self._trained_of(document)
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
        order = Order(self._session.report, _absolute(base), self._interest, self._sample, trained)
        self._thread.ask(order)
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

    def _carry_on(self, change: Change) -> None:
        """Remember what was trained in the form that another drawing of the same network takes, too."""
        trained = self._trained_of(change.before)
        if trained is not None:
            carried = replace(trained, document=change.after, network=None, origin=trained, carry=change.carry)
            self._trained = [*self._trained[-MOST_CARRIED:], carried]

    def _trained_of(self, document: Document) -> Trained | None:
        return next((trained for trained in self._trained if trained.document.graph == document.graph), None)


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
