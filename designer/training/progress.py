"""How far a run has come, how fast it is, and how long it will take."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from core.training.messages import Adjusted, Batch, Started


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands.

    Attributes
    ----------
    epoch, batch : int
        Count from 1; 0 before the first.
    images_per_second, seconds_left : float or None
        None while there is too little to tell from.
    """

    epoch: int
    epochs: int
    batch: int
    batches: int
    images_per_second: float | None
    seconds_left: float | None

    @property
    def fraction(self) -> float:
        """What share of all batches is done."""
        done = max(0, self.epoch - 1) * self.batches + self.batch
        return done / max(1, self.epochs * self.batches)


class Pace:
    """The speed of a run over its last seconds; pauses don't count.

    Parameters
    ----------
    started : Started
    window_s : float
        How many seconds back it looks.

    Examples
    --------
    >>> pace = Pace(Started(epochs=2, batches_per_epoch=10, n_training=100, n_validation=0, parameters=1))
    >>> pace.tick(0.0)
    >>> pace.note([Batch(5, 1, 5, 0.1, 1.0, 10)] * 5)
    >>> pace.tick(1.0)
    >>> pace.progress.images_per_second, pace.progress.seconds_left, pace.progress.fraction
    (50.0, 3.0, 0.25)
    """

    def __init__(self, started: Started, window_s: float = 3.0) -> None:
        self._started = started
        self._window_s = window_s
        self._marks: deque[tuple[float, int]] = deque()
        self._images = 0
        self._last: Batch | None = None
        self._epochs, self._per_epoch = started.epochs, started.batches_per_epoch

    def note(self, batches: list[Batch]) -> None:
        """Count what was done."""
        self._last = batches[-1]
        self._images += sum(batch.n for batch in batches)

    def adjust(self, adjusted: Adjusted) -> None:
        """Count on with other numbers of epochs and batches; of the epoch under way the batches are a guess."""
        self._epochs, self._per_epoch = adjusted.epochs, adjusted.batches_per_epoch

    def tick(self, now: float) -> None:
        """Say that it is now (in seconds of a steady clock) that so much has been done."""
        self._marks.append((now, self._images))
        while len(self._marks) > 2 and now - self._marks[1][0] >= self._window_s:
            self._marks.popleft()

    def rest(self) -> None:
        """Say that time passes without work from now on; the next tick begins a new measurement."""
        self._marks.clear()

    @property
    def progress(self) -> Progress:
        """Where the run stands."""
        told, last = self._started, self._last
        epoch, batch = (last.epoch, last.batch) if last else (told.epoch, 0)
        batches = max(batch, self._per_epoch)
        speed = self._speed()
        left = None
        if speed:
            share = 1 - Progress(epoch, self._epochs, batch, batches, None, None).fraction
            left = share * self._epochs * told.n_training / speed
        return Progress(epoch, self._epochs, batch, batches, speed, left)

    def _speed(self) -> float | None:
        if not self._marks:
            return None
        (then, before), (now, images) = self._marks[0], self._marks[-1]
        return (images - before) / (now - then) if now - then >= 0.1 and images > before else None
