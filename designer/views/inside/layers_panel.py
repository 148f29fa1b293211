"""The layers with what belongs above them: how far the computing has come, the scale and its colours."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QProgressBar, QStackedLayout, QVBoxLayout, QWidget

from designer.theme.colormaps import ACTIVATIONS
from designer.views.elided import ElidedLabel
from designer.views.empty import empty_page, say_instead
from designer.views.inside.inside import Inside
from designer.views.inside.layers_view import LayersView
from designer.views.inside.map_pictures import Scale
from designer.views.legend import Legend

SCALES: Final[dict[Scale, str]] = {
    "layer": "scale per layer",
    "map": "scale per map",
    "common": "one scale for all",
}


class LayersPanel(QWidget):
    """Shows all layers, and what their colours mean."""

    def __init__(self, inside: Inside, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside = inside
        self.view = LayersView(inside)
        self.readout = ElidedLabel()
        self.progress = QProgressBar()
        self.progress.setFixedWidth(96)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName("Layers computed")
        self.scale = QComboBox()
        self.scale.addItems(list(SCALES.values()))
        self.scale.setAccessibleName("Scale")
        self.scale.setToolTip("Which values share their colours")
        self.legend = Legend()
        top = QHBoxLayout()
        top.setContentsMargins(12, 6, 12, 6)
        top.setSpacing(8)
        top.addWidget(self.readout, 1)
        for widget in (self.progress, self.scale, self.legend):
            top.addWidget(widget)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self.view, 1)
        self._page = page
        self._pages = QStackedLayout(self)
        self._pages.addWidget(page)
        self._empty = empty_page("Nothing to look into yet", "The layers appear after the first computation.")
        self._pages.addWidget(self._empty)
        self.scale.currentIndexChanged.connect(self._on_scale)
        self.view.shown_changed.connect(self._write)
        inside.looked.connect(self._on_look)
        self.progress.hide()
        self.legend.hide()

    @Slot(int)
    def _on_scale(self, place: int) -> None:
        self.view.show_scale(list(SCALES)[place])

    @Slot()
    def _on_look(self) -> None:
        look = self._inside.look
        if look is None:
            return
        if look.refusal and not self.view.columns:
            self._empty = say_instead(self._pages, self._empty, "Nothing to look into", look.refusal)
            return
        self._pages.setCurrentWidget(self._page)
        self.progress.setVisible(not look.is_whole)
        self.progress.setMaximum(max(1, look.n))
        self.progress.setValue(look.n_done)

    @Slot()
    def _write(self) -> None:
        """Say which value is chosen, and what its colours stand for."""
        cell, look = self._inside.cell, self._inside.look
        origin = "" if look is None else "random weights" if look.origin == "untrained" else look.origin
        refusal = "" if look is None else look.refusal
        if cell is not None:
            self.readout.setText(self.view.words_about(cell))
        else:
            self.readout.setText(
                " · ".join(filter(None, (origin, refusal or "Click a value to see where it comes from.")))
            )
        layer = (
            cell.layer
            if cell is not None
            else next((column.layer for column in self.view.columns if column.form == "maps"), None)
        )
        limits = None if layer is None else self.view.maps.limits(layer)
        self.legend.setVisible(limits is not None)
        if limits is not None:
            self.legend.show_scale(ACTIVATIONS, *limits)
            self.legend.setToolTip("Values of all layers" if self.view.maps.scale == "common" else f"Values of {layer}")
