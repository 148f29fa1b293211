"""A panel whose inside is made when it is first shown: what it needs takes longer to load than the window to appear."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget


class Later(QWidget):
    """Makes its one child, `page`, when it is first shown; a subclass says how in `make`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page: QWidget | None = None
        self._beside: Later | None = None
        self._room = QVBoxLayout(self)
        self._room.setContentsMargins(0, 0, 0, 0)

    @property
    def page(self) -> QWidget | None:
        """The inside; None until it is shown."""
        return self._page

    def make(self) -> QWidget:
        """Make the inside and connect it to what it follows."""
        raise NotImplementedError

    def keep_with(self, other: QWidget | None) -> None:
        """Have the inside keep with that of another moment as soon as both are there; None: be alone again."""
        self._beside = other if isinstance(other, Later) else None
        theirs = None if self._beside is None else self._beside.page
        keep_with = getattr(self._page, "keep_with", None)
        if keep_with is not None and (self._beside is None or theirs is not None):
            keep_with(theirs)

    def showEvent(self, event: QShowEvent) -> None:
        if self._page is None:
            self._page = self.make()
            self._room.addWidget(self._page)
            if self._beside is not None:
                self.keep_with(self._beside)
                self._beside.keep_with(self)
        super().showEvent(event)
