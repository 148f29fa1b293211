"""The sample that activations are shown for: which one, what it looks like, and what the network says it is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QToolButton, QVBoxLayout, QWidget

from core.analysis.receptive_field import Box
from core.io.datasets import Dataset
from designer import theme
from designer.views.class_bars import ClassBars, class_name, percent_text, probabilities_of
from designer.views.class_rows import ClassRows
from designer.views.sample_image import SampleImage


class Probe(QWidget):
    """Chooses a sample of a data set and shows it, with the probabilities of the classes."""

    sample_changed = Signal(int)
    """Carries the index of the chosen sample, from 0."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dataset: Dataset | None = None
        self._own: NDArray[np.float32] | None = None
        self.image = SampleImage()
        self.bars = ClassBars()
        self.rows = ClassRows()
        self.rows.hide()
        self.number = QSpinBox(minimum=1, maximum=1)
        self.number.setToolTip("The sample whose maps are shown")
        self.number.setAccessibleName("Sample")
        self.number.setKeyboardTracking(False)
        theme.mark(self.number, "plain", True)
        self.number.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._before, self._after = QToolButton(), QToolButton()
        for button in (self._before, self._after):
            button.setFixedWidth(22)
        self._before.setText("‹")
        self._after.setText("›")
        self._before.setToolTip("Previous sample")
        self._after.setToolTip("Next sample")
        self._says = QLabel()
        self._says.setWordWrap(True)
        self._says.setTextFormat(Qt.TextFormat.PlainText)
        theme.mark(self._says, "role", "muted")
        self._sees = QLabel()
        self._sees.setWordWrap(True)
        theme.mark(self._sees, "role", "muted")
        self._sees.hide()
        self._lay_out()
        self._before.clicked.connect(self.number.stepDown)
        self._after.clicked.connect(self.number.stepUp)
        self.number.valueChanged.connect(self._on_number)
        self.set_dataset(None)

    @property
    def sample(self) -> int:
        """The index of the chosen sample, from 0."""
        return self.number.value() - 1

    @property
    def says(self) -> str:
        """What is said of the sample."""
        return self._says.text()

    def choose(self, sample: int) -> None:
        """Show another sample, by its index from 0."""
        self.number.setValue(sample + 1)

    def show_own(self, pixels: NDArray[np.float32] | None) -> None:
        """Show a picture of the user's own (H, W, C) in place of the sample; None shows the sample again."""
        self._own = pixels
        self._show_sample()
        self.show_output(None)

    def set_dataset(self, dataset: Dataset | None) -> None:
        """Choose from another data set; the index stays, if there is such a sample."""
        self._dataset = dataset
        n = len(dataset) if dataset is not None else 1
        self.number.setMaximum(n)
        self.number.setSuffix(f" / {n:,}" if dataset is not None else "")
        for widget in (self.number, self._before, self._after):
            widget.setEnabled(dataset is not None)
        self.show_output(None)
        self._show_sample()

    def show_output(self, output: NDArray[np.floating] | None) -> None:
        """Show what the network makes of the sample; None if that is not known."""
        names = self._dataset.classes if self._dataset is not None else ()
        label = int(self._dataset.labels[self.sample]) if self._dataset is not None and self._own is None else None
        probabilities = None if output is None else probabilities_of(output)
        self.bars.show_bars(probabilities, names, label)
        self.rows.show_rows(probabilities, names, label)
        self.bars.setVisible(self.bars.has_names)
        self.rows.setVisible(not self.bars.has_names)
        truth = "" if label is None else f"is {class_name(names, label)}"
        role = "muted"
        if probabilities is not None:
            best = int(probabilities.argmax())
            said = f"says {class_name(names, best)} with {percent_text(float(probabilities[best]))}"
            right = label is None or best == label
            truth = said if right else f"{said}, but {truth}"
            role = "muted" if right else "warning"
        self._says.setText(truth)
        theme.mark(self._says, "role", role)

    def show_box(self, box: Box | None, text: str = "") -> None:
        """Frame what a chosen value sees, and say where that is."""
        self.image.show_box(box)
        self._sees.setText(text)
        self._sees.setVisible(box is not None)

    def _lay_out(self) -> None:
        chooser = QHBoxLayout()
        chooser.setSpacing(2)
        chooser.addWidget(self._before)
        chooser.addWidget(self.number, 1)
        chooser.addWidget(self._after)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(chooser)
        layout.addWidget(self.image, 2, Qt.AlignmentFlag.AlignHCenter)
        layout.addWidget(self._sees)
        layout.addWidget(self._says)
        layout.addWidget(self.bars, 1)
        layout.addWidget(self.rows, 1)
        self.setFixedWidth(140)

    def _show_sample(self) -> None:
        pixels = self._own
        if self._dataset is not None and pixels is None:
            pixels = self._dataset.pixels(slice(self.sample, self.sample + 1))[0]
        self.image.show_sample(pixels)

    @Slot()
    def _on_number(self) -> None:
        self._own = None
        self._show_sample()
        self.show_output(None)
        self.sample_changed.emit(self.sample)
