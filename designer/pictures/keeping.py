"""The menu of a picture: copy, save, numbers."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from core.errors import ConvographError
from core.io.atomic import write_atomically
from designer.pictures.files import choose, picture_of
from designer.pictures.numbers import Numbers


class Keeping(QObject):
    """The menu of a picture, by the right button or the menu key: copy, save, numbers.

    It is made anew whenever it is opened, and gone when it closes.

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

    @property
    def widget(self) -> QWidget:
        """What is drawn."""
        return self._widget

    def numbers(self) -> Numbers | None:
        """Return what it is drawn from; None while there is nothing."""
        return self._numbers()

    def menu(self) -> QMenu:
        """Return the menu as it is now."""
        menu = QMenu(self._widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy picture", self.copy_picture)
        menu.addAction("Save picture…", self.save_picture)
        menu.addSeparator()
        has_numbers = self._numbers() is not None
        for title, do in (
            ("Copy numbers", self.copy_numbers),
            ("Save numbers as CSV…", self.save_csv),
            ("Save numbers as NPY…", self.save_npy),
        ):
            menu.addAction(title, do).setEnabled(has_numbers)
        return menu

    def open_at(self, at: QPoint) -> None:
        """Open the menu at a point of the screen."""
        self.menu().popup(at)

    @Slot()
    def copy_picture(self) -> None:
        """Put the picture on the clipboard, at twice the resolution."""
        image = QImage.fromData(picture_of(self._widget))
        QGuiApplication.clipboard().setImage(image)

    @Slot()
    def copy_numbers(self) -> None:
        """Put the numbers on the clipboard, as a table."""
        if (numbers := self._numbers()) is not None:
            QGuiApplication.clipboard().setText(numbers.table)

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
        path = choose(self._widget, title, self._name().replace("/", "-") + ending, kind)
        if path is None:
            return
        try:
            write_atomically(path, make())
        except ConvographError as error:
            QMessageBox.warning(self._widget, title, str(error))

    @Slot(QPoint)
    def _open(self, at: QPoint) -> None:
        self.open_at(self._widget.mapToGlobal(at))
