"""The bar at the top: whose file this is, the commonest actions, the data set, the training, the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QComboBox, QLabel, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from core.graph.edits import set_training
from core.io.datasets import BUNDLED
from designer import theme
from designer.session import Session
from designer.window.actions import fill_menu

_GROUPS = (
    ("new_document", "open_document", "save_document"),
    ("undo", "redo"),
    ("arrange", "fit"),
)
_OTHER = "Other data…"


class DatasetChooser(QComboBox):
    """The document's data set; `other_requested` when the user wants one that isn't listed."""

    other_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setAccessibleName("Data set")
        self.setToolTip("The data set that training uses")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.activated.connect(self._chosen)
        session.document_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self, _: object = None) -> None:
        current = self._session.document.training.settings.dataset
        names = [*BUNDLED, *(() if current in BUNDLED else (current,))]
        self.clear()
        for name in names:
            self.addItem(name if name in BUNDLED else Path(name).name, name)
        self.addItem(_OTHER)
        self.setCurrentIndex(names.index(current))

    def _chosen(self, index: int) -> None:
        name = self.itemData(index)
        if name is None:
            self._refresh()
            self.other_requested.emit()
        else:
            self._session.edit("choose data set", set_training(self._session.document, {"dataset": name}))


class Toolbar(QToolBar):
    """Assembles the bar from actions and the widgets that it is given."""

    def __init__(
        self, session: Session, actions: Mapping[str, QAction], datasets: QWidget, training: QWidget, verdict: QWidget
    ) -> None:
        super().__init__("Toolbar")
        self._session = session
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setFloatable(False)
        self.toggleViewAction().setEnabled(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.menu = QMenu(self)
        fill_menu(self.menu, actions)
        self.addWidget(self._title_button())
        self._file = QLabel()
        theme.mark(self._file, "role", "muted")
        self.addWidget(self._file)
        for group in _GROUPS:
            for id in group:
                self.addAction(actions[id])
            self.addSeparator()
        self.addWidget(datasets)
        self.addWidget(training)
        gap = QWidget()
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(gap)
        self.addWidget(verdict)
        session.file_changed.connect(self._show_file)
        self._show_file()

    def _title_button(self) -> QToolButton:
        button = QToolButton()
        button.setText("Convograph")
        button.setFont(theme.font(14, 600))
        button.setMenu(self.menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setToolTip("All actions")
        button.setAccessibleName("Menu")
        return button

    def _show_file(self) -> None:
        path = self._session.path
        name = path.name if path else "not saved yet"
        self._file.setText(f"{name} •" if self._session.modified and path else name)
        self._file.setToolTip(str(path) if path else "This document has no file yet")
