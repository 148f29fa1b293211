"""Offers back what was never saved when the program ended unexpectedly."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from core.io.failures import shown
from core.text import counted
from designer.session.unsaved import Unreadable, Unsaved
from designer.window.banner import Banner


class RecoveryBanner(Banner):
    """One document after the other is opened, or discarded; of what can't be read it says where it is kept."""

    chosen = Signal(object)
    """Carries the `Unsaved` that is to be opened."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Open it", "Discard", parent)
        self._offered: list[Unsaved | Unreadable] = []
        self.open.clicked.connect(self._open)
        self.discard.clicked.connect(self._discard)

    def offer(self, unsaved: Iterable[Unsaved | Unreadable]) -> None:
        """Offer these, the first of them first, but what can't be opened last."""
        self._offered = sorted(unsaved, key=lambda one: isinstance(one, Unreadable))
        self._refresh()

    def accept(self, unsaved: Unsaved) -> None:
        """Say that one was opened, and is kept under another name from now on."""
        unsaved.forget()
        self._offered = [other for other in self._offered if other is not unsaved]
        self._refresh()

    @Slot()
    def _open(self) -> None:
        self.chosen.emit(self._offered[0])

    @Slot()
    def _discard(self) -> None:
        first = self._offered.pop(0)
        if isinstance(first, Unsaved):
            first.forget()
        self._refresh()

    def _refresh(self) -> None:
        words = ""
        if self._offered:
            first, *others = self._offered
            is_readable = isinstance(first, Unsaved)
            self.open.setVisible(is_readable)
            self.discard.setText("Discard" if is_readable else "Close")
            words = _words(first)
            if others:
                words += f" There {'is' if len(others) == 1 else 'are'} {counted(len(others), 'other')}."
        self.say(words)


def _words(found: Unsaved | Unreadable) -> str:
    if isinstance(found, Unreadable):
        name, place = shown(found.place.name), shown(found.place.parent)
        return f"Unsaved work can't be opened: {found.why} Nothing is lost: {name} is kept in {place}."
    return f"{shown(found.name)} was not saved when Convograph ended {spoken_time(found.kept)}."


def spoken_time(moment: datetime, now: datetime | None = None) -> str:
    """Say when something was: "today at 18:03", "on 2026-11-25 at 09:30".

    >>> now = datetime(2026, 11, 26, 20, 0)
    >>> spoken_time(datetime(2026, 11, 26, 18, 3), now), spoken_time(datetime(2026, 11, 25, 9, 30), now)
    ('today at 18:03', 'on 2026-11-25 at 09:30')
    """
    today = (now or datetime.now(moment.tzinfo)).date()
    day = "today" if moment.date() == today else f"on {moment.date().isoformat()}"
    return f"{day} at {moment:%H:%M}"
