"""The learning-rate range test in the window: a sweep on a copy, its curve, and a rate to use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.analysis.report import Report
from core.graph.edits import set_optimizer
from core.graph.training import Training
from core.learning.optimizers import Optimizer
from core.training.sweep import STEPS, TRIAL_STEPS, RangeTested, Tried, TryingOut
from designer import theme
from designer.pictures import KeepButton, Keeping
from designer.session import Change, Session
from designer.training.aside import Aside, Messages
from designer.training.range_curve import RangeCurve

FIRST = "A sweep over all learning rates on a copy, in seconds: which one to train with."


class RangeRun(Aside):
    """Makes the range test of the open document when it is asked to, whether or not something trains."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, _messages, "range test", "The range test could not be made.", parent)

    @property
    def is_current(self) -> bool:
        """Whether it was about the network and the settings as they are now, whatever the learning rate."""
        tested, now = self._document, self._session.document
        return (
            tested is not None
            and tested.graph is now.graph
            and _without_rate(tested.training) == _without_rate(now.training)
        )


class _Body(QWidget):
    """Is as high as there is room for: around text to wrap, a scroll area would have the curve at its full height."""

    def hasHeightForWidth(self) -> bool:
        return False


class RangePanel(QWidget):
    """Makes the test when it is asked to, also before the first run, and sets the rate that it proposes."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.run = RangeRun(session, self)
        self.curve = RangeCurve()
        self.state = QLabel()
        self.state.setWordWrap(True)
        self.state.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.button, self.use = QPushButton(), QPushButton()
        self.keeping = Keeping(self.curve, "range test", self.curve.numbers)
        self.export = KeepButton(self.keeping)
        self.button.setFlat(True)
        for button in (self.button, self.use):
            button.setCursor(Qt.CursorShape.PointingHandCursor)
        self._tried: list[Tried] = []
        self._tested: RangeTested | None = None
        self._refusal = self._stand = ""
        self._make_layout()
        self.setAccessibleName("Range test")
        self.button.clicked.connect(self._press)
        self.use.clicked.connect(self._use)
        self.run.began.connect(self._begin)
        self.run.told.connect(self._hear)
        self.run.ended.connect(self._end)
        session.document_changed.connect(self._on_document)
        self._refresh()

    def _make_layout(self) -> None:
        body = _Body()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 6, 8, 6)
        whole.addWidget(body)
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(self.state, 1)
        for widget in (self.use, self.button, self.export):
            head.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        column.addWidget(self.curve, 1)

    def stop_and_wait(self, seconds: float = 5.0) -> bool:
        """End what is going on; says whether it is gone. For closing the window."""
        return self.run.stop_and_wait(seconds)

    @Slot()
    def _press(self) -> None:
        if self.run.is_running:
            self.run.stop()
            self.button.setEnabled(False)  # until the step that is being computed is done
        else:
            self.run.start()

    @Slot()
    def _begin(self) -> None:
        self._tried, self._tested, self._refusal, self._stand = [], None, "", "Begins on a copy …"
        self._refresh()

    @Slot(object)
    def _hear(self, messages: list[object]) -> None:
        for message in messages:
            match message:
                case Tried():
                    self._tried.append(message)
                    self._stand = f"{message.step} of {STEPS} rates: {message.rate:.2g}"
                case TryingOut():
                    self._stand = f"Trying out {message.rate:g}: step {message.step} of {TRIAL_STEPS}"
                case RangeTested():
                    self._tested = message
        self._refresh()

    @Slot(str)
    def _end(self, refusal: str) -> None:
        self._refusal = refusal
        self.button.setEnabled(True)
        self._refresh()

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if change.label is None:
            self.run.forget()
            self._begin()
        elif change.graph_changed or change.before.training != change.after.training:
            self._refresh()

    @Slot()
    def _use(self) -> None:
        document, rate = self.session.document, self._proposal
        if rate is not None and isinstance(document.training.optimizer, Optimizer):
            kind = type(document.training.optimizer).__name__
            self.session.edit(
                f"use a learning rate of {rate:g}", set_optimizer(document, kind, {"learning_rate": rate})
            )

    @property
    def _proposal(self) -> float | None:
        return None if self._tested is None else self._tested.proposal

    def _refresh(self) -> None:
        optimizer = self.session.document.training.optimizer
        now = optimizer.learning_rate if isinstance(optimizer, Optimizer) else None
        is_stale = bool(self._tried) and not self.run.is_current
        self.curve.show_tried(self._tried, self._proposal, now)
        self.curve.setVisible(bool(self._tried))
        self.export.setVisible(bool(self._tried))
        self.button.setText("Stop" if self.run.is_running else "Test again" if self._tried else "Range test")
        self.use.setVisible(self._proposal is not None)
        self.use.setEnabled(not is_stale and now != self._proposal)
        if self._proposal is not None:
            self.use.setText(f"Use {self._proposal:g}")
        if self._refusal:
            self._say(self._refusal, "error")
        elif self.run.is_running:
            self._say(self._stand, "muted")
        elif is_stale:
            self._say("Of the network before your edit.", "muted")
        elif self._tested is not None:
            self._say(self._tested.brief or self._tested.what, "muted" if self._proposal is not None else "warning")
        elif self._tried:
            self._say(f"Stopped after {len(self._tried)} of {STEPS} rates.", "muted")
        else:
            self._say(FIRST, "muted")

    def _say(self, text: str, role: str) -> None:
        self.state.setText(text)
        self.state.setToolTip("" if self._tested is None else self._tested.what)
        theme.mark(self.state, "role", role)


def _messages(report: Report, base: Path | None) -> Messages:
    from core.training.range_test import range_test

    yield from range_test(report.document, base=base, report=report)


def _without_rate(training: Training) -> Training:
    optimizer = training.optimizer
    if not isinstance(optimizer, Optimizer):
        return training
    return replace(training, optimizer=optimizer.with_settings({"learning_rate": 1.0}))
