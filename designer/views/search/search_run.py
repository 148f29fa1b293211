"""A search under way: its trials are trained by processes of their own, and told here as they come."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.errors import ConvographError, SearchError
from core.priority import give_way
from core.search.messages import Message, SearchEnded, StageBegan, TrialBegan, TrialEnded, TrialEpoch
from core.search.trials import Trial

if TYPE_CHECKING:
    from core.search.search import Search

POLL_MS = 100


@dataclass
class Told:
    """What is known of a search.

    Attributes
    ----------
    paths : tuple of str
        The settings that are searched.
    n_trials : int
        How many there will be in all.
    stages : list of StageBegan
        Those that have begun.
    trials : dict
        Those that ended, by number.
    under_way : dict
        Those that are being trained: their values, and their accuracies so far.
    """

    paths: tuple[str, ...] = ()
    n_trials: int = 0
    n_validation: int = 0
    stages: list[StageBegan] = field(default_factory=list)
    trials: dict[int, Trial] = field(default_factory=dict)
    under_way: dict[int, tuple[dict[str, Any], list[float]]] = field(default_factory=dict)

    def take_in(self, message: Message) -> None:
        """Learn something new."""
        match message:
            case StageBegan():
                self.stages.append(message)
            case TrialBegan():
                self.under_way[message.number] = (dict(message.values), [])
            case TrialEpoch():
                self.under_way[message.number][1].append(message.accuracy)
            case TrialEnded():
                self.under_way.pop(message.trial.number, None)
                self.trials[message.trial.number] = message.trial


class _Thread(Thread):
    def __init__(self, search: Search) -> None:
        super().__init__(name="search", daemon=True)
        self.search = search
        self.messages: SimpleQueue[Message] = SimpleQueue()
        self.failure = ""
        self.is_whole = False

    def run(self) -> None:
        give_way()
        try:
            with closing(self.search.messages()) as messages:
                for message in messages:
                    self.messages.put(message)
                    self.is_whole = isinstance(message, SearchEnded)
        except ConvographError as error:
            self.failure = str(error)
        except OSError as error:
            self.failure = f"The search could not go on: {error}."


class SearchRun(QObject):
    """Runs one search at a time, beside whatever else the window does.

    Attributes
    ----------
    told : Told
    search : Search or None
        The one that is on, or was the last.
    """

    changed = Signal(object)
    """Something new is known; carries all that is `Told`."""
    state_changed = Signal(bool)
    """Whether a search is on."""
    ended = Signal(str)
    """It ended: why it could not go on, empty where it is done or was stopped."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.told = Told()
        self.search: Search | None = None
        self._n_kept = 0
        self._thread: _Thread | None = None
        self._poll = QTimer(self, interval=POLL_MS)
        self._poll.timeout.connect(self._collect)

    @property
    def is_on(self) -> bool:
        """Whether trials are trained."""
        return self._thread is not None

    @property
    def unkept(self) -> list[Trial]:
        """The trials that have ended and are in memory only."""
        if self.search is None or not self.search.is_in_memory or self._n_kept == len(self.told.trials):
            return []
        return list(self.told.trials.values())

    def keep(self, file: Path) -> Path:
        """Write the trials into a file, or one with a number in its name where that is about another search.

        Raises
        ------
        SearchError
            If that can't be written; they stay in memory.
        """
        if self.search is None:
            raise SearchError("There are no trials to keep.")
        trials = self.unkept
        path = self.search.keep(file, trials)
        self._n_kept = len(trials)
        return path

    def forget(self) -> None:
        """End the search, and know nothing more of it: its document is no longer open."""
        was_on = self.is_on
        self.stop_and_wait()
        self.told, self.search, self._n_kept = Told(), None, 0
        self.changed.emit(self.told)
        if was_on:
            self.state_changed.emit(False)

    def start(self, search: Search) -> None:
        """Begin a search; what an earlier one found is not shown any more."""
        self.search, self._n_kept = search, 0
        n = sum(stage.trials for stage in search.stages)
        self.told = Told(tuple(search.space.ranges), n)
        self._thread = _Thread(search)
        self._thread.start()
        self._poll.start()
        self.state_changed.emit(True)
        self.changed.emit(self.told)

    @Slot()
    def stop(self) -> None:
        """End it soon; trials that have ended stay."""
        if self._thread is not None:
            self._thread.search.stop()

    def stop_and_wait(self, seconds: float = 5.0) -> bool:
        """End it; says whether its thread is gone. For closing the window."""
        self._poll.stop()
        thread, self._thread = self._thread, None
        if thread is None:
            return True
        thread.search.stop()
        thread.join(seconds)
        return not thread.is_alive()

    @Slot()
    def _collect(self) -> None:
        thread = self._thread
        if thread is None:
            return
        was_alive, any_new = thread.is_alive(), False
        while True:
            try:
                self.told.take_in(thread.messages.get_nowait())
                any_new = True
            except Empty:
                break
        self.told.n_validation = thread.search.n_validation
        if not was_alive:
            self._poll.stop()
            self._thread = None
            self.told.under_way.clear()
            any_new = True
        if any_new:
            self.changed.emit(self.told)
        if not was_alive:
            self.state_changed.emit(False)
            self.ended.emit(thread.failure)
