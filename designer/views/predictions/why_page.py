"""Why something is taken for a class: maps of what the network's score reacts to."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout

from core.errors import DataError, NetworkError
from core.inside.reason import ClassReason, Heat
from core.inside.reasons import CLASS_REASONS
from core.inside.subject import Subject, score_node
from core.io.datasets.drawings import fit_picture
from core.text import counted
from core.training.evaluating import Trial
from core.training.predicting import probabilities_of
from core.work import Work
from designer import theme
from designer.pictures import Caption, Keeping, Numbers, value_rows
from designer.session import Probed, Session
from designer.session.questions import Asker, Part, Question, Questions
from designer.theme.colormaps import ACTIVATIONS, Table, weights
from designer.views.class_bars import class_name, percent_text
from designer.views.class_rows import ClassRows
from designer.views.elided import ElidedLabel
from designer.views.legend import Legend, scale_of
from designer.views.predictions.asking_page import AskingPage
from designer.views.predictions.heat_picture import HeatPicture
from designer.views.switch import Switch

WIDE_PX = 860
"""Below this width class probabilities are left out: what is said stands in the heading."""


class Said(NamedTuple):
    """What the network says of something.

    Attributes
    ----------
    probed : Probed
    pixels : array
        As it is fitted to the Input, before preprocessing.
    probabilities : array, (C,)
    label : int or None
        The right class, where it is known.
    classes : tuple of str
    """

    probed: Probed
    pixels: NDArray[np.floating]
    probabilities: NDArray[np.float64]
    label: int | None
    classes: tuple[str, ...]

    @property
    def said(self) -> int:
        """The class that it is taken for."""
        return int(self.probabilities.argmax())


class WhyPage(AskingPage):
    """Explains the probe, or the sample that was chosen last among the predictions, by every way of `CLASS_REASONS`."""

    def __init__(self, session: Session, questions: Questions) -> None:
        super().__init__(questions, "Why")
        self.part: Part = "any"
        self._probed = session.probe.now
        self.said: Said | None = None
        self.heading, self.limits = ElidedLabel(), QLabel()
        self.whose = Switch(("said", "is"), ("Explain the class that is said", "Explain the right class"))
        self.legend = Legend()
        self.take = QPushButton("Take as probe")
        self.take.setToolTip("Look at this sample in all views of the network's inside")
        self.image = HeatPicture("What the network sees")
        self.maps = [HeatPicture(reason.title) for reason in CLASS_REASONS]
        self.rows = ClassRows()
        self.choice = 0
        self._askers: list[Asker] = []
        self._session = session
        self._lay_out()
        for place, (reason, picture) in enumerate(zip(CLASS_REASONS, self.maps, strict=True)):
            asker = questions.asker()
            asker.answered.connect(partial(self._show_heat, place))
            asker.progressed.connect(picture.show_progress)
            asker.failed.connect(picture.refuse)
            self._askers.append(asker)
            picture.chosen.connect(partial(self._on_chosen, place))
            picture.given_up.connect(asker.give_up)
            picture.setToolTip(reason.formula)
            file_name, caption = partial(self._file_name, reason.name), partial(self._caption, picture, reason)
            Keeping(picture, file_name, partial(_numbers, picture), caption=caption)
        Keeping(self.image, partial(self._file_name, "picture"), self._pixels)
        self.whose.chosen.connect(self._ask_reasons)
        self.take.clicked.connect(self._take)
        session.probe.changed.connect(self.explain_probe)
        theme.changed.connect(self._show_legend)
        self.choose_map(0)

    @Slot(object)
    def explain_probe(self, probed: Probed) -> None:
        """Explain what all views look at."""
        self.explain(probed, "any")

    def explain(self, probed: Probed, part: Part) -> None:
        """Explain a sample of a part, or a picture."""
        self._probed, self.part = probed, "test" if part == "test" else "any"
        self.ask()

    def question(self) -> Question:
        return partial(described, self._probed)

    def subject(self) -> object:
        return self._probed

    def show_answer(self, outcome: object) -> None:
        if not isinstance(outcome, Said):
            return
        self.said = outcome
        for widget in (self.heading, self.whose, self.take):
            widget.show()
        probed, label, names = outcome.probed, outcome.label, outcome.classes
        said = class_name(names, outcome.said)
        what = probed.picture.name if probed.picture is not None else f"sample {probed.sample + 1:,}"
        own = "" if label is None else f"is {class_name(names, label)}, "
        with_ = percent_text(float(outcome.probabilities[outcome.said]))
        moment = self.moment
        origin = "" if moment is None else f" · {'random weights, ' if moment.is_random else ''}{moment.origin}"
        self.heading.setText(f"{what}: {own}said {said} with {with_}{origin}")
        said_button, is_button = self.whose.parts
        said_button.setText(f"said {said}")
        is_wrong = label is not None and label != outcome.said
        is_button.setVisible(is_wrong)
        if label is not None and is_wrong:
            is_button.setText(f"is {class_name(names, label)}")
        else:
            self.whose.turn_on(0)
        self.take.setEnabled(probed != self._session.probe.now and self.part != "test")
        self.image.show_sample(outcome.pixels, what)
        self.rows.show_rows(outcome.probabilities, names, label)
        for picture in self.maps:
            picture.show_sample(outcome.pixels)
        self._ask_reasons()

    def hideEvent(self, event: QHideEvent) -> None:
        for asker in self._askers:
            asker.give_up()
        self._asked = None
        super().hideEvent(event)

    def choose_map(self, place: int) -> None:
        """Choose a map: its legend is shown, and what it does not prove."""
        self.choice = place
        for number, picture in enumerate(self.maps):
            picture.set_chosen(number == place)
        reason = CLASS_REASONS[place]
        self.limits.setText(f"{reason.title}: {reason.formula}. {reason.not_shown}")
        self.limits.setToolTip(f"{reason.source}\nColours: {reason.scale}.")
        self._show_legend()

    def _on_chosen(self, place: int) -> None:
        self.choose_map(place)
        if self.maps[place].heat is None and not self._askers[place].is_waiting:
            self._ask_reason(place)

    @property
    def label(self) -> int:
        """The class that is explained."""
        if self.said is None:
            return 0
        if self.said.label is None or self.whose.parts[0].isChecked():
            return self.said.said
        return self.said.label

    @Slot()
    def _ask_reasons(self) -> None:
        for place in range(len(CLASS_REASONS)):
            self._ask_reason(place)

    def _ask_reason(self, place: int) -> None:
        if self.said is not None:
            question = partial(explained, CLASS_REASONS[place], self.said.pixels, self.label)
            self._askers[place].ask(question, "any")

    def _show_heat(self, place: int, heat: Heat) -> None:
        self.maps[place].show_heat(heat)
        if place == self.choice:
            self._show_legend()

    @Slot()
    def _show_legend(self) -> None:
        heat = self.maps[self.choice].heat
        if heat is None:
            self.legend.hide()
            return
        self.legend.show_scale(*_scale(heat))

    def _caption(self, picture: HeatPicture, reason: ClassReason) -> Caption:
        scale = None if picture.heat is None else scale_of(*_scale(picture.heat))
        return Caption(self._file_name(reason.title), f"{self.heading.text()} · {reason.formula}", scale)

    @Slot()
    def _take(self) -> None:
        self.probe_requested.emit(self._probed.sample)

    def _pixels(self) -> Numbers | None:
        return None if self.said is None else Numbers(self.said.pixels, value_rows(self.said.pixels))

    def _file_name(self, what: str) -> str:
        name = "picture" if self._probed.picture is not None else f"sample {self._probed.sample + 1}"
        return f"{what} of {name}"

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.rows.setVisible(self.width() >= WIDE_PX)

    def _lay_out(self) -> None:
        theme.mark(self.heading, "role", "strong")
        theme.mark(self.limits, "role", "muted")
        self.limits.setWordWrap(True)
        self.limits.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.limits.setFixedHeight(2 * self.limits.fontMetrics().height())
        self.limits.setAlignment(Qt.AlignmentFlag.AlignTop)
        row, below = QHBoxLayout(), QHBoxLayout()
        for widget, stretch in ((self.heading, 1), (self.whose, 0), (self.take, 0)):
            widget.hide()  # until there is something to say
            self.head.addWidget(widget, stretch)
        row.setSpacing(10)
        for picture in (self.image, *self.maps):
            row.addWidget(picture, 3)
        row.addWidget(self.rows, 4)
        below.setSpacing(12)
        below.addWidget(self.limits, 1)
        below.addWidget(self.legend)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(16, 6, 16, 6)
        column.setSpacing(6)
        column.addLayout(row, 1)
        column.addLayout(below)


def described(probed: Probed, trial: Trial) -> Work[Said]:
    """Ask the network what it takes a sample or a picture for.

    Raises
    ------
    NetworkError
        The network gives no class scores.
    DataError
        The picture can't be fitted to the Input, or there is no such sample.
    """
    score_node(trial.network.program)  # says why there are none
    pixels: NDArray[np.float32]
    if probed.picture is not None:
        resize = trial.network.document.training.settings.resize
        pixels = np.asarray(
            fit_picture(probed.picture.pixels, trial.dataset.shape, resize, probed.picture.name), np.float32
        )
    elif probed.sample < len(trial.dataset):
        pixels = trial.dataset.pixels(np.array([probed.sample]))[0]
    else:
        n = counted(len(trial.dataset), "sample")
        raise DataError(f"There is no sample {probed.sample + 1:,}: {trial.dataset.name} has {n}.")
    output = trial.network.output_ids[0]
    rows = trial.network.activations(trial.preparation.one(pixels)[None], [output])[output]
    yield 0.5
    if not np.isfinite(rows).all():
        raise NetworkError("The network computes no numbers: its weights are too large, or no numbers.")
    label = int(trial.dataset.labels[probed.sample]) if probed.picture is None else None
    return Said(probed, pixels, probabilities_of(rows.ravel()), label, trial.dataset.classes)


def explained(reason: ClassReason, pixels: NDArray[np.floating], label: int, trial: Trial) -> Work[Heat]:
    """Explain the score of a class for what is fitted to the Input."""
    x = trial.preparation.one(pixels)
    black = trial.preparation.black(pixels.shape)
    return (yield from reason.work(Subject(trial.network, x, label, black)))


def _numbers(picture: HeatPicture) -> Numbers | None:
    return picture.numbers


def _scale(heat: Heat) -> tuple[Table, float, float]:
    """Return the colours of a heat, and what their ends stand for."""
    return (weights(theme.current()), -heat.largest, heat.largest) if heat.signed else (ACTIVATIONS, 0.0, heat.largest)
