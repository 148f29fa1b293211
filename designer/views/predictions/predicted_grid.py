"""Samples with what they are and what they are taken for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from core.io.datasets import Dataset
from core.training.predictions import Predictions
from designer import theme
from designer.pictures import Numbers
from designer.views.class_bars import class_name, percent_text
from designer.views.data.sample_grid import GAP_PX, SampleGrid

LINE_PX, PAD_PX = 15, 5
LEAST_PX, MOST_PX = 64, 96


class PredictedGrid(SampleGrid):
    """Shows each sample as a card: the picture, its class and what is said, with the probability of both.

    What is wrong is said in words, and in the colour of errors.
    """

    def __init__(self, name: str, *, small: bool = False) -> None:
        super().__init__(name=name)
        self._small = small
        self._said: dict[int, tuple[int, NDArray[np.float64]]] = {}
        self.setAccessibleName("Predicted samples")

    def show_predicted(self, dataset: Dataset | None, predictions: Predictions | None, places: object) -> None:
        """Show some of the samples that were predicted, by their places among those, in an order."""
        if dataset is None or predictions is None:
            self._said = {}
            self.show_samples(None, np.zeros(0, np.int64))
            return
        rows = np.asarray(places, np.int64)
        samples = predictions.samples[rows]
        self._said = {
            int(sample): (int(predictions.predicted[row]), predictions.probabilities(int(row)))
            for sample, row in zip(samples, rows, strict=True)
        }
        self.show_samples(dataset, samples)

    def numbers(self) -> Numbers | None:
        """Return the samples that are shown, what they are, what is said of them, and how likely each class is."""
        dataset = self._dataset
        if dataset is None or not len(self._order):
            return None
        names = dataset.classes
        said = [self._said[index] for index in self._order.tolist()]
        probabilities = np.array([each for _, each in said])
        rows = [
            (index + 1, class_name(names, int(dataset.labels[index])), class_name(names, taken), *each.tolist())
            for index, (taken, each) in zip(self._order.tolist(), said, strict=True)
        ]
        heads = [class_name(names, number) for number in range(probabilities.shape[1])]
        return Numbers(probabilities, [("sample", "is", "said", *heads), *rows])

    @property
    def _side(self) -> int:
        longest = max(self._dataset.shape[:2]) if self._dataset is not None and len(self._dataset.shape) == 3 else 1
        least, most = (40, 56) if self._small else (LEAST_PX, MOST_PX)
        enlarged = max(1, most // longest) * longest
        return enlarged if least <= enlarged <= most else most

    @property
    def _cell(self) -> QSize:
        lines = 1 if self._small else 2
        return QSize(self._side + 2 * PAD_PX + GAP_PX, self._side + lines * LINE_PX + 2 * PAD_PX + GAP_PX)

    def _rect(self, place: int) -> QRect:
        card = super()._rect(place)
        card.setWidth(self._cell.width() - GAP_PX)
        return card

    def _paint(self, painter: QPainter, dataset: Dataset, place: int) -> None:
        look, index = theme.current(), int(self._order[place])
        card = QRectF(self._rect(place))
        chosen = place == self._place
        painter.setPen(QPen(QColor(look.accent if chosen else look.line), 1.5 if chosen else 1))
        painter.setBrush(QColor(look.selection if chosen else look.card))
        painter.drawRoundedRect(card.adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        frame = QRectF(card.left() + PAD_PX, card.top() + PAD_PX, self._side, self._side)
        painter.setPen(QColor(look.muted))
        self._paint_picture(painter, dataset, index, frame)
        label, (said, probabilities) = int(dataset.labels[index]), self._said[index]
        below = QRectF(frame.left() - 1, frame.bottom() + 1, frame.width() + 2, LINE_PX)
        wrong = said != label
        if self._small:
            painter.setPen(QColor(look.muted))
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, percent_text(float(probabilities[said])))
            return
        half = below.width() / 2
        own, taken = (class_name(dataset.classes, number) for number in (label, said))
        self._write(painter, below, half, f"is {own}", look.text, f"said {taken}" if wrong else "right", wrong=wrong)
        below.translate(0, LINE_PX - 1)
        right = percent_text(float(probabilities[said])) if wrong else ""
        painter.setFont(theme.font(11))
        self._write(painter, below, half, percent_text(float(probabilities[label])), look.muted, right, wrong=None)

    def _write(
        self, painter: QPainter, room: QRectF, half: float, left: str, ink: str, right: str, *, wrong: bool | None
    ) -> None:
        look = theme.current()
        metrics = QFontMetrics(painter.font())
        needs = metrics.horizontalAdvance(right)
        rest = room.width() - min(needs, half * 1.2) - 3
        painter.setPen(QColor(ink))
        short = metrics.elidedText(left, Qt.TextElideMode.ElideRight, int(rest))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, short)
        colour = look.muted if wrong is None else look.error_text if wrong else look.ok_text
        painter.setPen(QColor(colour))
        short = metrics.elidedText(right, Qt.TextElideMode.ElideRight, int(half * 1.2))
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, short)

    def _tip(self, index: int) -> str:
        text = super()._tip(index)
        if self._dataset is None or index not in self._said:
            return text
        said, probabilities = self._said[index]
        with_ = percent_text(float(probabilities[said]))
        return f"{text}\nsaid {class_name(self._dataset.classes, said)} with {with_}"
