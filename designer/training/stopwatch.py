"""How long each layer takes on this machine, measured in a thread of its own while somebody wants to know."""

from __future__ import annotations

from collections.abc import Mapping
from threading import Thread
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.graph.values import Document
from core.text import counted
from designer.session import Change, Session
from designer.training.mailbox import Failed
from designer.training.run import Run
from designer.training.worker import attempt

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.engine.program import Program

Times = tuple[Mapping[str, float], str]

MOST_SECONDS = 3.0
"""For all rounds by estimate; with the batch that is set, a large network would keep a core busy for minutes."""
DEBOUNCE_MS = 500
POLL_MS = 50


def batch_for(program: Program, wanted: int) -> int:
    """Return the largest batch, up to the one that is wanted, whose rounds don't take too long; at least one sample."""
    from core.engine.cost import step_seconds
    from core.engine.plan_summary import ROUNDS

    batch = wanted
    while batch > 1 and (1 + ROUNDS) * step_seconds(program, batch) > MOST_SECONDS:
        batch //= 2
    return batch


def measure(document: Document) -> Times:
    """Measure every layer's part of a step, on one core, in ms; say what it is a step of.

    Raises
    ------
    NetworkError
        If the document has errors, or its network does not fit into the memory.
    """
    from core.engine.network import Network
    from core.engine.plan_summary import plan_summary
    from core.engine.program import compile_program

    batch = batch_for(compile_program(document), document.training.settings.batch_size)
    found = plan_summary(Network(document), batch, measure=True)
    ms: dict[str, float] = {}
    for step in found.steps:
        first, *others = step.layers
        ms |= {first: (step.forward_ms or 0.0) + (step.backward_ms or 0.0)} | dict.fromkeys(others, 0.0)
    step_name = "a training step" if found.purpose == "training" else "a forward pass"
    return ms, f"{step_name} of {counted(batch, 'image')}"


class _Measuring(Thread):
    """One measurement."""

    def __init__(self, document: Document) -> None:
        super().__init__(name="stopwatch", daemon=True)
        self.document = document
        self.answer: Times | Failed | None = None

    def run(self) -> None:
        self.answer = attempt(lambda: measure(self.document), "The layers could not be timed.")


class Stopwatch(QObject):
    """Measures the open document again some time after each change of its graph; not while something trains."""

    told = Signal(object, str)
    """Carries ms by the layers' ids in the flattened graph, and what took so long; {} and why while nothing is known.

    Layers that are computed in one step have its time at the first of them.
    """

    def __init__(self, session: Session, run: Run, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._run = session, run
        self._wanted = False
        self._measuring: _Measuring | None = None
        self._debounce = QTimer(self, singleShot=True, interval=DEBOUNCE_MS)
        self._debounce.timeout.connect(self._begin)
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._collect)
        session.document_changed.connect(self._on_document)
        run.finished.connect(self._soon)

    @Slot(bool)
    def set_wanted(self, wanted: bool) -> None:
        """Measure from now on, or stop measuring."""
        self._wanted = wanted
        self._debounce.stop()
        if wanted:
            self._begin()

    def stop_and_wait(self, seconds: float = 5.0) -> bool:
        """End after what is being measured; says whether that is done. For closing the window."""
        self.set_wanted(False)
        self._poll.stop()
        if self._measuring is not None:
            self._measuring.join(seconds)
        return self._measuring is None or not self._measuring.is_alive()

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if self._wanted and change.graph_changed:
            self.told.emit({}, "")
            self._soon()

    @Slot()
    def _soon(self) -> None:
        if self._wanted:
            self._debounce.start()

    @Slot()
    def _begin(self) -> None:
        if self._measuring is not None:
            return  # when it is done, what it was about is compared with what is open
        if self._run.state != "idle":
            self.told.emit({}, "What trains now would be in the way; they are timed when it has ended.")
        elif self._session.report.errors:
            self.told.emit({}, "Solve the problems first.")
        else:
            self._measuring = _Measuring(self._session.document)
            self._measuring.start()
            self._poll.start()

    @Slot()
    def _collect(self) -> None:
        done = self._measuring
        if done is None or done.is_alive():
            return
        self._measuring = None
        self._poll.stop()
        if done.document.graph is not self._session.document.graph:
            self._soon()
        elif self._run.state != "idle":
            self._begin()  # a training that began meanwhile was in the way
        elif isinstance(done.answer, Failed):
            self.told.emit({}, f"{done.answer.what} {done.answer.why}")
        elif done.answer is not None:
            self.told.emit(*done.answer)
