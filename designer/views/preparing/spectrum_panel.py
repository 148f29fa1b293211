"""The directions in which samples vary: how much each keeps, and the first ones as pictures."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.preprocessing.directions import kept_share
from core.training.stages import Spectrum
from designer import theme
from designer.views.preparing.picture_label import PictureLabel
from designer.views.preparing.spectrum_plot import SpectrumPlot

N_DIRECTIONS = 8
DIRECTION_PX = 32


class SpectrumPanel(QWidget):
    """Shows the spectrum of the samples that reach PCA, whether it is on or off."""

    looked_at = Signal()
    """Somebody looks: what it shows is to be learned."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._spectrum: Spectrum | None = None
        self.plot = SpectrumPlot()
        self.directions = [PictureLabel(f"direction {n}", DIRECTION_PX) for n in range(1, N_DIRECTIONS + 1)]
        self.kept = QLabel()
        theme.mark(self.kept, "role", "muted")
        pictures = QHBoxLayout()
        pictures.setSpacing(4)
        for picture in self.directions:
            pictures.addWidget(picture)
        pictures.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(4)
        column.addWidget(self.plot, 1)
        column.addLayout(pictures)
        column.addWidget(self.kept)
        theme.changed.connect(self._draw_directions)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.looked_at.emit()

    def show_spectrum(self, spectrum: Spectrum, n: int, *, is_on: bool) -> None:
        """Show another spectrum, and so many components."""
        self.plot.show_spectrum(spectrum.variances, n, is_on=is_on)
        if spectrum is not self._spectrum:
            self._spectrum = spectrum
            self._draw_directions()

    def clear(self) -> None:
        """Show nothing."""
        self._spectrum = None
        self.plot.clear()
        self.kept.clear()
        for picture in self.directions:
            picture.clear()

    @Slot()
    def _draw_directions(self) -> None:
        spectrum = self._spectrum
        if spectrum is None:
            return
        for picture, direction in zip(self.directions, spectrum.directions, strict=False):
            picture.show_values(np.asarray(direction).reshape(spectrum.mean.shape))
        n = min(N_DIRECTIONS, len(spectrum.variances))
        share = kept_share(spectrum.variances)[n - 1]
        self.kept.setText(f"the first {n} directions keep {share:.0%} of the variance".replace("%", " %"))
