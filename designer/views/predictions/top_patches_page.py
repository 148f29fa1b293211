"""The patches of the data that excite each filter of a layer most, and what the chosen filter would like to see."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.analysis.report import LayerReport
from core.inside.filters import MOST_SAMPLES, Filter, Wanted
from core.inside.reason import Heat
from core.inside.reasons import EFFECTIVE_FIELD, MAXIMISATION, TOP_PATCHES
from core.inside.top_patches import Patches
from core.io.datasets import Dataset
from core.text import shape_text
from core.training.evaluating import Trial
from core.work import Work
from designer import theme
from designer.pictures import Caption, Keeping, Numbers
from designer.session import Session
from designer.session.questions import Question, Questions
from designer.views.elided import ElidedLabel
from designer.views.layer_chooser import LayerChooser
from designer.views.predictions.asking_page import AskingPage
from designer.views.predictions.heat_picture import HeatPicture
from designer.views.predictions.patch_rows import PatchRows

MOST_LOOKED_THROUGH = 2_000
"""Samples; of more, so many at even distances."""
SIDE_PX, NARROW_SIDE_PX, NARROW_PX = 150, 92, 760


class Excited(NamedTuple):
    """The patches of a layer, and the samples that they are cut from."""

    dataset: Dataset
    patches: Patches
    n_samples: int


class TopPatchesPage(AskingPage):
    """Shows the nine strongest patches of every filter of the chosen layer.

    What the chosen filter wants to see, and which pixels it listens to, stands beside them.
    """

    def __init__(self, session: Session, questions: Questions, parent: QWidget | None = None) -> None:
        super().__init__(questions, "Top patches", parent)
        self.part = "training"
        self.excited: Excited | None = None
        self.chooser = LayerChooser(session, _has_filters)
        self.note = ElidedLabel()
        self.rows = PatchRows()
        self.wanted, self.field = HeatPicture(MAXIMISATION.title), HeatPicture(EFFECTIVE_FIELD.title)
        self.take = QPushButton("Take as probe")
        self.take.setToolTip("Look at the sample of the patch that was clicked in all views of the network's inside")
        self.take.setEnabled(False)
        self._sample: int | None = None
        self._picture: np.ndarray | None = None
        self._lay_out()
        for picture, reason in ((self.wanted, MAXIMISATION), (self.field, EFFECTIVE_FIELD)):
            picture.setToolTip(f"{reason.formula}\n{reason.not_shown}\n{reason.source}")
        Keeping(self.rows, self._file_name, self._numbers, caption=self._caption)
        for picture, what, numbers in (
            (self.wanted, "wanted picture", self._wanted_numbers),
            (self.field, "effective receptive field", lambda: self.field.numbers),
        ):
            Keeping(picture, what, numbers, caption=partial(self._caption, what))
        self._wants, self._listens = questions.asker(), questions.asker()
        self._wants.answered.connect(self._show_wanted)
        self._wants.failed.connect(self.wanted.refuse)
        self._wants.progressed.connect(self.wanted.show_progress)
        self._listens.answered.connect(self._show_field)
        self._listens.failed.connect(self.field.refuse)
        self._listens.progressed.connect(self.field.show_progress)
        self.chooser.layer_changed.connect(self.ask)
        self.rows.chosen.connect(self._ask_about_filter)
        self.rows.sample_chosen.connect(self._choose_sample)
        self.take.clicked.connect(self._take)

    def question(self) -> Question:
        return partial(excited, self.chooser.currentText())

    def subject(self) -> object:
        return self.chooser.currentText()

    def set_old(self, is_old: bool) -> None:
        self.rows.set_old(is_old)

    def show_answer(self, outcome: object) -> None:
        if not isinstance(outcome, Excited):
            return
        self.excited = outcome
        patches = outcome.patches
        boxes = [box for row in patches.boxes for box in row if box is not None]
        size = max(((b.bottom - b.top, b.right - b.left) for b in boxes), default=None)
        cut = f"{shape_text(size)} pixels that excite a filter most" if size else "samples that excite a unit most"
        random = "random weights, " if self.moment is not None and self.moment.is_random else ""
        origin = self.moment.origin if self.moment else ""
        self.note.setText(f"{cut} · output of {patches.layer} · {random}{origin} · {outcome.n_samples:,} samples")
        self.rows.show_patches(outcome.dataset, patches)
        self._ask_about_filter(self.rows.choice)

    @Slot(int)
    def _ask_about_filter(self, number: int) -> None:
        if self.excited is None:
            return
        layer = self.excited.patches.layer
        dataset = self.excited.dataset
        blank = np.zeros(dataset.shape, np.float32)
        for picture in (self.wanted, self.field):
            picture.show_sample(blank, f"filter {number + 1}")
        self._wants.ask(partial(wanted, layer, number), self.part)
        self._listens.ask(partial(listened_to, layer, number), self.part)

    @Slot(object)
    def _show_wanted(self, found: Wanted) -> None:
        low, high = float(found.x.min()), float(found.x.max())
        self._picture = found.x
        note = f"mean rises from {found.before:.2f} to {found.after:.2f}".replace("-", "−")
        self.wanted.show_sample((found.x - low) / max(high - low, 1e-12), note)

    @Slot(object)
    def _show_field(self, heat: Heat) -> None:
        self.field.show_heat(heat)

    @Slot(int)
    def _choose_sample(self, index: int) -> None:
        self._sample = index
        self.take.setEnabled(True)
        self.take.setText(f"Take {index + 1:,} as probe")

    @Slot()
    def _take(self) -> None:
        if self._sample is not None:
            self.probe_requested.emit(self._sample)

    def _caption(self, what: str = "top patches") -> Caption:
        filters = self.chooser.currentText()
        of = filters if what == "top patches" else f"filter {self.rows.choice + 1} of {filters}"
        return Caption(f"{what.capitalize()} of {of}", self.note.text())

    def _file_name(self) -> str:
        return f"top patches of {self.chooser.currentText()}".replace("/", "-")

    def _numbers(self) -> Numbers | None:
        if self.excited is None:
            return None
        patches = self.excited.patches
        rows = [
            (number + 1, int(index) + 1, *place, float(value))
            for number in range(len(patches.values))
            for index, place, value in zip(
                patches.samples[number], patches.places[number].tolist(), patches.values[number], strict=True
            )
        ]
        return Numbers(patches.values, [("filter", "sample", "row", "column", "value"), *rows])

    def _wanted_numbers(self) -> Numbers | None:
        if self._picture is None:
            return None
        flat = self._picture.reshape(self._picture.shape[0], -1)
        return Numbers(self._picture, flat.tolist())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for picture in (self.wanted, self.field):
            picture.setFixedWidth(SIDE_PX if self.width() >= NARROW_PX else NARROW_SIDE_PX)

    def _lay_out(self) -> None:
        theme.mark(self.note, "role", "muted")
        self.head.addWidget(self.chooser)
        self.head.addWidget(self.note, 1)
        self.head.addWidget(self.take)
        about = QLabel(TOP_PATCHES.not_shown)
        theme.mark(about, "role", "muted")
        about.setWordWrap(True)
        side = QHBoxLayout()
        side.setSpacing(8)
        for picture in (self.wanted, self.field):
            side.addWidget(picture)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.rows, 1)
        beside = QWidget()
        beside.setLayout(side)
        side.setContentsMargins(0, 0, 0, 0)
        row.addWidget(beside)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(16, 6, 16, 4)
        column.setSpacing(4)
        column.addLayout(row, 1)
        column.addWidget(about)


def excited(layer: str, trial: Trial) -> Work[Excited]:
    """Look through the training samples for what excites the filters of a layer."""
    step = -(-len(trial.samples) // MOST_LOOKED_THROUGH)
    samples = trial.samples[::step]
    patches = yield from TOP_PATCHES.work(trial.network, layer, trial.dataset, trial.preparation, samples)
    return Excited(trial.dataset, patches, len(samples))


def wanted(layer: str, number: int, trial: Trial) -> Work[Wanted]:
    """Find the picture that a filter wants to see."""
    grey = trial.preparation.one(np.full(trial.dataset.shape, 0.5, np.float32))
    return (yield from MAXIMISATION.work(Filter(trial.network, layer, number), grey))


def listened_to(layer: str, number: int, trial: Trial) -> Work[Heat]:
    """Find which pixels the middle value of a map depends on."""
    xs = trial.preparation.of(trial.dataset, trial.samples[:MOST_SAMPLES])
    return (yield from EFFECTIVE_FIELD.work(Filter(trial.network, layer, number), xs))


def _has_filters(layer: LayerReport) -> bool:
    return layer.shape is not None and bool(layer.layer.inputs) and len(layer.shape) in {1, 3}
