"""What the window asks of a training while it runs; heard before every batch."""

from __future__ import annotations

from threading import Condition
from typing import Literal, TypeAlias

from core.graph.training import Training
from core.training.snapshots import Interest
from designer.session import Probed
from designer.training.right_of_way import RightOfWay

Wish: TypeAlias = Literal["go", "look", "stop"]


class Control:
    """Shared by the window, which asks, and one worker, which looks here before every batch.

    Parameters
    ----------
    interest : Interest
    probed : Probed
        What maps are asked for.
    budget : int, optional
        Batches that may be taken before it pauses; None for any number.

    Attributes
    ----------
    right_of_way : RightOfWay
        Waited for before every batch.
    """

    def __init__(
        self, interest: Interest, probed: Probed, budget: int | None = None, right_of_way: RightOfWay | None = None
    ) -> None:
        self.right_of_way = right_of_way or RightOfWay()
        self._changed = Condition()
        self._interest = interest
        self._probed = probed
        self._budget = budget
        self._stopped = False
        self._look = False
        self._training: Training | None = None

    @property
    def stopped(self) -> bool:
        """Whether the run is to end."""
        return self._stopped

    @property
    def may_go_on(self) -> bool:
        """Whether another batch may be taken at once."""
        return self._budget != 0 and not self._stopped

    @property
    def wishes(self) -> tuple[Interest, Probed]:
        """What is looked at, and for which sample or picture."""
        with self._changed:
            return self._interest, self._probed

    def set_budget(self, batches: int | None) -> None:
        """Allow so many batches from now on: 0 pauses, 1 steps, None resumes."""
        with self._changed:
            self._budget = batches
            self._changed.notify_all()

    def spend(self) -> None:
        """Say that a batch was taken."""
        with self._changed:
            if self._budget:
                self._budget -= 1

    def stop(self) -> None:
        """End the run, for good."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def look_at(self, interest: Interest, probed: Probed) -> None:
        """Ask for other pictures; a worker that waits makes them at once."""
        with self._changed:
            self._interest, self._probed, self._look = interest, probed, True
            self._changed.notify_all()

    def adjust(self, training: Training) -> None:
        """Ask for these settings from the next batch."""
        with self._changed:
            self._training = training

    def take_adjustment(self) -> Training | None:
        """Return the settings that were asked for since the last time."""
        if self._training is None:  # asked before every batch: the lock is taken only where there is something
            return None
        with self._changed:
            training, self._training = self._training, None
            return training

    def wait(self) -> Wish:
        """Block until there is something to do."""
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or self._budget != 0 or self._look)
            self._look = False
            if self._stopped:
                return "stop"
            return "look" if self._budget == 0 else "go"
