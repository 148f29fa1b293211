"""The menu of a picture: copy, save, numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, QPoint, Qt, Slot
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtWidgets import QMenu, QMessageBox, QWidget

from core.errors import ConvographError
from core.io.atomic import write_atomically
from designer.pictures.caption import Caption
from designer.pictures.files import choose, picture_of
from designer.pictures.numbers import Numbers
from designer.pictures.svg import network_of, svg_of

PICTURE, NUMBERS = "Save picture", "Save numbers"


class Keeping(QObject):
    """The menu of a picture, by the right button or the menu key: copy, save, numbers.

    It is made anew whenever it is opened, and gone when it closes.

    Parameters
    ----------
    widget : QWidget
        What is drawn.
    name : str or callable
        What files are called, without ending.
    numbers : callable
        What it is drawn from; None while there is nothing.
    more : callable, optional
        Puts what else the menu has before it.
    caption : callable, optional
        What is written about the picture where it is kept; by default what it is called.
    """

    def __init__(
        self,
        widget: QWidget,
        name: str | Callable[[], str],
        numbers: Callable[[], Numbers | None],
        more: Callable[[QMenu], None] | None = None,
        caption: Callable[[], Caption] | None = None,
    ) -> None:
        super().__init__(widget)
        self._caption = caption
        self._widget, self._name, self._numbers, self._more = widget, name, numbers, more
        widget.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        widget.customContextMenuRequested.connect(self._open)

    @property
    def widget(self) -> QWidget:
        """What is drawn."""
        return self._widget

    @property
    def name(self) -> str:
        """What it is called."""
        return self._name if isinstance(self._name, str) else self._name()

    def numbers(self) -> Numbers | None:
        """Return what it is drawn from; None while there is nothing."""
        return self._numbers()

    @property
    def caption(self) -> Caption:
        """What is written about it, with the name of the network."""
        caption = Caption(f"{self.name[:1].upper()}{self.name[1:]}") if self._caption is None else self._caption()
        return replace(caption, about=" · ".join(filter(None, (caption.about, network_of(self._widget)))))

    def menu(self) -> QMenu:
        """Return the menu as it is now."""
        menu = QMenu(self._widget)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if self._more is not None:
            self._more(menu)
            menu.addSeparator()
        menu.addAction("Copy picture", self.copy_picture)
        menu.addAction("Save picture…", self.save_picture)
        menu.addAction("Save picture without words…", self.save_bare_picture)
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
        image = QImage.fromData(picture_of(self._widget, self.caption))
        QGuiApplication.clipboard().setImage(image)

    @Slot()
    def copy_numbers(self) -> None:
        """Put the numbers on the clipboard, as a table."""
        if (numbers := self._numbers()) is not None:
            QGuiApplication.clipboard().setText(numbers.table)

    @Slot()
    def save_picture(self) -> None:
        """Ask for a file and write the picture there with its caption, in the format that the ending names."""
        self._save_picture(self.caption)

    @Slot()
    def save_bare_picture(self) -> None:
        """Do so without a caption, for a page that has its own."""
        self._save_picture(None)

    def _save_picture(self, caption: Caption | None) -> None:
        name = self._file_name()
        path = choose(self._widget, PICTURE, f"{name}.png", "PNG pictures (*.png);;SVG drawings (*.svg)")
        match "" if path is None else path.suffix.lower():
            case ".png":
                self._write(PICTURE, path, lambda: picture_of(self._widget, caption))
            case ".svg":
                self._write(PICTURE, path, lambda: svg_of(self._widget, name, caption))
            case ending if ending:
                said = f"Pictures are saved as .png or .svg, not as {ending}. Choose a name that ends in one of them."
                QMessageBox.warning(self._widget, PICTURE, said)

    @Slot()
    def save_csv(self) -> None:
        """Ask for a file and write the numbers there as text."""
        if (numbers := self._numbers()) is not None:
            path = choose(self._widget, NUMBERS, f"{self._file_name()}.csv", "CSV tables (*.csv)")
            self._write(NUMBERS, path, numbers.csv.encode)

    @Slot()
    def save_npy(self) -> None:
        """Ask for a file and write the array there."""
        if (numbers := self._numbers()) is not None:
            path = choose(self._widget, NUMBERS, f"{self._file_name()}.npy", "NumPy arrays (*.npy)")
            self._write(NUMBERS, path, lambda: numbers.npy)

    def _file_name(self) -> str:
        return self.name.replace("/", "-")

    def _write(self, title: str, path: Path | None, make: Callable[[], bytes]) -> None:
        if path is None:
            return
        try:
            write_atomically(path, make())
        except ConvographError as error:
            QMessageBox.warning(self._widget, title, str(error))

    @Slot(QPoint)
    def _open(self, at: QPoint) -> None:
        self.open_at(self._widget.mapToGlobal(at))
