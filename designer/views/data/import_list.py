"""What could not be read of a data set: which file, where in it, and why."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QStackedLayout,
    QVBoxLayout,
    QWidget,
)

from core.graph.edits import set_training
from core.io.datasets import Refused
from core.text import counted
from designer import theme
from designer.session import Session
from designer.views.data.shown_data import Loaded, ShownData
from designer.views.elided import ElidedLabel
from designer.views.empty import empty_page, say_instead

TITLE = "Import"
MOST_LISTED = 1000
ALL_READ = ("All of it was read", "Files that can't be read are listed here, with the reason.")


class _Reasons(QListWidget):
    """Breaks long sentences to its width, and wants to be as high as they then are."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)  # the buttons follow it

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.contentsSize().height() + 2 * self.frameWidth())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.doItemsLayout()
        self.updateGeometry()


class ImportList(QWidget):
    """Lists what was refused. To train without it is the user's decision, and one step to undo."""

    def __init__(self, session: Session, data: ShownData, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._data = session, data
        self._refused: tuple[Refused, ...] = ()
        self._n = 0
        self.count = ElidedLabel()
        theme.mark(self.count, "role", "muted")
        self.list = _Reasons()
        self.list.setAccessibleName("What could not be read")
        self.use_good = QPushButton()
        theme.mark(self.use_good, "primary", True)
        self.copy = QPushButton("Copy list")
        self.decision = QLabel()
        self.decision.setWordWrap(True)
        self.decision.setTextFormat(Qt.TextFormat.PlainText)
        buttons = QHBoxLayout()
        buttons.addWidget(self.use_good)
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 8, 12, 8)
        column.addWidget(self.count)
        column.addWidget(self.list)
        column.addWidget(self.decision)
        column.addLayout(buttons)
        column.addStretch(1)
        self._pages = QStackedLayout(self)
        self._page = page
        self._said = ALL_READ
        self._empty = empty_page(*self._said)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(page)
        self.use_good.clicked.connect(self._use_good)
        self.copy.clicked.connect(self._copy)
        data.changed.connect(self.show_loaded)
        session.document_changed.connect(self._show_decision)
        if data.loaded is not None:
            self.show_loaded(data.loaded)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._data.attend()

    @Slot(object)
    def show_loaded(self, loaded: Loaded) -> None:
        """List what was refused of another data set."""
        dataset = loaded.dataset
        self._refused = () if dataset is None else dataset.refused
        self._n = 0 if dataset is None else len(dataset)
        self.list.clear()
        for refused in self._refused[:MOST_LISTED]:
            place = f"{refused.file} · {refused.where}" if refused.where else refused.file
            item = QListWidgetItem(f"{place}\n{refused.what}")
            item.setToolTip(item.text())
            self.list.addItem(item)
        if len(self._refused) > MOST_LISTED:
            self.list.addItem(f"and {counted(len(self._refused) - MOST_LISTED, 'other')}: Copy list has them all")
        self.count.setText(f"{self._n:,} read, {len(self._refused):,} not")
        self.use_good.setText(f"Use the {self._n:,} good ones")
        self._say(*(ALL_READ if dataset is not None else ("Nothing was read", loaded.refusal)))
        self._pages.setCurrentWidget(self._page if self._refused else self._empty)
        self.setWindowTitle(f"{TITLE}  {len(self._refused):,}" if self._refused else TITLE)
        self._show_decision()

    def _say(self, title: str, text: str) -> None:
        if (title, text) != self._said:
            self._empty = say_instead(self._pages, self._empty, title, text)
            self._said = (title, text)

    @Slot()
    def _show_decision(self) -> None:
        skipped = self._session.document.training.settings.skip_unreadable
        self.use_good.setVisible(not skipped)
        it = "it" if len(self._refused) == 1 else "them"
        if skipped:
            self.decision.setText(f"Training uses the {self._n:,} good ones. Undo, or “skip unreadable”, changes that.")
        else:
            self.decision.setText(f"Nothing is trained until you mend or remove {it}, or use the good ones.")
        theme.mark(self.decision, "role", "muted" if skipped else "error")

    @Slot()
    def _use_good(self) -> None:
        label = f"use the {self._n:,} good ones"
        self._session.edit(label, set_training(self._session.document, {"skip_unreadable": True}))

    @Slot()
    def _copy(self) -> None:
        lines = ["\t".join((refused.file, refused.where, refused.what)) for refused in self._refused]
        QGuiApplication.clipboard().setText("\n".join(lines))
