"""The panel over the canvas at the start: ways to begin."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QIcon, QPixmap, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.io.templates import template_picture, templates
from designer import theme

FIRST = ("digits_cnn", "lenet5", "resnet20_cifar", "unet")
"""The templates that are shown here, if they are shipped."""
PICTURE = QSize(120, 60)
MOST_FILES = 3
MOST_NAME_PX = 180
"""A longer name of a file is cut in the middle; the tooltip has it whole."""
_GAP = 16
"""Between the panel and the rim of what it stands on."""
_CORNER = 190
"""With less room than this at both sides it takes all of it, rather than half cover what stands in the corners."""


class Welcome(QFrame):
    """Offers templates, recent files and the tour; hidden until it is asked for, and again once the user has begun.

    It stands over the lower edge of its parent and takes no room from anything; where that is narrow, fewer templates
    are shown.
    """

    template_chosen = Signal(str)
    file_chosen = Signal(object)
    gallery_asked = Signal()
    tour_asked = Signal()
    wanted = Signal(bool)
    """Carries whether it is to be shown at the next start."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._ground = parent
        theme.mark(self, "role", "card")
        self.setAccessibleName("Start")
        self._files = QVBoxLayout()
        self.at_start = QCheckBox("Show at start")
        self.at_start.toggled.connect(self.wanted)
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 12, 10)
        row.setSpacing(24)
        row.addLayout(self._templates_part())
        row.addLayout(_part("Recent files", self._files))
        row.addStretch(1)
        row.addLayout(self._tour_part())
        self._esc = QShortcut(Qt.Key.Key_Escape, parent, self.hide)
        self._esc.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        self.hide()
        parent.installEventFilter(self)
        theme.changed.connect(self._paint)
        self._paint()

    @Slot()
    def _paint(self) -> None:
        for name, button in self.pictures.items():
            button.setIcon(QIcon(QPixmap(str(template_picture(name, dark=theme.current().is_dark)))))

    def _templates_part(self) -> QVBoxLayout:
        pictures = QHBoxLayout()
        pictures.setSpacing(4)
        titles = {template.name: template.title for template in templates()}
        self.pictures: dict[str, QToolButton] = {}
        for name in FIRST:
            if name in titles:
                button = QToolButton()
                button.setText(theme.button_text(titles[name]))
                button.setIconSize(PICTURE)
                button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
                button.setToolTip(f"Open {titles[name]} as a new document")
                button.clicked.connect(lambda _=False, name=name: self.template_chosen.emit(name))
                self.pictures[name] = button
                pictures.addWidget(button)
        self.more = QPushButton(f"All {len(titles)}…")
        self.more.clicked.connect(self.gallery_asked)
        column = QVBoxLayout()
        pictures.addWidget(self.more)
        column.addLayout(pictures)
        return _part("Start with a template", column)

    def _tour_part(self) -> QVBoxLayout:
        self.tour = QPushButton("Take the tour")
        theme.mark(self.tour, "primary", True)
        self.tour.setToolTip("Four steps: train, look, change, add")
        self.tour.clicked.connect(self.tour_asked)
        self.close_button = QPushButton("Close")
        self.close_button.clicked.connect(self.hide)
        column = QVBoxLayout()
        for widget in (self.tour, self.close_button, self.at_start):
            column.addWidget(widget)
        column.addStretch(1)
        return _part("New here?", column)

    def offer(self, recent: Iterable[str], *, at_start: bool) -> None:
        """Show the panel with the files that were open lately."""
        while (item := self._files.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        paths = [Path(name) for name in recent][:MOST_FILES]
        for path in paths:
            name = self.fontMetrics().elidedText(path.name, Qt.TextElideMode.ElideMiddle, MOST_NAME_PX)
            button = QPushButton(theme.button_text(name))
            theme.mark(button, "flat", True)
            button.setToolTip(str(path))
            button.clicked.connect(lambda _=False, path=path: self.file_chosen.emit(path))
            self._files.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        if not paths:
            self._files.addWidget(QLabel("No files yet"))
        self._files.addStretch(1)
        self.at_start.blockSignals(True)
        self.at_start.setChecked(at_start)
        self.at_start.blockSignals(False)
        self._place()
        self.show()
        self.raise_()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._esc.setEnabled(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._esc.setEnabled(False)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        """Stand in the middle of the lower edge, with as many templates as there is room for."""
        room, row = self._ground.rect().adjusted(_GAP, _GAP, -_GAP, -_GAP), self._row
        buttons = list(self.pictures.values())
        for n in range(len(buttons), -1, -1):
            for place, button in enumerate(buttons):
                button.setVisible(place < n)
            row.activate()  # also what is inside it is measured again
            if self.sizeHint().width() <= room.width():
                break
        size = self.sizeHint()
        if room.width() - size.width() < 2 * _CORNER:
            size.setWidth(room.width())
        self.setGeometry(room.center().x() - size.width() // 2, room.bottom() + 1 - size.height(), *size.toTuple())


def _part(title: str, content: QVBoxLayout) -> QVBoxLayout:
    heading = QLabel(title)
    theme.mark(heading, "role", "strong")
    column = QVBoxLayout()
    column.setSpacing(6)
    column.addWidget(heading)
    column.addLayout(content)
    return column
