"""Taking a picture and its numbers out of a panel: to the clipboard, as PNG, as CSV, as NPY."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QBuffer, QByteArray, Slot
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter
from PySide6.QtWidgets import QFileDialog, QMenu, QMessageBox, QToolButton, QWidget

from core.errors import SaveError
from core.io.atomic import write_atomically
from designer import theme

Numbers: TypeAlias = tuple[str, NDArray[np.floating]]
"""What numbers are called, and the numbers."""


class TakeButton(QToolButton):
    """Offers what a panel shows.

    Parameters
    ----------
    shown : QWidget
        What is pictured.
    numbers : callable
        Returns what the picture shows as numbers; None where there are none.
    """

    def __init__(self, shown: QWidget, numbers: Callable[[], Numbers | None], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown, self._numbers = shown, numbers
        self.setToolTip("Copy or save the picture or its numbers")
        self.setAccessibleName("Copy or save")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.addAction("Copy picture", self.copy)
        menu.addAction("Picture (PNG)…", self.choose_png)
        self._of_numbers = [
            menu.addAction("Numbers (CSV)…", self.choose_csv),
            menu.addAction("Numbers (NPY)…", self.choose_npy),
        ]
        menu.aboutToShow.connect(self._enable)
        self.setMenu(menu)
        theme.changed.connect(self._paint_icon)
        self._paint_icon()

    @Slot()
    def copy(self) -> None:
        """Put the picture on the clipboard."""
        QGuiApplication.clipboard().setImage(self._image())

    @Slot()
    def choose_png(self) -> None:
        """Ask for a name and write the picture."""
        self._choose("Save the picture", "png", "Picture (*.png)", self._png)

    @Slot()
    def choose_csv(self) -> None:
        """Ask for a name and write the numbers as text."""
        self._choose("Save the numbers", "csv", "Comma-separated values (*.csv)", self._csv)

    @Slot()
    def choose_npy(self) -> None:
        """Ask for a name and write the numbers as NumPy keeps them."""
        self._choose("Save the numbers", "npy", "NumPy array (*.npy)", self._npy)

    def _choose(self, title: str, ending: str, kind: str, content: Callable[[], bytes]) -> None:
        numbers = self._numbers()
        name = "layers" if numbers is None else numbers[0].replace("/", "-")
        chosen, _ = QFileDialog.getSaveFileName(self, title, f"{name}.{ending}", kind)
        if not chosen:
            return
        path = Path(chosen)
        try:
            write_atomically(path if path.suffix else path.with_suffix(f".{ending}"), content())
        except SaveError as error:
            QMessageBox.warning(self, "Convograph", str(error))

    def _image(self) -> QImage:
        image = QImage(self._shown.size() * 2, QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(2)
        image.fill(theme.current().panel)
        self._shown.render(image)
        return image

    def _png(self) -> bytes:
        buffer = QBuffer()
        QImageWriter(buffer, QByteArray(b"png")).write(self._image())
        return bytes(buffer.data().data())

    def _csv(self) -> bytes:
        numbers = self._numbers()
        return b"" if numbers is None else csv_text(numbers[1]).encode()

    def _npy(self) -> bytes:
        numbers, file = self._numbers(), BytesIO()
        np.save(file, np.zeros(0) if numbers is None else numbers[1], allow_pickle=False)
        return file.getvalue()

    def _enable(self) -> None:
        for action in self._of_numbers:
            action.setEnabled(self._numbers() is not None)

    def _paint_icon(self) -> None:
        self.setIcon(theme.icon("export"))


def csv_text(numbers: NDArray[np.floating]) -> str:
    """Write numbers with their places: (H, W, C) as row, column, map, value; a matrix row by row as it stands.

    >>> csv_text(np.float32([[[1, 2]]])).splitlines()
    ['row,column,map,value', '0,0,1,1.0', '0,0,2,2.0']
    >>> csv_text(np.float32([0.5, 2])).splitlines()
    ['value', '0.5', '2.0']
    """
    if numbers.ndim == 3:
        places = ((*at[:2], at[2] + 1, value) for at, value in np.ndenumerate(numbers))
        return "".join(["row,column,map,value\n", *(f"{r},{c},{m},{value}\n" for r, c, m, value in places)])
    if numbers.ndim == 2:
        return "".join(f"{','.join(map(str, row))}\n" for row in numbers.tolist())
    return "".join(["value\n", *(f"{value}\n" for value in numbers.tolist())])
