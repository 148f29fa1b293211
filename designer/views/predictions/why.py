"""Why a sample is taken for a class: maps of what the network's score reacts to."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from core.inside.reason import ClassReason, Heat
from core.inside.reasons import CLASS_REASONS
from core.inside.subject import Subject
from core.io.datasets import Dataset
from core.training.evaluating import Trial
from core.work import Work
from designer import theme
from designer.theme.colormaps import ACTIVATIONS, weights
from designer.training.insight import Asker, Insight
from designer.training.insight_thread import Part
from designer.views.class_bars import class_name
from designer.views.class_rows import ClassRows
from designer.views.elided import ElidedLabel
from designer.views.keeping import Keeping, Numbers
from designer.views.legend import Legend
from designer.views.predictions.heat_picture import HeatPicture
from designer.views.switch import Switch

WIDE_PX = 760
"""Below this width class probabilities are left out: they stand on the sample's card."""


class WhyPanel(QWidget):
    """Explains one sample by every way of `CLASS_REASONS`, for the class that is said or the right one."""

    probe_requested = Signal(int)
    """The user wants to look at this sample everywhere: its place in the data set."""

    def __init__(self, insight: Insight, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._insight = insight
        self._dataset: Dataset | None = None
        self._index = -1
        self._said = 0
        self._part: Part = "validation"
        self.title, self.about, self.limits = QLabel("Why"), ElidedLabel(), QLabel()
        theme.mark(self.title, "role", "strong")
        theme.mark(self.about, "role", "muted")
        theme.mark(self.limits, "role", "muted")
        self.limits.setWordWrap(True)
        self.limits.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
        self.whose = Switch(("said", "is"), ("Explain the class that is said", "Explain the right class"))
        self.legend = Legend()
        self.take = QPushButton("Take as probe")
        self.take.setToolTip("Look at this sample in all views of the network's inside")
        self.image = HeatPicture("Sample")
        self.maps = [HeatPicture(reason.title) for reason in CLASS_REASONS]
        self.rows = ClassRows()
        self._askers: list[Asker] = []
        self._lay_out()
        for place, (reason, picture) in enumerate(zip(CLASS_REASONS, self.maps, strict=True)):
            asker = insight.asker()
            asker.answered.connect(partial(self._show_heat, place))
            asker.progressed.connect(picture.show_progress)
            asker.failed.connect(picture.refuse)
            self._askers.append(asker)
            picture.chosen.connect(partial(self.choose_map, place))
            picture.setToolTip(reason.formula)
            Keeping(picture, partial(self._file_name, reason.name), partial(_numbers, picture))
        Keeping(self.image, partial(self._file_name, "sample"), lambda: None)
        self.whose.chosen.connect(self._ask)
        self.take.clicked.connect(self._take)
        self.choice = 0
        self.choose_map(0)

    @property
    def index(self) -> int | None:
        """The place in the data set of the sample that is explained."""
        return self._index if self._index >= 0 else None

    def show_sample(
        self, dataset: Dataset, index: int, said: int, probabilities: NDArray[np.floating], part: Part
    ) -> None:
        """Explain a sample of a data set, by its place in it.

        Parameters
        ----------
        said : int
            The class that it is taken for.
        probabilities : array, (C,)
        """
        self._dataset, self._index, self._said, self._part = dataset, index, said, part
        label = int(dataset.labels[index])
        own, taken = (class_name(dataset.classes, number) for number in (label, said))
        right = said == label
        self.about.setText(f"sample {index + 1:,}: is {own}, said {taken}")
        said_button, is_button = self.whose.parts
        said_button.setText(f"said {taken}")
        is_button.setText(f"is {own}")
        is_button.setVisible(not right)
        if right:
            self.whose.turn_on(0)
        pixels = dataset.pixels(slice(index, index + 1))[0]
        self.image.show_sample(pixels, f"sample {index + 1:,}, {part}")
        self.rows.show_rows(probabilities, dataset.classes, label)
        self.take.setEnabled(part != "test")
        for picture in self.maps:
            picture.show_sample(pixels)
        self._ask()

    def forget(self) -> None:
        """Explain nothing any more."""
        self._index = -1
        for asker in self._askers:
            asker.give_up()

    def give_up(self) -> None:
        """Compute nothing while nobody looks."""
        for asker in self._askers:
            asker.give_up()

    def choose_map(self, place: int) -> None:
        """Choose a map: its legend is shown, and what it does not prove."""
        self.choice = place
        for number, picture in enumerate(self.maps):
            picture.set_chosen(number == place)
        reason, heat = CLASS_REASONS[place], self.maps[place].heat
        self.limits.setText(f"{reason.title}: {reason.formula}. {reason.not_shown}")
        self.limits.setToolTip(f"{reason.source}\nColours: {reason.scale}.")
        table = weights(theme.current()) if heat is not None and heat.signed else ACTIVATIONS
        largest = heat.largest if heat is not None else 1.0
        self.legend.show_scale(table, -largest if heat is not None and heat.signed else 0.0, largest)

    @property
    def label(self) -> int:
        """The class that is explained."""
        if self._dataset is None or self.whose.parts[0].isChecked():
            return self._said
        return int(self._dataset.labels[self._index])

    @Slot()
    def _ask(self) -> None:
        if self._index < 0 or self._dataset is None:
            return
        for asker, reason in zip(self._askers, CLASS_REASONS, strict=True):
            asker.ask(partial(explained, reason, self._index, self.label), self._part)

    def _show_heat(self, place: int, heat: Heat) -> None:
        self.maps[place].show_heat(heat)
        if place == self.choice:
            self.choose_map(place)

    @Slot()
    def _take(self) -> None:
        if self._index >= 0:
            self.probe_requested.emit(self._index)

    def _file_name(self, what: str) -> str:
        return f"{what} {self._index + 1}"

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.rows.setVisible(self.width() >= WIDE_PX)

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.title)
        top.addWidget(self.about, 1)
        top.addWidget(self.whose)
        top.addWidget(self.take)
        row = QHBoxLayout()
        row.setSpacing(10)
        for picture in (self.image, *self.maps):
            row.addWidget(picture, 3)
        row.addWidget(self.rows, 4)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 6, 16, 6)
        column.setSpacing(6)
        column.addLayout(top)
        column.addLayout(row, 1)
        below = QHBoxLayout()
        below.setSpacing(12)
        below.addWidget(self.limits, 1)
        below.addWidget(self.legend)
        column.addLayout(below)


def explained(reason: ClassReason, index: int, label: int, trial: Trial) -> Work[Heat]:
    """Explain the score of a class for a sample, by its place in the data set."""
    pixels = trial.dataset.pixels(slice(index, index + 1))
    x = trial.preparation.of(trial.dataset, np.array([index]))[0]
    black = trial.preparation.black(pixels.shape[1:])
    return (yield from reason.work(Subject(trial.network, x, label, black)))


def _numbers(picture: HeatPicture) -> Numbers | None:
    return picture.numbers
