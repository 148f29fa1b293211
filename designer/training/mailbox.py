"""How a worker thread talks to the window: events that are never lost, and one slot for the newest picture."""

from __future__ import annotations

from dataclasses import dataclass
from math import isinf
from threading import Lock
from typing import TYPE_CHECKING, TypeAlias

from core.graph.values import Document
from core.io.datasets import Dataset
from core.training.messages import Diverged, Finished, Message
from core.training.snapshots import Snapshot
from core.training.standing import Standing

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.engine.network import Network


@dataclass(frozen=True, slots=True)
class Prepared:
    """Network and data are ready; the first batch comes next."""

    network: Network
    dataset: Dataset


@dataclass(frozen=True, slots=True)
class Paused:
    """The worker waits; no batch is taken."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The worker goes on after a pause."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """A run ended because the user asked for it."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """A run in its folder has no end: its process was killed, or is on still.

    Attributes
    ----------
    is_on : bool
        Whether another process trains it, as far as can be seen.
    host : str
        The computer that trains it; "" for this one.
    silent_minutes : float
        For how long there has been no news of it, rounded down; infinity where its folder is gone.
    """

    is_on: bool = False
    host: str = ""
    silent_minutes: float = 0


@dataclass(frozen=True, slots=True)
class Failed:
    """Something kept a run from going on; two sentences for the user."""

    what: str
    why: str


Outcome: TypeAlias = Finished | Diverged | Stopped | Interrupted | Failed


def ending(outcome: Outcome) -> str:
    """Say in a word or two how a run ended.

    >>> ending(Stopped()), ending(Failed("The training stopped.", "The memory is full."))
    ('stopped', 'broken off')
    """
    match outcome:
        case Finished(reason=reason):
            return "ended early" if reason else "done"
        case Diverged():
            return "diverged"
        case Stopped():
            return "stopped"
        case Interrupted(is_on=True):
            return news_text(outcome)
        case Interrupted():
            return "interrupted"
        case Failed():
            return "broken off"


def news_text(run: Interrupted) -> str:
    """Say of a run that another process trains where that is, or since when nothing was heard of it.

    >>> news_text(Interrupted(is_on=True)), news_text(Interrupted(is_on=True, host="node07"))
    ('training elsewhere', 'training on node07')
    >>> news_text(Interrupted(is_on=True, host="node07", silent_minutes=12))
    'no news for 12 min from node07'
    """
    minutes = run.silent_minutes
    if minutes < 1:
        return f"training on {run.host}" if run.host else "training elsewhere"
    source = f" from {run.host}" if run.host else ""
    if isinf(minutes):
        return f"no news{source}"
    days, hours = minutes // 1440, minutes // 60
    since = f"{days:.0f} days" if days > 1 else f"{hours:.0f} h" if hours else f"{minutes:.0f} min"
    return f"no news for {since}{source}"


@dataclass(frozen=True, slots=True)
class Ended:
    """The worker's last word.

    Attributes
    ----------
    outcome : Outcome
    document : Document or None
        What was trained, with its settings as they were in the end.
    standing : Standing or None
        Where it stood; None where no trainer could be made.
    """

    outcome: Outcome
    document: Document | None = None
    standing: Standing | None = None


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Settings that were asked for cannot be taken over; the run goes on with those it has."""

    why: str


Event: TypeAlias = Message | Unchanged | Prepared | Paused | Resumed | Ended


class Mailbox:
    """Between one worker, which posts, and the window, which takes everything 30 times a second.

    Events keep their order and are never lost. Of snapshots only the newest is kept.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._events: list[Event] = []
        self._snapshot: Snapshot | None = None

    @property
    def wants_snapshot(self) -> bool:
        """Whether the last snapshot has been taken: only then is another one worth its copies."""
        return self._snapshot is None

    def post(self, event: Event) -> None:
        """Add an event."""
        with self._lock:
            self._events.append(event)

    def put(self, snapshot: Snapshot) -> None:
        """Replace the snapshot."""
        with self._lock:
            self._snapshot = snapshot

    def take(self) -> tuple[list[Event], Snapshot | None]:
        """Empty the box."""
        with self._lock:
            events, self._events = self._events, []
            snapshot, self._snapshot = self._snapshot, None
        return events, snapshot
