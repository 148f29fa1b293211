"""How large the gradient is on every wire, measured in a thread of its own while somebody wants to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.text import counted
from designer.session.questions import Questions

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.inside.flow import Flow
    from core.training.evaluating import Trial
    from core.work import Work

LOOK_MS = 2000
"""How often newer weights of a run that is on are asked for, beside those after each epoch."""


class GradientGauge(QObject):
    """Measures for the moment that all views look at; of a run it takes copies of the weights, nothing else."""

    told = Signal(object, str)
    """Carries norms by source, layer and port in the flattened graph, and what of; {} and why while none is known."""

    def __init__(self, questions: Questions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._questions = questions
        self._wanted = False
        self._asker = questions.asker()
        self._asker.answered.connect(self._tell)
        self._asker.failed.connect(self._say)
        self._look = QTimer(self, interval=LOOK_MS)
        self._look.timeout.connect(self._look_now)
        questions.moment_changed.connect(self._ask)

    @Slot(bool)
    def set_wanted(self, wanted: bool) -> None:
        """Measure from now on, or stop measuring."""
        if wanted == self._wanted:
            return
        self._wanted = wanted
        if not wanted:
            self._asker.give_up()
        self._questions.attend(self, wanted)
        if wanted:
            self._look.start()
            self._ask()
        else:
            self._look.stop()

    @Slot()
    def _ask(self) -> None:
        if self._wanted:
            self._asker.ask(flow_of, "training")

    @Slot()
    def _look_now(self) -> None:
        if self._questions.is_live and not self._asker.is_waiting:
            self._questions.look_now()

    @Slot(object)
    def _tell(self, flow: Flow) -> None:
        moment = self._questions.moment
        origin = "" if moment is None else f", {moment.origin}"
        self.told.emit(flow.norms, f"{counted(flow.n, 'training sample')}{origin}")

    @Slot(str)
    def _say(self, why: str) -> None:
        self.told.emit({}, why)


def flow_of(trial: Trial) -> Work[Flow]:
    """Ask how large the gradient is on the way back."""
    from core.inside.flow import gradient_flow

    return (yield from gradient_flow(trial))
