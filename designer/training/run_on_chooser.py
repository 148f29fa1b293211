"""What the next run is computed by: Convograph's own engine, or PyTorch on whatever of it is there."""

from __future__ import annotations

from threading import Thread

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.engines.found import found_by_asking, known_at_once
from core.engines.table import label, require_torch
from core.errors import NetworkError
from core.training.run_on import RunOn
from designer import theme
from designer.forms.field_row import editor_px
from designer.training.run import Run

POLL_MS = 100
TIP = "What computes the next run. Both engines learn the same from the same samples in the same order, up to rounding."


class RunOnChooser(QWidget):
    """Offers what trainings can run on here; a PyTorch that isn't installed is said with the command that installs it.

    PyTorch is asked for graphics cards in a process of its own, when the list is first opened.
    """

    def __init__(self, run: Run, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._run = run
        self._answers: list[tuple[RunOn, ...]] = []
        self._is_asked = False
        self.choice = _Choice()
        self.choice.setAccessibleName("Run on")
        self.choice.setToolTip(TIP)
        self.missing = QLabel()
        self.missing.setTextFormat(Qt.TextFormat.PlainText)
        self.missing.setWordWrap(True)
        self.missing.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        theme.mark(self.missing, "role", "muted")
        name = QLabel("run on")
        name.setBuddy(self.choice)
        row = QHBoxLayout()
        row.addWidget(name, 1)
        row.addWidget(self.choice)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(row)
        column.addWidget(self.missing)
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._collect)
        self.choice.opened.connect(self._ask)
        self.choice.activated.connect(self._choose)
        run.state_changed.connect(self._on_state)
        self._offer(known_at_once())
        self._say_what_is_missing()

    @property
    def offered(self) -> list[str]:
        """What is offered, in words."""
        return [self.choice.itemText(i) for i in range(self.choice.count())]

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.choice.setFixedWidth(editor_px(self.width()))

    def _offer(self, there: tuple[RunOn, ...]) -> None:
        if [self.choice.itemData(i) for i in range(self.choice.count())] == [*there]:
            return
        with QSignalBlocker(self.choice):
            self.choice.clear()
            for run_on in there:
                self.choice.addItem(label(run_on), run_on)
            self.choice.setCurrentIndex(there.index(self._run.run_on) if self._run.run_on in there else 0)

    def _say_what_is_missing(self) -> None:
        try:
            require_torch()
        except NetworkError as error:
            self.missing.setText(str(error))
        self.missing.setVisible(bool(self.missing.text()))

    @Slot()
    def _ask(self) -> None:
        if not self._is_asked and self.choice.count() > 1:
            self._is_asked = True
            answers = self._answers
            Thread(target=lambda: answers.append(found_by_asking()), name="devices", daemon=True).start()
            self._timer.start()

    @Slot()
    def _collect(self) -> None:
        """Offer what was found, as soon as the list is closed: under the mouse it would move."""
        if self._answers and not self.choice.view().isVisible():
            self._timer.stop()
            self._offer(self._answers.pop())

    @Slot(int)
    def _choose(self, index: int) -> None:
        self._run.compute_on(self.choice.itemData(index))

    @Slot(str)
    def _on_state(self, state: str) -> None:
        self.choice.setEnabled(state == "idle")
        self.choice.setToolTip(TIP if state == "idle" else f"Fixed for a run: stop it first. {TIP}")


class _Choice(QComboBox):
    """A list that says when it is opened."""

    opened = Signal()

    def showPopup(self) -> None:
        self.opened.emit()
        super().showPopup()
