"""What a layer makes of one sample."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from core.analysis.receptive_field import Box, seen
from core.analysis.report import LayerReport
from core.errors import DataError
from core.io.datasets import Dataset
from core.io.datasets.drawings import fit_picture
from core.layers import Kind
from core.text import shape_text
from core.training.snapshots import Interest, Snapshot
from designer import theme
from designer.pictures import Caption, Keeping, Numbers, value_rows
from designer.session import Probed, Session
from designer.theme.colormaps import ACTIVATIONS, symmetric_limit, weights
from designer.views.changes import change_text, most_changed
from designer.views.class_bars import class_name, probabilities_of
from designer.views.class_rows import ClassRows
from designer.views.mosaic_view import Mosaic, Place
from designer.views.network_view import NetworkView
from designer.views.probe import Probe


class ActivationsView(NetworkView):
    """Shows every map of the chosen layer for the chosen sample, and which class the network takes the sample for.

    A click on a map shows the value there and frames what it sees of the sample.
    """

    sample_changed = Signal(int)
    """Carries the index of the sample whose maps are to be shown, from 0."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        self._maps: NDArray[np.floating] | None = None
        self._dataset: Dataset | None = None
        missing = ("No layer has an output yet", "Drag an Input and other layers onto the canvas.")
        super().__init__(session, _has_shape, missing, parent)
        self.probe = Probe()
        self.mosaic = Mosaic()
        self.mosaic.setAccessibleName("Activation maps")
        self.mosaic.setToolTip("Click a value to see where it comes from")
        Keeping(self.mosaic, self._file_name, self._numbers, caption=self.words_for_picture)
        self.body.setSpacing(16)
        self.body.addWidget(self.mosaic, 1)
        self.classes = ClassRows()
        self.classes.hide()
        self.body.addWidget(self.classes, 1)
        self.put_beside(self.probe)
        self.probe.hide()
        self.probe.sample_changed.connect(self.sample_changed)
        self.sample_changed.connect(session.probe.take_sample)
        session.probe.changed.connect(self._on_probe)
        self.mosaic.chosen.connect(self._show_choice)
        self.mosaic.hovered.connect(self._show_hovered)

    @Slot(object)
    def set_dataset(self, dataset: Dataset | None) -> None:
        """Offer the samples of a data set, fitted to the network; None if there is none."""
        self._dataset = dataset
        self.probe.setVisible(dataset is not None)
        self.probe.set_dataset(dataset)
        self._on_probe(self.session.probe.now)

    def interest_in(self, layer: LayerReport) -> Interest:
        return Interest(maps=frozenset({layer.id, *self._output_ids()}))

    def draw(self, layer: LayerReport, snapshot: Snapshot) -> str:
        (output_id,) = self._output_ids() or ("",)
        self.probe.show_output(None if self.shows_difference else snapshot.maps.get(output_id))
        maps = snapshot.maps.get(layer.id)
        if maps is None:
            self.probe.show_box(None)
            return self.absent(layer)
        self._maps = maps
        probabilities = probabilities_of(maps) if _says_classes(layer) and not self.shows_difference else None
        self.mosaic.setVisible(probabilities is None)
        self.legend.setVisible(probabilities is None)
        self.classes.setVisible(probabilities is not None)
        if probabilities is not None:
            self._show_classes(probabilities)
            return ""
        cells = cells_of(maps)
        limit = symmetric_limit(cells)
        low, high = self.shared(*((-limit, limit) if self.shows_difference else limits_of(cells)))
        self._write_title(layer, maps)
        table = weights(theme.current()) if self.shows_difference else ACTIVATIONS
        self.mosaic.show_numbers(cells, table, low, high)
        self.legend.show_scale(table, low, high, "change of a value" if self.shows_difference else "value")
        self._show_choice()
        return ""

    def keep_with(self, other: QWidget | None) -> None:
        super().keep_with(other)
        if isinstance(other, ActivationsView):
            self.mosaic.chosen.connect(other.mosaic.choose)

    def _file_name(self) -> str:
        return "maps" if self.layer is None else f"maps of {self.layer.id}"

    def words_for_picture(self) -> Caption:
        caption, dataset = super().words_for_picture(), self._dataset
        if self.session.probe.now.picture is not None or dataset is None:
            return caption
        sample = self.probe.sample
        name = class_name(dataset.classes, int(dataset.labels[sample]))
        return replace(caption, about=f"{caption.about} · sample {sample + 1:,} of {dataset.name}, class {name}")

    def _numbers(self) -> Numbers | None:
        return None if self._maps is None else Numbers(self._maps, value_rows(self._maps))

    def forget_picture(self) -> None:
        super().forget_picture()
        self._maps = None
        self.mosaic.clear()
        self.classes.show_rows(None, (), None)
        self.probe.show_output(None)
        self.probe.show_box(None)

    @Slot(object)
    def _on_probe(self, probed: Probed) -> None:
        """Show what all views are shown for."""
        if self._dataset is None:
            return
        if probed.sample < len(self._dataset):
            self.probe.choose(probed.sample)
        pixels = None
        if probed.picture is not None:
            with suppress(DataError):
                pixels = fit_picture(probed.picture.pixels, self._dataset.shape, name=probed.picture.name)
        self.probe.show_own(pixels)

    def _show_classes(self, probabilities: NDArray[np.floating]) -> None:
        """Show what a Softmax says: a line for each class, under its name if the data set has as many."""
        dataset, n = self._dataset, len(probabilities)
        meant = dataset is not None and len(dataset.classes) == n
        names = dataset.classes if dataset is not None and meant else ()
        own = self.session.probe.now.picture is not None
        label = int(dataset.labels[self.probe.sample]) if dataset is not None and meant and not own else None
        self.classes.show_rows(probabilities, names, label)
        self.title.setText("classes")
        self.subtitle.setText(self.caption(f"{n:,}"))
        self.readout.setText("")
        self.probe.show_box(None)

    def _output_ids(self) -> tuple[str, ...]:
        """Return the output that says which class it is; none where there are several."""
        outputs = self.report.outputs
        return outputs if len(outputs) == 1 else ()

    def _write_title(self, layer: LayerReport, maps: NDArray[np.floating]) -> None:
        if maps.ndim == 3:
            self.title.setText("maps")
            text = f"{maps.shape[2]} of {shape_text(maps.shape[:2])}"
        else:
            self.title.setText("values")
            text = f"{len(maps):,}"
        if self.shows_difference:
            text = f"{most_changed(maps, 'map' if maps.ndim == 3 else 'value')} · {text}"
        self.subtitle.setText(self.caption(text))

    @Slot()
    def _show_choice(self) -> None:
        place = self.mosaic.choice
        box = None if place is None else self._box_seen(place)
        self.probe.show_box(box, f"sees {box_text(box, self._image_shape())}" if box is not None else "")
        self.readout.setText("" if place is None else self._value_text(place))

    @Slot(object)
    def _show_hovered(self, place: Place | None) -> None:
        if place is None:
            self._show_choice()
        else:
            self.readout.setText(self._value_text(place))

    def _box_seen(self, place: Place) -> Box | None:
        """Return what a value sees; None where the network that computed it is not known."""
        layer, maps = self.layer, self._maps
        if layer is None or maps is None or maps.shape != layer.shape or maps.ndim != 3:
            return None
        return seen(self.report, layer.id, place[1], place[2])

    def _value_text(self, place: Place) -> str:
        maps = self._maps
        if maps is None:
            return ""
        cell, row, column = place
        where = f"map {cell + 1} · cell ({row}, {column})" if maps.ndim == 3 else f"value {cell + 1:,}"
        value = maps[row, column, cell] if maps.ndim == 3 else maps[cell]
        if self.shows_difference:
            return f"{where}: B − A {change_text(value)}"
        return f"{where}: {value:{'.3g' if maps.ndim == 3 else '.3f'}}".replace("-", "−")

    def _image_shape(self) -> tuple[int, ...]:
        first = next(iter(self.report.layers.values()))
        return first.shape or (0, 0)


