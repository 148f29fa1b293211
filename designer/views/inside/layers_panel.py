"""The layers with what belongs above them: how far the computing has come, the scale and its colours."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from PySide6.QtCore import Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QProgressBar, QStackedLayout, QVBoxLayout, QWidget

from designer.pictures import Caption, KeepButton, Keeping, Numbers, value_rows
from designer.views.elided import ElidedLabel
from designer.views.empty import empty_page, say_instead
from designer.views.inside.inside import Inside
from designer.views.inside.layers_view import LayersView
from designer.views.inside.map_pictures import Scale
from designer.views.legend import Legend
from designer.views.switch import Switch

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
        self._difference = ""
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
        self.direction = Switch(
            ("Forwards", "Backwards"), ("What is computed (B)", "The gradients of a score, or of the loss (B)")
        )
        self.aim = QComboBox()
        self.aim.setAccessibleName("Gradient of")
        self.aim.setToolTip("What the gradients are of")
        self.aim.hide()
        self.keeping = Keeping(self.view, lambda: self._layer() or "layers", self._numbers, caption=self._caption)
        self.take = KeepButton(self.keeping)
        self._name: QWidget | None = None
        self.choices = QWidget()
        choices = QHBoxLayout(self.choices)
        choices.setContentsMargins(0, 0, 0, 0)
        choices.setSpacing(8)
        for choice in (self.direction, self.aim, self.scale):
            choices.addWidget(choice)
        top = self._top = QHBoxLayout()
        top.setContentsMargins(12, 6, 12, 6)
        top.setSpacing(8)
        top.addWidget(self.readout, 2)
        for widget in (self.progress, self.choices, self.legend, self.take):
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
        self._pages.setCurrentWidget(self._empty)
        self.scale.currentIndexChanged.connect(self._on_scale)
        self.view.shown_changed.connect(self._write)
        self.direction.chosen.connect(self._on_direction)
        self.aim.activated.connect(self._on_aim)
        inside.aim_changed.connect(self._show_aim)
        inside.looked.connect(self._on_look)
        self.progress.hide()
        self.legend.hide()

    def keep_with(self, other: QWidget | None) -> None:
        """Show the same maps as the panel of another moment, in colours that stand for the same; None: alone again."""
        self.view.keep_with(other.view if isinstance(other, LayersPanel) else None)
        if isinstance(other, LayersPanel):
            self.scale.currentIndexChanged.connect(other.scale.setCurrentIndex)
            other.scale.setCurrentIndex(self.scale.currentIndex())

    def show_difference(self, words: str) -> None:
        """Show by how much the moment beside differs from this one, as it is called; an empty text: this one."""
        if words != self._difference:
            self._difference = words
            self.view.show_difference(words)

    def take_name(self, name: QWidget | None, *, is_twin: bool = False) -> None:
        """Show the name of its moment in the heading, and of a twin nothing that is chosen beside; None: it goes."""
        if name is not None:
            self._top.insertWidget(0, name, 3)
        elif self._name is not None:
            self._top.removeWidget(self._name)
            self._name.deleteLater()
        self._name = name
        self._top.setContentsMargins(12, *((6, 12, 6) if name is None else (2, 12, 2)))
        self.choices.setVisible(not is_twin)
        self._write()

    @Slot(int)
    def _on_scale(self, place: int) -> None:
        self.view.show_scale(list(SCALES)[place])

    @Slot(int)
    def _on_direction(self, part: int) -> None:
        if bool(part) != (self._inside.aim is not None):
            self._inside.toggle_backwards()
        self._show_aim()

    @Slot(int)
    def _on_aim(self, place: int) -> None:
        self._inside.set_aim(self.aim.itemData(place))

    @Slot()
    def _show_aim(self) -> None:
        """Show in which direction is looked, and offer what gradients may be of."""
        aim = self._inside.aim
        self.direction.turn_on(0 if aim is None else 1)
        self.aim.setVisible(aim is not None)
        self.aim.clear()
        for text, each in self._inside.aims() if aim is not None else ():
            self.aim.addItem(text, each)
            if each == aim:
                self.aim.setCurrentIndex(self.aim.count() - 1)

    def _numbers(self) -> Numbers | None:
        """Return the numbers of the layer of the chosen value, else of the first with maps."""
        layer = self._layer()
        maps = None if layer is None else self.view.maps.values(layer)
        return None if maps is None else Numbers(maps, value_rows(maps))

    def _caption(self) -> Caption:
        scale, layer = self.legend.scale, self._layer()
        if scale is not None and self.view.maps.scale != "common":
            each = "of each map" if self.view.maps.scale == "map" else f"of {layer}; each layer has its own"
            scale = replace(scale, what=f"{scale.what} {each}")
        return Caption("All layers", self._origin_words(), scale)

    def _layer(self) -> str | None:
        cell = self._inside.cell
        if cell is not None:
            return cell.layer
        return next((column.layer for column in self.view.columns if column.form == "maps"), None)

    def _origin_words(self) -> str:
        look = self._inside.look
        if self._difference or look is None:
            return self._difference
        return "random weights" if look.origin == "untrained" else look.origin

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
        origin = self._origin_words() if self._name is None else ""
        refusal = "" if look is None else look.refusal
        if cell is not None:
            self.readout.setText(self.view.words_about(cell))
        else:
            self.readout.setText(
                " · ".join(filter(None, (origin, refusal or "Click a value to see where it comes from.")))
            )
        layer = self._layer()
        limits = None if layer is None else self.view.maps.limits(layer)
        self.legend.setVisible(limits is not None)
        if limits is not None:
            what = "gradient" if self.view.maps.are_gradients else "value"
            what = f"change of a {what}" if self._difference else what
            self.legend.show_scale(self.view.maps.table, *limits, what)
            self.legend.setToolTip("Values of all layers" if self.view.maps.scale == "common" else f"Values of {layer}")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._inside.want(self, ())  # which layers there are is known after the first look

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._inside.want(self, None)
