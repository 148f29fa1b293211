"""A panel whose inside is made when it is first shown: what it needs takes longer to load than the window to appear."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget


class Later(QWidget):
    """Makes its one child, `page`, when it is first shown; a subclass says how in `make`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page: QWidget | None = None
        self._room = QVBoxLayout(self)
        self._room.setContentsMargins(0, 0, 0, 0)

    @property
    def page(self) -> QWidget | None:
        """The inside; None until it is shown."""
        return self._page

    def make(self) -> QWidget:
        """Make the inside and connect it to what it follows."""
        raise NotImplementedError

    def showEvent(self, event: QShowEvent) -> None:
        if self._page is None:
            self._page = self.make()
            self._room.addWidget(self._page)
        super().showEvent(event)
