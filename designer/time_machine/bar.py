"""The bar of the time machine: what is looked at, the slider, playing, and a new run from there."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Slot
from PySide6.QtGui import QHideEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolBar, QToolButton, QVBoxLayout, QWidget

from designer import theme
from designer.time_machine.film import Film, Peek
from designer.time_machine.frames import Frames
from designer.time_machine.machine import TimeMachine
from designer.time_machine.slider import CourseSlider
from designer.views.elided import ElidedLabel
from designer.views.kernel_sheet import Filmed
from designer.views.switch import Switch

WORDS_PX, EMPTY_PX = 190, 320
LEAST_WITH_FILM_PX = 900
"""In lower windows there is no room for the film."""
BOTH = "Both moments side by side (D)"
DIFFERENCE = (
    "Filters, maps and all layers at B minus those at A (D). Moments are kept in half precision: changes of a number "
    "by less than a thousandth may be rounding."
)
EMPTY = "no run yet: its moments are kept while it trains"


class TimeMachineBar(QToolBar):
    """Steers a `TimeMachine`; while two moments are compared, X swaps them, D subtracts them, and Esc ends it."""

    def __init__(self, machine: TimeMachine) -> None:
        super().__init__("Time machine")
        self.setObjectName("time machine")
        self.setMovable(False)
        self.hide()
        self._machine = machine
        self.slider = CourseSlider()
        self.frames = Frames(machine.shelf, self)
        self.film, self.peek = Film(self.slider, self.frames), Peek(self.frames, self)
        self.figures: Callable[[int], str] = lambda _: ""
        self._is_watching = False
        self.title, self.words = ElidedLabel("Time machine"), ElidedLabel()
        self.play = QToolButton()
        self.play.setFixedSize(28, 28)
        self.back = QPushButton("Back to now")
        self.back.setToolTip("Show the run as it is now (End)")
        self.compare = QPushButton("Compare with…")
        self.compare.setCheckable(True)
        self.both = Switch(("A, B", "B − A"), (BOTH, DIFFERENCE))
        self.branch = QPushButton("Branch a run from here")
        theme.mark(self.title, "role", "strong")
        theme.mark(self.words, "role", "muted")
        self._lay_out()
        self.slider.moved.connect(machine.look_at)
        self.film.moved.connect(machine.look_at)
        self.slider.hovered.connect(self._show_peek)
        self.slider.moved.connect(self.peek.hide)
        self.play.clicked.connect(machine.play)
        self.back.clicked.connect(lambda: machine.look_at(None))
        self.compare.clicked.connect(machine.compare)
        self.both.chosen.connect(self._on_both)
        self.branch.clicked.connect(machine.branch)
        machine.course_changed.connect(self._refresh)
        machine.step_changed.connect(self._refresh)
        theme.changed.connect(self._refresh)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._is_watching:
            self._is_watching = True
            self.window().installEventFilter(self)
        self._fit()
        self._refresh()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.peek.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and watched is self.window():
            self._fit()
        return super().eventFilter(watched, event)

    @Slot(int)
    def _on_both(self, part: int) -> None:
        moments = self._machine.moments
        if moments is not None and bool(part) != moments.is_difference:
            self._machine.subtract()

    @Slot()
    def film_kernel(self, filmed: Filmed | None) -> None:
        """Film the filters of a layer."""
        self.frames.film(filmed)
        self._refresh()

    def _fit(self) -> None:
        """Show the film where the window is high enough for it."""
        has_frames = bool(self._machine.course.ticks) and self.frames.filmed is not None
        self.film.setVisible(has_frames and self.window().height() >= LEAST_WITH_FILM_PX)

    @Slot(object)
    def _show_peek(self, step: int | None) -> None:
        if step is None:
            self.peek.hide()
            return
        filmed = self.frames.filmed
        words = [self._machine.course.words(step), self.figures(step), "" if filmed is None else filmed.words]
        top = self.slider.mapToGlobal(QPoint(round(self.slider.x_of(step)), 0))
        self.peek.show_moment(step, "\n".join(filter(None, words)), top)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._machine.take_key(event):
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.setContentsMargins(0, 0, 0, 0)
        words.addStretch()
        words.addWidget(self.title)
        words.addWidget(self.words)
        words.addStretch()
        holder, left = QWidget(), QWidget()
        self._left = left
        left.setLayout(words)
        course = QVBoxLayout()
        course.setSpacing(0)
        course.addWidget(self.film)
        course.addWidget(self.slider)
        row = QHBoxLayout(holder)
        row.setContentsMargins(12, 2, 12, 2)
        row.setSpacing(8)
        row.addWidget(left)
        row.addWidget(self.play)
        row.addLayout(course, 1)
        for widget in (self.both, self.compare, self.back, self.branch):
            row.addWidget(widget)
        holder.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.addWidget(holder)

    @Slot()
    def _refresh(self, *_: object) -> None:
        if not self.isVisible():  # a run that is on has news 30 times a second
            return
        machine, course, step = self._machine, self._machine.course, self._machine.step
        self.slider.show_course(course, step, machine.moments)
        self.frames.follow(course.ticks)
        self._fit()
        others = () if machine.moments is None else (machine.moments.a,)
        self.film.show_course(course, tuple(course.at(each) for each in (step, *others)))
        self.play.setIcon(theme.icon("pause" if machine.is_playing else "play"))
        self.play.setToolTip("Stop playing" if machine.is_playing else "Play the run from its first moment")
        self.play.setAccessibleName(self.play.toolTip())
        self.play.setEnabled(bool(course.ticks))
        self._left.setFixedWidth(WORDS_PX if course.name else EMPTY_PX)
        words = EMPTY if not course.name else f"{course.name} · no moments are kept"
        if course.ticks:
            at = f"batch {step:,} of {course.last:,}" if step is not None else f"{course.now}, batch {course.last:,}"
            words = f"{course.name} · {at}"
        moments, title = machine.moments, "Time machine"
        if moments is not None:
            title = f"A: {course.batch(moments.a)}"
            words = f"B: {course.batch(moments.b)}"
        self.title.setText(title)
        self.words.setText(words)
        self.slider.setAccessibleDescription(words if moments is None else f"{title}; {words}")
        why_not = "" if moments is not None else machine.why_not_compared
        self.both.setVisible(moments is not None)
        self.both.turn_on(int(moments is not None and moments.is_difference))
        self.compare.setChecked(moments is not None)
        self.compare.setText("Compare with…" if moments is None else "End comparing")
        self.compare.setEnabled(not why_not)
        tip = "Keep this moment as A, and look at others beside it as B (Ctrl+Shift+C)"
        self.compare.setToolTip(why_not or (tip if moments is None else "Look at B alone again (Esc); X swaps A and B"))
        self.back.setEnabled(step is not None)
        why_not = machine.why_not_branched
        self.branch.setEnabled(not why_not)
        self.branch.setToolTip(why_not or f"Train on from {course.name} at batch {step:,}, as a run of its own")
