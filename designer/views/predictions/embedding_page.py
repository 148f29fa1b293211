"""Samples as points of a plane: near each other where the last hidden layer says nearly the same of them."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from core.errors import NetworkError
from core.io.datasets import Dataset
from core.training.embedding import Embedding, Method, embed
from core.training.evaluating import Trial
from core.training.predictions import Predictions, predict
from core.work import Work
from designer import theme
from designer.pictures import Caption, Keeping, Numbers
from designer.session.questions import Question, Questions
from designer.views.class_bars import class_name, percent_text
from designer.views.class_marks import ClassLegend
from designer.views.elided import ElidedLabel
from designer.views.predictions.asking_page import AskingPage
from designer.views.predictions.scatter import Scatter
from designer.views.sample_image import SampleImage
from designer.views.switch import Switch

METHODS: tuple[tuple[Method, str, str], ...] = (
    ("pca", "PCA", "The two directions of most variance: distances mean what they are"),
    ("t-sne", "t-SNE", "Keeps neighbours together; needs scikit-learn and a few seconds"),
)
SIDE_PX, IMAGE_PX = 168, 84


class Placed(NamedTuple):
    """Where samples lie, and what is said of them."""

    dataset: Dataset
    predictions: Predictions
    embedding: Embedding


class EmbeddingPage(AskingPage):
    """Shows the points of the validation samples; the chosen one is shown beside them as a picture."""

    def __init__(self, questions: Questions, parent: QWidget | None = None) -> None:
        super().__init__(questions, "Embedding", parent)
        self.placed: Placed | None = None
        self.method: Method = "pca"
        self.title, self.note = QLabel(), ElidedLabel()
        self.switch = Switch([title for _, title, _ in METHODS], [tip for *_, tip in METHODS])
        self.scatter = Scatter()
        self.legend = ClassLegend()
        self.image = SampleImage(IMAGE_PX)
        self.about = QLabel()
        self.take = QPushButton("Take as probe")
        self._lay_out()
        Keeping(self.scatter, "embedding", self._numbers, caption=self._caption)
        self.switch.chosen.connect(self._choose_method)
        self.scatter.chosen.connect(self._show_sample)
        self.scatter.hovered.connect(self._show_hovered)
        self.take.clicked.connect(self._take)

    def _caption(self) -> Caption:
        method = next(title for name, title, _ in METHODS if name == self.method)
        return Caption(f"{self.title.text()}: embedding by {method}", self.note.text(), keys=self.legend.keys)

    def question(self) -> Question:
        return partial(placed, self.method)

    def subject(self) -> object:
        return self.method

    def set_old(self, is_old: bool) -> None:
        self.scatter.set_old(is_old)

    def show_answer(self, outcome: object) -> None:
        if not isinstance(outcome, Placed):
            return
        before = self._index
        self.placed = outcome
        said, embedding = outcome.predictions, outcome.embedding
        places = embedding.places
        self.scatter.show_points(embedding.at, said.labels[places], ~said.is_right[places])
        origin = self.moment.origin if self.moment else ""
        random = "random weights, " if self.moment is not None and self.moment.is_random else ""
        self.title.setText(said.hidden_layer)
        self.note.setText(f"{random}{origin} · {embedding.note}")
        self.legend.show_embedded(outcome.dataset.classes, len(places), int((~said.is_right[places]).sum()))
        (kept,) = np.nonzero(said.samples[places] == before) if before is not None else (np.zeros(0, int),)
        self.scatter.choice = int(kept[0]) if len(kept) else None
        self._describe()

    @property
    def _index(self) -> int | None:
        """The place in the data set of the chosen sample."""
        if self.placed is None or self.scatter.choice is None:
            return None
        return int(self.placed.predictions.samples[self.placed.embedding.places[self.scatter.choice]])

    @Slot(int)
    def _choose_method(self, place: int) -> None:
        self.method = METHODS[place][0]
        self.ask()

    @Slot(int)
    def _show_sample(self, number: int) -> None:
        if self.placed is not None and self._index is not None:
            self.image.show_sample(self.placed.dataset.pixels(slice(self._index, self._index + 1))[0])
        self._describe()

    @Slot(object)
    def _show_hovered(self, number: int | None) -> None:
        self.scatter.setToolTip("" if number is None else self._words(number))

    @Slot()
    def _take(self) -> None:
        if self._index is not None:
            self.probe_requested.emit(self._index)

    def _describe(self) -> None:
        words = "Click a point to see its picture." if self.scatter.choice is None else self._words(self.scatter.choice)
        self.about.setText(words)
        self.scatter.setAccessibleDescription(words.replace("\n", ", "))
        self.take.setVisible(self.scatter.choice is not None)

    def _words(self, number: int) -> str:
        if self.placed is None:
            return ""
        dataset, said, embedding = self.placed
        place = int(embedding.places[number])
        own, taken = (class_name(dataset.classes, int(of[place])) for of in (said.labels, said.predicted))
        right = "right" if said.is_right[place] else f"said {taken}"
        with_ = percent_text(float(said.confidence[place]))
        return f"sample {int(said.samples[place]) + 1:,}\nis {own}, {right}, with {with_}"

    def _numbers(self) -> Numbers | None:
        if self.placed is None:
            return None
        dataset, said, embedding = self.placed
        rows = [
            (
                int(said.samples[i]) + 1,
                class_name(dataset.classes, int(said.labels[i])),
                class_name(dataset.classes, int(said.predicted[i])),
                *at,
            )
            for i, at in zip(embedding.places, embedding.at.tolist(), strict=True)
        ]
        return Numbers(embedding.at, [("sample", "is", "said", "x", "y"), *rows])

    def _lay_out(self) -> None:
        theme.mark(self.title, "role", "strong")
        theme.mark(self.note, "role", "muted")
        theme.mark(self.about, "role", "muted")
        self.about.setWordWrap(True)
        self.head.addWidget(self.title)
        self.head.addWidget(self.note, 1)
        self.head.addWidget(self.switch)
        side = QVBoxLayout()
        side.setSpacing(6)
        for widget in (self.image, self.about, self.take):
            side.addWidget(widget)
        side.addWidget(self.legend, 1)
        holder = QWidget()
        holder.setFixedWidth(SIDE_PX)
        holder.setLayout(side)
        side.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.scatter, 1)
        row.addWidget(holder)
        column = QVBoxLayout(self.body)
        column.setContentsMargins(16, 6, 16, 8)
        column.addLayout(row, 1)


def placed(method: Method, trial: Trial) -> Work[Placed]:
    """Ask the network about the samples, and lay them out.

    Raises
    ------
    NetworkError
        The network has no hidden layer, or the method is not installed.
    """
    predictions = yield from predict(trial.network, trial.preparation, trial.dataset, trial.samples)
    if predictions.hidden is None:
        raise NetworkError("This network has no hidden layer: its scores are computed from the sample itself.")
    return Placed(trial.dataset, predictions, (yield from embed(predictions.hidden, method)))
