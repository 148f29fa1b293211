"""The bar of the time machine: what is looked at, the slider, playing, and a new run from there."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QToolBar, QToolButton, QVBoxLayout, QWidget

from designer import theme
from designer.time_machine.machine import TimeMachine
from designer.time_machine.slider import CourseSlider
from designer.views.elided import ElidedLabel

WORDS_PX = 190
EMPTY = "no run yet: its moments are kept while it trains"


class TimeMachineBar(QToolBar):
    """Steers a `TimeMachine`."""

    def __init__(self, machine: TimeMachine) -> None:
        super().__init__("Time machine")
        self.setObjectName("time machine")
        self.setMovable(False)
        self.hide()
        self._machine = machine
        self.slider = CourseSlider()
        self.title, self.words = QLabel("Time machine"), ElidedLabel()
        self.play = QToolButton()
        self.play.setFixedSize(28, 28)
        self.back = QPushButton("Back to now")
        self.back.setToolTip("Show the run as it is now (End)")
        self.branch = QPushButton("Branch a run from here")
        theme.mark(self.title, "role", "strong")
        theme.mark(self.words, "role", "muted")
        self._lay_out()
        self.slider.moved.connect(machine.look_at)
        self.play.clicked.connect(machine.play)
        self.back.clicked.connect(lambda: machine.look_at(None))
        self.branch.clicked.connect(machine.branch)
        machine.course_changed.connect(self._refresh)
        machine.step_changed.connect(self._refresh)
        theme.changed.connect(self._refresh)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._refresh()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.title)
        words.addWidget(self.words)
        holder, left = QWidget(), QWidget()
        left.setLayout(words)
        left.setFixedWidth(WORDS_PX)
        row = QHBoxLayout(holder)
        row.setContentsMargins(12, 4, 12, 4)
        row.setSpacing(8)
        for widget in (left, self.play, self.slider, self.back, self.branch):
            row.addWidget(widget)
        row.setStretchFactor(self.slider, 1)
        holder.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.addWidget(holder)

    @Slot()
    def _refresh(self, *_: object) -> None:
        if not self.isVisible():  # a run that is on has news 30 times a second
            return
        machine, course, step = self._machine, self._machine.course, self._machine.step
        self.slider.show_course(course, step)
        self.play.setIcon(theme.icon("pause" if machine.is_playing else "play"))
        self.play.setToolTip("Stop playing" if machine.is_playing else "Play the run from its first moment")
        self.play.setAccessibleName(self.play.toolTip())
        self.play.setEnabled(bool(course.ticks))
        words = EMPTY if not course.name else f"{course.name} · no moments are kept"
        if course.ticks:
            at = f"batch {step:,} of {course.last:,}" if step is not None else f"{course.now}, batch {course.last:,}"
            words = f"{course.name} · {at}"
        self.words.setText(words)
        self.slider.setAccessibleDescription(words)
        self.back.setEnabled(step is not None)
        why_not = machine.why_not_branched
        self.branch.setEnabled(not why_not)
        self.branch.setToolTip(why_not or f"Train on from {course.name} at batch {step:,}, as a run of its own")