def cells_of(maps: NDArray[np.floating]) -> NDArray[np.floating]:
    """Return a layer's output as cells for a mosaic: (H, W, C) -> (C, H, W), (C,) -> (C, 1, 1)."""
    return maps.transpose(2, 0, 1) if maps.ndim == 3 else maps.reshape(-1, 1, 1)


def limits_of(values: NDArray[np.floating]) -> tuple[float, float]:
    """Return the smallest and the largest finite value; zeros if there is none."""
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def box_text(box: Box, shape: tuple[int, ...]) -> str:
    """Write which part of an image (H, W, …) is seen.

    >>> box_text(Box(10, 12, 15, 17), (28, 28, 1)), box_text(Box(-2, 0, 3, 5), (28, 28, 1))
    ('rows 10–14, columns 12–16', 'rows 0–2, columns 0–4, padding')
    """
    top, left = max(0, box.top), max(0, box.left)
    bottom, right = min(shape[0], box.bottom), min(shape[1], box.right)
    text = f"rows {top}–{bottom - 1}, columns {left}–{right - 1}"
    return text if (top, left, bottom, right) == (box.top, box.left, box.bottom, box.right) else f"{text}, padding"


def _says_classes(layer: LayerReport) -> bool:
    spec = layer.layer.spec
    return isinstance(spec, Kind) and spec.gives_probabilities


def _has_shape(layer: LayerReport) -> bool:
    return layer.shape is not None
