"""The way through blocks that one has gone, to go back and forward on it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from core.graph.opening import block_at
from designer.session import Change, Session


class BlockNavigation(QObject):
    """Remembers which places of a document were drawn; those that are gone are passed over."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._session = session
        self._back: list[str] = []
        self._forward: list[str] = []
        self._here = session.place
        session.place_changed.connect(self._on_place)
        session.document_changed.connect(self._on_document)

    @property
    def can_go_back(self) -> bool:
        """Whether there is a place to go back to."""
        return any(map(self._exists, self._back))

    @property
    def can_go_forward(self) -> bool:
        """Whether there is a place that one has come back from."""
        return any(map(self._exists, self._forward))

    @Slot()
    def go_back(self) -> None:
        """Draw the place where one was before."""
        self._go(self._back, self._forward)

    @Slot()
    def go_forward(self) -> None:
        """Draw the place that one has come back from."""
        self._go(self._forward, self._back)

    def _go(self, source: list[str], left: list[str]) -> None:
        while source:
            place = source.pop()
            if self._exists(place):
                left.append(self._here)
                self._here = place
                self._session.enter(place)
                return

    def _exists(self, place: str) -> bool:
        return place != self._here and (not place or block_at(self._session.document.graph, place) is not None)

    @Slot(str)
    def _on_place(self, place: str) -> None:
        if place != self._here:
            self._back.append(self._here)
            self._forward.clear()
            self._here = place

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if change.label is None:
            self._back, self._forward, self._here = [], [], self._session.place
