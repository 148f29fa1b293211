"""Training settings beside a training: what can be changed while it runs, and what is fixed for a run."""

from __future__ import annotations

from typing import Final, Protocol

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from core.graph.training import Training, TrainingSettings
from core.training.adjusting import LIVE
from designer.inspector.needs_line import NeedsLine
from designer.inspector.schedule_curve import ScheduleCurve
from designer.inspector.sections import small_heading
from designer.inspector.training_part import OPTIMIZER, OPTIMIZER_SETTINGS, Group, TrainingPart
from designer.session import Change, Session

OF_THE_DATA: Final = frozenset(
    {"dataset", "first_label", "resize", "skip_unreadable", "validation_split", "preprocessing", "augmentation"}
)
"""Settings that are edited beside the data."""
_NAMES = [name for name in TrainingSettings.model_fields if name not in OF_THE_DATA]
GROUPS: Final = (
    Group("May be changed while it runs", (OPTIMIZER_SETTINGS, *(name for name in _NAMES if name in LIVE))),
    Group("Fixed for a run", (OPTIMIZER, *(name for name in _NAMES if name not in LIVE))),
)


class HasCome(Protocol):
    """Where a run stands."""

    epochs: int

    @property
    def fraction(self) -> float:
        """What share of it is done."""


class TrainingPanel(QScrollArea):
    """Shows the training settings of the document in two groups, and the curve of the learning rate."""

    range_test_requested = Signal()
    """The user wants to know which learning rate to use."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.part = TrainingPart(session, GROUPS)
        self.curve = ScheduleCurve()
        self.needs = NeedsLine(session)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(12, 4, 6, 12)
        column.setSpacing(4)
        column.addWidget(self.part)
        self._below = QVBoxLayout()
        self._below.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self._below)
        self.range_test = QPushButton("Range test…")
        self.range_test.setFlat(True)
        self.range_test.setToolTip("Find out on a copy which learning rate the network can learn with")
        self.range_test.clicked.connect(self.range_test_requested)
        head = QHBoxLayout()
        head.addWidget(small_heading("Learning rate, by epoch"), 1)
        head.addWidget(self.range_test)
        column.addLayout(head)
        column.addWidget(self.curve)
        column.addWidget(self.needs)
        column.addStretch(1)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(page)
        self.setWidgetResizable(True)
        session.document_changed.connect(self._on_document)
        session.readiness_changed.connect(self.needs.look_again)
        self._show(fresh=True)

    def put_below(self, widget: QWidget) -> None:
        """Add something to what is fixed for a run."""
        self._below.addWidget(widget)

    @Slot(object)
    def show_running(self, running: Training | None) -> None:
        """Say which settings a run that is on leaves to the next one; None when none is on."""
        self.part.show_running(running)
        if running is None:
            self.curve.show_done(0.0)

    @Slot(object)
    def follow(self, progress: HasCome) -> None:
        """Draw how far a run has come."""
        self.curve.show_done(progress.fraction * progress.epochs)

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        self._show(fresh=change.label is None)

    def _show(self, *, fresh: bool) -> None:
        self.part.show_training(fresh=fresh)
        self.curve.show_training(self._session.document.training)
        self.needs.look_again()
