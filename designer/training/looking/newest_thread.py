"""A thread that works on the newest order only: who moves a pen, or scrubs, waits for no picture of before."""

from __future__ import annotations

from collections.abc import Callable
from threading import Condition, Thread
from typing import ClassVar, Generic, Protocol, TypeVar

Order = TypeVar("Order")
Result = TypeVar("Result")


class NewestThread(Thread, Generic[Order, Result]):
    """Waits for orders, and keeps the newest result until it is collected; subclasses say what `work` is.

    Parameters
    ----------
    name : str
        Of the thread.
    tell : callable, optional
        Called from the thread when there is something to collect and the last has been collected.
    """

    tells_of_older: ClassVar[bool] = True
    """Whether a result is told although a newer order waits."""

    def __init__(self, name: str, tell: Callable[[], None] = lambda: None) -> None:
        super().__init__(name=name, daemon=True)
        self._tell = tell
        self._changed = Condition()
        self._order: Order | None = None
        self._result: Result | None = None
        self._closed = False

    @property
    def newer(self) -> Order | None:
        """The order that waits while another is worked on."""
        return self._order

    @property
    def is_closed(self) -> bool:
        """Whether nobody waits for anything any more."""
        return self._closed

    def ask(self, order: Order) -> None:
        """Take an order; one that nobody has begun with is forgotten."""
        with self._changed:
            self._order = order
            if not self.tells_of_older:
                self._result = None
            self._changed.notify_all()

    def collect(self) -> Result | None:
        """Take the newest result, if there is one that was not taken yet."""
        with self._changed:
            result, self._result = self._result, None
            return result

    def close(self) -> None:
        """End the thread after the step that it is computing."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def run(self) -> None:
        """Work until closed."""
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._closed or self._order is not None)
                order, self._order = self._order, None
            if self._closed or order is None:
                return
            self.work(order)

    def work(self, order: Order) -> None:
        """Do what an order says, and `post` what comes of it."""
        raise NotImplementedError

    def post(self, result: Result) -> None:
        """Put out a result in place of one that was not collected."""
        with self._changed:
            if self._closed or not (self._order is None or self.tells_of_older):
                return
            is_first, self._result = self._result is None, result
        if is_first:
            self._tell()


class Closable(Protocol):
    """A thread that can be asked to end."""

    def close(self) -> None:
        """Ask it to end."""

    def join(self, timeout: float | None = None) -> None:
        """Wait for its end."""

    def is_alive(self) -> bool:
        """Whether it has not ended."""


def ended(thread: Closable | None, seconds: float) -> bool:
    """End a thread, if there is one, waiting so long at most; says whether it is gone."""
    if thread is None:
        return True
    thread.close()
    thread.join(seconds)
    return not thread.is_alive()
