"""Where the data comes from: what is bundled, files of one's own, and how its samples are divided and fitted."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.graph.edits import choose_dataset, set_training
from core.graph.training import TrainingSettings
from core.io.datasets import BUNDLED, Bundled
from core.shapes import Shape
from core.text import shape_text
from designer import theme
from designer.forms.field_text import as_json
from designer.forms.form import SettingsForm
from designer.session import Session
from designer.views.data.downloads import DownloadList
from designer.views.data.shown_data import Loaded, ShownData
from designer.views.elided import ElidedLabel

SPLIT = ("validation_split", "seed")
FITTING = ("resize", "first_label", "skip_unreadable")
_TRAINING = "$.training."


class SourceCard(QPushButton):
    """One data set to choose: its name, and what is in it."""

    def __init__(self, name: str, facts: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setCheckable(True)
        self.setAccessibleName(f"{name}, {facts}")
        theme.mark(self, "role", "choice")
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 6, 10, 6)
        self.name, self.facts = ElidedLabel(), QLabel(facts)
        self.name.setText(name)
        theme.mark(self.name, "role", "strong")
        theme.mark(self.facts, "role", "muted")
        for label in (self.name, self.facts):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row.addWidget(self.name, 1)
        row.addWidget(self.facts)

    def sizeHint(self) -> QSize:
        return QSize(180, 34)  # that of its layout: a button's own has no room for two labels

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 34)


class SplitBar(QWidget):
    """How many samples are learned from and how many are kept back, as one bar."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts = (0, 0)
        self.setFont(theme.font(11))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)

    def show_parts(self, training: int, validation: int) -> None:
        """Draw another division."""
        self._parts = (training, validation)
        self.setAccessibleName(f"{training:,} samples in training, {validation:,} in validation")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(160, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        training, validation = self._parts
        if not training:
            return
        painter, look = QPainter(self), theme.current()
        edge = round(self.width() * training / (training + validation))
        painter.fillRect(QRectF(0, 0, edge, self.height()), QColor(look.primary))
        kept = QColor(look.accent)
        kept.setAlphaF(0.3)
        painter.fillRect(QRectF(edge, 0, self.width() - edge, self.height()), kept)
        painter.setPen(QColor(look.on_primary))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(QRectF(6, 0, edge - 8, self.height()), middle, f"training {training:,}")
        painter.setPen(QColor(look.text))
        text, right = f"{validation:,}", Qt.AlignmentFlag.AlignRight
        if validation and painter.fontMetrics().horizontalAdvance(text) <= self.width() - edge - 6:
            painter.drawText(QRectF(edge, 0, self.width() - edge - 6, self.height()), middle | right, text)
        painter.end()


class SourcePanel(QScrollArea):
    """Chooses the data set of the document, and what is done to it before training."""

    folder_requested = Signal()
    """The user wants to look for a folder of their own."""
    file_requested = Signal()
    """The user wants to look for a file of their own."""

    def __init__(self, session: Session, data: ShownData, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._data = session, data
        self.setFrameShape(self.Shape.NoFrame)
        self.setWidgetResizable(True)
        page = QWidget()
        self.column = QVBoxLayout(page)
        self.column.setContentsMargins(12, 10, 12, 10)
        self.column.setSpacing(6)
        self.setWidget(page)
        self.cards: dict[str, SourceCard] = {}
        self._head("Bundled")
        for bundled in BUNDLED.values():
            self._add_card(bundled)
        self.open_button = QToolButton()
        self.open_button.setText("Open…")
        self.open_button.setToolTip("Look for pictures or a data file of your own")
        self.open_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.open_button)
        menu.addAction("Folder…", self.folder_requested.emit)
        menu.addAction("File…", self.file_requested.emit)
        self.open_button.setMenu(menu)
        self._head("Your files", self.open_button)
        self.own = SourceCard("", "")
        self.own.hide()
        self.column.addWidget(self.own)
        self.hint = QLabel("A folder of pictures, IDX, CIFAR, NPZ or CSV. Drop it anywhere in the window.")
        self.hint.setWordWrap(True)
        theme.mark(self.hint, "role", "muted")
        self.column.addWidget(self.hint)
        self._head("Download")
        self.downloads = DownloadList()
        self.downloads.use_requested.connect(self._use_downloaded)
        self.column.addWidget(self.downloads)
        self._head("Split, by class")
        self.bar = SplitBar()
        self.column.addWidget(self.bar)
        self.split = self._form(SPLIT)
        self._head("Fitting")
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        self.facts.setTextFormat(Qt.TextFormat.PlainText)
        theme.mark(self.facts, "role", "muted")
        self.column.addWidget(self.facts)
        self.fitting = self._form(FITTING)
        self.column.addStretch(1)
        self.own.clicked.connect(self._show_settings)
        session.document_changed.connect(self._show_settings)
        session.readiness_changed.connect(self._show_fitting)
        data.changed.connect(self._show_loaded)
        self._show_settings()
        if data.loaded is not None:
            self._show_loaded(data.loaded)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._data.attend()

    def _head(self, title: str, button: QToolButton | None = None) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(0, 8, 0, 0)
        label = QLabel(title)
        theme.mark(label, "role", "heading")
        row.addWidget(label, 1)
        if button is not None:
            row.addWidget(button)
        self.column.addLayout(row)

    def _add_card(self, bundled: Bundled) -> None:
        card = SourceCard(bundled.name, f"{bundled.n:,} · {_shape_text(bundled.shape)}")
        card.clicked.connect(lambda: self._choose(bundled.name))
        self.cards[bundled.name] = card
        self.column.addWidget(card)

    def _form(self, names: tuple[str, ...]) -> SettingsForm:
        form = SettingsForm(TrainingSettings, lettered=False, names=names)
        form.changed.connect(self._set)
        form.withdrawn.connect(self._take_back)
        self.column.addWidget(form)
        return form

    def _choose(self, name: str) -> None:
        document = self._session.document
        if name != document.training.settings.dataset:
            self._session.edit(f"use {name}", choose_dataset(document, name))
        self._show_settings()

    @Slot(str, str)
    def _use_downloaded(self, title: str, path: str) -> None:
        self._session.edit(f"use {title}", choose_dataset(self._session.document, path))

    @Slot()
    def _show_settings(self) -> None:
        training = self._session.document.training
        dataset = training.settings.dataset
        for name, card in self.cards.items():
            card.setChecked(name == dataset)
        self.downloads.show_used(dataset)
        is_own = dataset not in BUNDLED
        self.own.setVisible(is_own)
        self.own.setChecked(is_own)
        if is_own:
            self.own.name.setText(dataset)
            self.own.setToolTip(dataset)
        problems = [p for p in self._session.report.problems if p.path.startswith(_TRAINING)]
        for form in (self.split, self.fitting):
            form.show_configs([training.settings.config() | dict(training.unread)])
            form.show_problems(problems)

    @Slot()
    def _show_fitting(self) -> None:
        ready = self._session.readiness
        self.facts.setText(ready.data if ready is not None else "")
        self.facts.setVisible(bool(self.facts.text()))

    @Slot(object)
    def _show_loaded(self, loaded: Loaded) -> None:
        dataset = loaded.dataset
        self.bar.show_parts(len(loaded.training), len(loaded.validation))
        if dataset is not None and loaded.name not in BUNDLED:
            self.own.facts.setText(f"{len(dataset):,} · {_shape_text(dataset.shape)}")
        self._show_fitting()

    @Slot(str, object, str)
    def _set(self, name: str, value: object, visit: str) -> None:
        document = set_training(self._session.document, {name: as_json(value)})
        self._session.edit(f"set {name.replace('_', ' ')}", document, merge_key=f"training {name} {visit}")

    @Slot(str, str)
    def _take_back(self, name: str, visit: str) -> None:
        self._session.take_back(f"training {name} {visit}")


def _shape_text(shape: Shape) -> str:
    """Write the shape of one sample in few letters.

    >>> _shape_text((8, 8, 1)), _shape_text((32, 32, 3)), _shape_text((2,))
    ('8×8', '32×32×3', '2 values')
    """
    if len(shape) == 1:
        return f"{shape[0]:,} values"
    return shape_text(shape[:2] if shape[2] == 1 else shape)
