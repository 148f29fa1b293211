"""What every picture offers: to be copied, saved as a picture, and to hand out its numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO, StringIO

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from core.errors import ConvographError
from core.io.atomic import write_atomically
from designer.picture_files import choose, picture_of


@dataclass(frozen=True, slots=True, eq=False)
class Numbers:
    """What a picture is drawn from.

    Attributes
    ----------
    array : array
        As it is saved as NPY.
    rows : sequence of sequence
        As it is saved as CSV: a row of headings, then the values.
    """

    array: NDArray[np.generic]
    rows: Sequence[Sequence[object]]

    @property
    def csv(self) -> str:
        """The rows as text."""
        import csv

        text = StringIO()
        csv.writer(text, lineterminator="\n").writerows(self.rows)
        return text.getvalue()

    @property
    def npy(self) -> bytes:
        """The array as a file; no pickle."""
        file = BytesIO()
        np.save(file, self.array, allow_pickle=False)
        return file.getvalue()


def matrix_rows(matrix: NDArray[np.generic]) -> list[list[object]]:
    """Return a matrix as rows with the numbers of its columns and rows before them.

    >>> matrix_rows(np.array([[5, 6]]))
    [['', 1, 2], [1, 5, 6]]
    """
    head: list[object] = ["", *range(1, matrix.shape[1] + 1)]
    return [head, *([place, *row] for place, row in enumerate(matrix.tolist(), 1))]


class Keeping(QObject):
    """The menu of a picture, by the right button or the menu key: copy, save, numbers.

    Parameters
    ----------
    widget : QWidget
        What is drawn.
    name : callable
        What files are called, without ending.
    numbers : callable
        What it is drawn from; None while there is nothing.
    """

    def __init__(self, widget: QWidget, name: Callable[[], str], numbers: Callable[[], Numbers | None]) -> None:
        super().__init__(widget)
        self._widget, self._name, self._numbers = widget, name, numbers
        widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        widget.customContextMenuRequested.connect(self._open)

    def menu(self) -> QMenu:
        """Return the menu as it is now."""
        menu = QMenu(self._widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy picture", self.copy_picture)
        menu.addAction("Save picture…", self.save_picture)
        menu.addSeparator()
        for title, do in (
            ("Copy numbers", self.copy_numbers),
            ("Save numbers as CSV…", self.save_csv),
            ("Save numbers as NPY…", self.save_npy),
        ):
            menu.addAction(title, do).setEnabled(self._numbers() is not None)
        return menu

    @Slot()
    def copy_picture(self) -> None:
        """Put the picture on the clipboard, at twice the resolution."""
        image = QImage.fromData(picture_of(self._widget))
        QGuiApplication.clipboard().setImage(image)

    @Slot()
    def copy_numbers(self) -> None:
        """Put the numbers on the clipboard, as a table."""
        if (numbers := self._numbers()) is not None:
            QGuiApplication.clipboard().setText(numbers.csv.replace(",", "\t"))

    @Slot()
    def save_picture(self) -> None:
        """Ask for a file and write the picture there."""
        self._write("Save picture", ".png", "PNG pictures (*.png)", lambda: picture_of(self._widget))

    @Slot()
    def save_csv(self) -> None:
        """Ask for a file and write the numbers there as text."""
        if (numbers := self._numbers()) is not None:
            self._write("Save numbers", ".csv", "CSV tables (*.csv)", numbers.csv.encode)

    @Slot()
    def save_npy(self) -> None:
        """Ask for a file and write the array there."""
        if (numbers := self._numbers()) is not None:
            self._write("Save numbers", ".npy", "NumPy arrays (*.npy)", lambda: numbers.npy)

    def _write(self, title: str, ending: str, kind: str, make: Callable[[], bytes]) -> None:
        path = choose(self._widget, title, self._name() + ending, kind)
        if path is None:
            return
        try:
            write_atomically(path, make())
        except ConvographError as error:
            QMessageBox.warning(self._widget, title, str(error))

    @Slot(QPoint)
    def _open(self, at: QPoint) -> None:
        self.menu().popup(self._widget.mapToGlobal(at))
