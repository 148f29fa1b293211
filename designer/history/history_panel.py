"""Every step by its name; a click goes there."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt, Slot
from PySide6.QtGui import QColor, QShowEvent
from PySide6.QtWidgets import QListView, QVBoxLayout, QWidget

from core.text import sentence
from designer import theme
from designer.session import Session

AnyIndex = QModelIndex | QPersistentModelIndex
_NO_INDEX = QModelIndex()
_Role = Qt.ItemDataRole
START = "As opened"


class Steps(QAbstractListModel):
    """The steps from the oldest to the newest, after the state that they started from."""

    def __init__(self) -> None:
        super().__init__()
        self.labels: tuple[str, ...] = ()
        self.n_done = 0

    def show_steps(self, labels: tuple[str, ...], n_done: int) -> None:
        """Show these steps, of which the first `n_done` are done."""
        if labels != self.labels:
            self.beginResetModel()
            self.labels = labels
            self.endResetModel()
        self.n_done = n_done
        self.dataChanged.emit(self.index(0), self.index(self.rowCount() - 1))

    def rowCount(self, parent: AnyIndex = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self.labels) + 1

    def data(self, index: AnyIndex, role: int = _Role.DisplayRole) -> Any:
        row = index.row()
        match role:
            case _Role.DisplayRole:
                label = self.labels[row - 1] if row else START
                return sentence(label)
            case _Role.ForegroundRole if row > self.n_done:
                return QColor(theme.current().muted)
            case _Role.FontRole if row == self.n_done:
                return theme.font(13, 600)
            case _Role.AccessibleDescriptionRole:
                return "not done" if row > self.n_done else "here" if row == self.n_done else "done"
        return None


class HistoryPanel(QWidget):
    """Follows the session while it is visible."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.steps = Steps()
        self.steps.setParent(self)
        self.list = QListView()
        self.list.setModel(self.steps)
        self.list.setUniformItemSizes(True)
        self.list.setAccessibleName("Steps")
        self.list.setToolTip("Click a step to go back or forward to it")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addWidget(self.list)
        self.list.activated.connect(self._go)
        self.list.clicked.connect(self._go)
        session.document_changed.connect(self._follow)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._follow()

    @Slot()
    def _follow(self) -> None:
        if self.isVisible():
            self.steps.show_steps(*self._session.steps)
            here = self.steps.index(self.steps.n_done)
            self.list.setCurrentIndex(here)
            self.list.scrollTo(here)

    @Slot(QModelIndex)
    def _go(self, index: QModelIndex) -> None:
        self._session.jump(index.row())
