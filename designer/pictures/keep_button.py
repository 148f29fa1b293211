"""A button that opens what a picture offers: for eyes, and for keys where the picture takes none."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QToolButton, QWidget

from designer import theme
from designer.pictures.keeping import Keeping


class KeepButton(QToolButton):
    """Opens the menu of a picture, made when it is asked for.

    Parameters
    ----------
    keeping : Keeping
        Of the picture.
    """

    def __init__(self, keeping: Keeping, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._keeping = keeping
        self.setToolTip("Copy or save the picture or its numbers")
        self.setAccessibleName("Copy or save")
        self.clicked.connect(self._open)
        theme.changed.connect(self._paint_icon)
        self._paint_icon()

    @Slot()
    def _open(self) -> None:
        self._keeping.open_at(self.mapToGlobal(self.rect().bottomLeft()))

    @Slot()
    def _paint_icon(self) -> None:
        self.setIcon(theme.icon("export"))
