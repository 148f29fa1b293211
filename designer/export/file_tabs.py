"""The files that are written, a tab for each, to be read before they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import TypeAlias

from PySide6.QtCore import QByteArray, QRectF, QSignalBlocker, Qt, Slot
from PySide6.QtGui import QGuiApplication, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from core.errors import ConvographError
from core.export.exporter import Content, as_bytes
from designer import theme
from designer.export.code_view import CodeView

TEXT_ENDINGS = frozenset({".py", ".md", ".csv", ".tex", ".svg", ".mmd", ".dot", ".json"})
"""Of files that are text."""
LARGEST_PX = 4096
Entry: TypeAlias = Callable[[], Content] | str
"""What makes the text of a file, or a sentence in its place."""


class FileTabs(QWidget):
    """Shows what each file holds; only that of the tab that is seen is computed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries: Mapping[str, Entry] = {}
        self.names = QTabBar()
        self.names.setDrawBase(False)
        self.names.setExpanding(False)
        self.names.setUsesScrollButtons(True)
        self.names.setElideMode(Qt.TextElideMode.ElideNone)
        self.names.setAccessibleName("Files that are written")
        self.names.currentChanged.connect(self.refresh)
        self.copy = QPushButton("Copy")
        self.copy.setToolTip("Copy all of this file")
        self.copy.clicked.connect(self._copy)
        self.code = CodeView("What the file holds")
        self.picture = QLabel(alignment=Qt.AlignmentFlag.AlignCenter)
        self.sentence = QLabel(wordWrap=True, alignment=Qt.AlignmentFlag.AlignCenter)
        theme.mark(self.sentence, "role", "muted")
        self._scroll = QScrollArea(widgetResizable=True)
        self._scroll.setWidget(self.picture)
        self._pages = QStackedWidget()
        for page in (self.code, self._scroll, self.sentence):
            self._pages.addWidget(page)
        head = QHBoxLayout()
        head.addWidget(self.names, 1)
        head.addWidget(self.copy)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addLayout(head)
        layout.addWidget(self._pages, 1)

    def show_files(self, entries: Mapping[str, Entry]) -> None:
        """Show files, by their names; the tab at the same place stays the one that is seen."""
        place = self.names.currentIndex()
        self._entries = entries
        with QSignalBlocker(self.names):
            while self.names.count():
                self.names.removeTab(0)
            for name in entries:
                self.names.addTab(name)
            self.names.setCurrentIndex(place if 0 <= place < len(entries) else 0)
        self.refresh()

    @property
    def shown(self) -> str:
        """The name of the file that is seen."""
        return self.names.tabText(self.names.currentIndex())

    @Slot()
    def refresh(self) -> None:
        """Show the file of the tab that is seen."""
        name = self.shown
        entry = self._entries[name]
        if isinstance(entry, str):
            self.say(entry)
            return
        try:
            text = as_bytes(entry()).decode(errors="replace")
        except ConvographError as error:
            self.say(str(error))
            return
        self.code.show_text(text, is_python=name.endswith(".py"))
        self.copy.setEnabled(True)
        if name.endswith(".svg"):
            self.picture.setPixmap(_rendered(text, self.devicePixelRatioF()))
            self._pages.setCurrentWidget(self._scroll)
        else:
            self._pages.setCurrentWidget(self.code)

    def say(self, text: str) -> None:
        """Show a sentence in the place of a file."""
        self.sentence.setText(text)
        self.copy.setEnabled(False)
        self._pages.setCurrentWidget(self.sentence)

    @Slot()
    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.code.toPlainText())


def is_text(name: str) -> bool:
    """Return whether a file can be read, by its name."""
    return PurePath(name).suffix in TEXT_ENDINGS


def _rendered(svg: str, ratio: float) -> QPixmap:
    """Paint a picture as it looks on paper."""
    renderer = QSvgRenderer(QByteArray(svg.encode()))
    size = renderer.defaultSize()
    scale = min(1.0, LARGEST_PX / max(1, size.width(), size.height()))
    image = QImage(size * scale * ratio, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    renderer.render(painter, QRectF(image.rect()))
    painter.end()
    pixmap = QPixmap.fromImage(image)
    pixmap.setDevicePixelRatio(ratio)
    return pixmap
