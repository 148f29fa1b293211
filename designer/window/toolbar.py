"""The bar at the top: whose file this is, the workspaces, undo and redo, the data set, the training, the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal, Slot
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QComboBox, QLabel, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from core.graph.edits import choose_dataset
from core.io.datasets import BUNDLED
from designer import theme
from designer.session import Session
from designer.views.switch import Switch
from designer.window.verdict import Verdict
from designer.window.workspaces import Workspace

_IN_FILE_MENU = (
    ("new_document", "show_gallery", "open_document"),
    ("save_document", "save_document_as", "save_picture"),
)
_FOLDER, _FILE = "Folder of data…", "Data file…"
_MOST_NAME_PX = 130
"""A longer name of a data set or a file is cut in the middle; the tooltip has it whole."""
_SIDE, _SPACING = 8, 4
"""Around and between the parts of the bar, as the style sheet says."""


class DatasetChooser(QComboBox):
    """The document's data set; requests one that isn't listed."""

    folder_requested = Signal()
    file_requested = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.setAccessibleName("Data set")
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.activated.connect(self._chosen)
        session.document_changed.connect(self._refresh)
        session.readiness_changed.connect(self._refresh)
        self._refresh()

    def _refresh(self, _: object = None) -> None:
        current = self._session.document.training.settings.dataset
        names = [*BUNDLED, *(() if current in BUNDLED else (current,))]
        self.clear()
        for name in names:
            self.addItem(name if name in BUNDLED else _cut(self, Path(name).name), name)
        self.addItem(_FOLDER)
        self.addItem(_FILE)
        self.setCurrentIndex(names.index(current))
        ready = self._session.readiness
        fitted = f"\n{ready.data}" if ready is not None and ready.data else ""
        self.setToolTip(f"The data set that training uses: {current}{fitted}")

    def _chosen(self, index: int) -> None:
        name = self.itemData(index)
        if name is None:
            wanted = self.folder_requested if self.itemText(index) == _FOLDER else self.file_requested
            self._refresh()
            wanted.emit()
        else:
            self._session.edit("choose data set", choose_dataset(self._session.document, name))


class WorkspaceSwitch(Switch):
    """Says which workspace is shown and switches to others, as their actions do."""

    def __init__(self, workspaces: Sequence[Workspace], actions: Mapping[str, QAction]) -> None:
        self._workspaces = workspaces
        self._actions = [actions[f"workspace_{workspace.name}"] for workspace in workspaces]
        super().__init__([workspace.title for workspace in workspaces], [action.toolTip() for action in self._actions])
        self.setAccessibleName("Workspace")
        for button, workspace in zip(self.parts, workspaces, strict=True):
            button.setAccessibleName(f"{workspace.title} workspace")
            theme.mark(button, "role", "segment")
        self.chosen.connect(self._trigger)

    @Slot(object)
    def show_workspace(self, workspace: Workspace) -> None:
        """Show which workspace is shown."""
        place = self._workspaces.index(workspace)
        self.turn_on(place)
        self._actions[place].setChecked(True)

    @Slot(int)
    def _trigger(self, place: int) -> None:
        self._actions[place].trigger()


class Toolbar(QToolBar):
    """Assembles the bar from actions and the widgets that it is given."""

    def __init__(
        self,
        session: Session,
        actions: Mapping[str, QAction],
        workspaces: Sequence[Workspace],
        datasets: QWidget,
        training: QWidget,
        verdict: Verdict,
    ) -> None:
        super().__init__("Toolbar")
        self._session = session
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setFloatable(False)
        self.toggleViewAction().setEnabled(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._file = _file_button(self, actions)
        file = [self.addWidget(self._file)]
        self.switch = WorkspaceSwitch(workspaces, actions)
        self.addWidget(self.switch)
        history = [self.addSeparator(), self._add_button(actions["undo"]), self._add_button(actions["redo"])]
        self.addSeparator()
        self.addWidget(datasets)
        self._data = QLabel()
        theme.mark(self._data, "role", "muted")
        self._data.setContentsMargins(2, 0, 8, 0)
        data = [self.addWidget(self._data)]
        training.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._training = training
        training.installEventFilter(self)
        self.addWidget(training)
        gap = QWidget()
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(gap)
        self._verdict = verdict
        self.addWidget(verdict)
        self._dispensable = [file, data, history]
        session.file_changed.connect(self._show_file)
        session.document_changed.connect(self._fit)
        session.readiness_changed.connect(self._show_data)
        self._show_file()
        self._show_data()

    def _add_button(self, action: QAction) -> QAction:
        """Add a button for an action; return the place it has in the bar."""
        place = self.addWidget(_button(action))
        place.setEnabled(action.isEnabled())
        action.enabledChanged.connect(place.setEnabled)  # whenever it is shown, a place enables its button or not
        return place

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a button came or went
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self, _: object = None) -> None:
        """Leave out what the menu has too, until training and verdict have room."""
        parts = [self.widgetForAction(action) for action in self.actions()]
        room = self.width() - 2 * _SIDE - sum(max(0, part.sizeHint().width()) + _SPACING for part in parts)
        room += self._training.sizeHint().width() - self._training.minimumSizeHint().width()
        verdict = self._verdict
        full, brief = verdict.width_needed(brief=False), verdict.width_needed(brief=True)
        room += verdict.sizeHint().width() - full
        verdict.set_brief(room < 0)
        if room < 0:
            room += full - brief
        for group in self._dispensable:
            lacking = room < 0
            for action in group:
                action.setVisible(not lacking)
                if lacking:
                    room += self.widgetForAction(action).sizeHint().width() + _SPACING

    @Slot()
    def _show_data(self) -> None:
        """Say beside the data set what is done to it."""
        ready = self._session.readiness
        self._data.setText(ready.data if ready is not None else "")
        self._fit()

    def _show_file(self) -> None:
        path = self._session.path
        name = path.name if path else "not saved yet"
        name = f"{_cut(self._file, name)} •" if self._session.modified and path else _cut(self._file, name)
        self._file.setText(f"{theme.button_text(name)}  ▾")
        self._file.setAccessibleName(f"File: {name}")
        self._file.setToolTip(str(path) if path else "This document has no file yet")


def _file_button(parent: QWidget, actions: Mapping[str, QAction]) -> QToolButton:
    """Make the button that says whose file this is; its menu holds what can be done with files."""
    button = QToolButton(parent)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setAutoRaise(True)
    menu = QMenu(button)
    for group in _IN_FILE_MENU:
        menu.addSeparator()
        menu.addActions([actions[id] for id in group])
    button.setMenu(menu)
    return button


def _button(action: QAction) -> QToolButton:
    """Make a button of its own for an action: the action stays in the menu when the button is left out."""
    button = QToolButton()
    button.setDefaultAction(action)
    button.setIconSize(QSize(24, 24))
    button.setAutoRaise(True)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return button


def _cut(widget: QWidget, name: str) -> str:
    return widget.fontMetrics().elidedText(name, Qt.TextElideMode.ElideMiddle, _MOST_NAME_PX)
