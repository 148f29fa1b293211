"""Fits preprocessing in a thread, stage by stage, and gives up as soon as nobody waits for it any more."""

from __future__ import annotations

import logging
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import TypeAlias

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.errors import ConvographError
from core.preprocessing.directions import PCA
from core.preprocessing.step import Preprocessing
from core.training.stages import FittedStage, GivenUpError, Spectrum, Stages

log = logging.getLogger(__name__)
POLL_MS = 30

Answer: TypeAlias = FittedStage | Spectrum | str | None
"""A stage, the spectrum that PCA chooses from, why there is no more, or the end."""


class Fitter(QObject):
    """Does the newest order only."""

    stage_fitted = Signal(object)
    """Carries a `FittedStage`; they come in order."""
    spectrum_found = Signal(object)
    """Carries the `Spectrum` of the samples that reach PCA."""
    failed = Signal(str)
    """Why there are no more stages."""
    done = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._answers: SimpleQueue[Answer] = SimpleQueue()
        self._given_up = Event()
        self._thread: Thread | None = None
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._collect)

    def fit(self, stages: Stages, steps: tuple[Preprocessing, ...]) -> None:
        """Fit steps, and those that could be switched on; what was under way is given up."""
        self.stop()
        self._answers, self._given_up = SimpleQueue(), Event()
        self._thread = Thread(
            target=_work, args=(stages, steps, self._given_up, self._answers), name="preprocessing", daemon=True
        )
        self._thread.start()
        self._poll.start()

    def stop(self) -> None:
        """Give up what is under way."""
        self._poll.stop()
        self._given_up.set()

    @Slot()
    def _collect(self) -> None:
        answers = self._answers
        while answers is self._answers:
            try:
                answer = answers.get_nowait()
            except Empty:
                return
            if isinstance(answer, FittedStage):
                self.stage_fitted.emit(answer)
            elif isinstance(answer, Spectrum):
                self.spectrum_found.emit(answer)
            else:
                self._poll.stop()
                if answer is None:
                    self.done.emit()
                else:
                    self.failed.emit(answer)


def _work(stages: Stages, steps: tuple[Preprocessing, ...], given_up: Event, answers: SimpleQueue[Answer]) -> None:
    def may_go_on() -> bool:
        return not given_up.is_set()

    try:
        for staged in stages.fit(steps, may_go_on):
            answers.put(staged)
            if isinstance(staged.stage.step, PCA) and staged.fitted is not None:
                answers.put(stages.spectrum(staged.stage.before, may_go_on))
        answers.put(None)
    except GivenUpError:
        return
    except ConvographError as error:
        answers.put(str(error))
    except MemoryError:
        answers.put("The memory is full. Make the Input smaller, or use a smaller data set.")
    except Exception as error:
        log.exception("Preprocessing could not be fitted.")
        answers.put(f"Preprocessing could not be fitted: {error}")
