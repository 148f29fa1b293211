"""Every filter of a layer, as it learns."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QSpinBox, QVBoxLayout, QWidget

from core.analysis.report import LayerReport
from core.shapes import count, pair
from core.text import brief_number, shape_text
from core.training.snapshots import Interest, Snapshot
from designer import theme
from designer.pictures import Caption, Keeping, Numbers, matrix_rows
from designer.session import Session
from designer.session.questions import Questions
from designer.theme.colormaps import symmetric_limit, weights
from designer.views.changes import change_text, most_changed
from designer.views.kernel_pictures import Flattened, facts_text, flattened_image, likeness_text
from designer.views.kernel_sheet import MOST_CHANNELS, Filmed, Kernel, colour_cells, matrix_place, sheet_of
from designer.views.legend import limit_text
from designer.views.mosaic_view import Mosaic, Place
from designer.views.network_view import NetworkView
from designer.views.number_grid import NumberGrid
from designer.views.switch import Switch

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.inside.dead import Dead
    from core.training.evaluating import Trial
    from core.work import Work

MOST_VALUES = 4_000_000
"""Larger kernels are not copied many times a second."""

DETAIL_PX = 176


class FiltersView(NetworkView):
    """Shows the kernel of the chosen layer as a mosaic, and the numbers of the filter that was clicked.

    A layer that reads three channels of the image itself is shown in colour. Others are shown channel by channel:
    filters from left to right, the input channels that they read from top to bottom. A matrix is a single cell, or,
    where it reads a flattened image, the weights of each of its units are drawn back as that image.

    Filters that are dead, which `questions` are asked for, are crossed out.
    """

    filmed_changed = Signal()
    """Another layer is shown, or in another form."""

    def __init__(self, session: Session, questions: Questions | None = None, parent: QWidget | None = None) -> None:
        self._kernel: Kernel | None = None
        self._limit = 1.0
        self._dead: Dead | None = None
        self._questions = questions
        self._asked_about: tuple[object, str] | None = None
        missing = ("No layer has filters", "Drag a convolution or dense layer onto the canvas.")
        super().__init__(session, _has_kernel, missing, parent)
        self.mosaic = Mosaic(least_px=14, most_px=120)
        self.mosaic.setAccessibleName("Filters")
        self.mosaic.setToolTip("Click a filter to see its numbers")
        self.grid = NumberGrid()
        self._first = QSpinBox(prefix="from ", minimum=1)
        self._first.setToolTip("The first input channel shown")
        self._first.setAccessibleName("First channel")
        theme.inset(self._first)
        self._first.hide()
        self.detail = self._make_detail()
        self.body.setSpacing(16)
        self.body.addWidget(self.mosaic, 1)
        self.body.addWidget(self.detail)
        self.drawn_as = Switch(
            ("pictures", "matrix"), ("The weights of each unit as the image that it reads", "All weights as they are")
        )
        self.foot.addWidget(self.drawn_as)
        self.foot.addWidget(self._first)
        self.drawn_as.chosen.connect(self._on_drawn_as)
        Keeping(self.mosaic, self._file_name, self._numbers, caption=self.words_for_picture)
        if questions is not None:
            self._asker = questions.asker()
            self._asker.answered.connect(self._show_dead)
            self._asker.failed.connect(self._forget_dead)
            questions.moment_changed.connect(self._ask)
            self.chooser.layer_changed.connect(self._ask)
        self.chooser.layer_changed.connect(self.filmed_changed)
        self._first.valueChanged.connect(self.draw_again)
        self._channel.valueChanged.connect(self._show_detail)
        self.mosaic.chosen.connect(self._show_detail)
        self.mosaic.hovered.connect(self._show_readout)

    def interest_in(self, layer: LayerReport) -> Interest:
        return Interest(kernels=frozenset({layer.id})) if count(kernel_shape(layer)) <= MOST_VALUES else Interest()

    def draw(self, layer: LayerReport, snapshot: Snapshot) -> str:
        shape = kernel_shape(layer)
        if count(shape) > MOST_VALUES:
            size, most = brief_number(count(shape)), brief_number(MOST_VALUES)
            return f"Its kernel has {size} numbers; only kernels of up to {most} are drawn."
        kernel = snapshot.kernels.get(layer.id)
        if kernel is None or kernel.shape != shape:
            return self.absent(layer)
        self.drawn_as.setVisible(flattened_image(self.report, layer) is not None)
        kernel = kernel.reshape(self._shape(layer))
        filters = self._is_bank(layer)
        if self._kernel is None or self._kernel.shape != kernel.shape or self.mosaic.whole_cells != filters:
            self.mosaic.choose(None)
            self.mosaic.whole_cells = filters
        self._kernel = kernel
        self._set_channels(layer)
        self._write_title(layer)
        _, limit = self.shared(-symmetric_limit(kernel), symmetric_limit(kernel))
        self._limit = limit
        if self._in_colour(layer):
            colours = colour_cells(kernel, limit)
            self.mosaic.show_colours(colours)
            self.legend.hide()
        else:
            sheet = sheet_of(kernel, filters, self._first.value() - 1)
            table = weights(theme.current())
            self.mosaic.show_numbers(sheet.cells, table, -limit, limit, columns=sheet.columns)
            self.legend.show_scale(table, -limit, limit, "change of a weight" if self.shows_difference else "weight")
        self._mark_dead(layer)
        self._show_detail()
        return ""

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._questions is not None:
            self._questions.attend(self, True)
            self._ask()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if self._questions is not None:
            self._asker.give_up()
            self._asked_about = None
            self._questions.attend(self, False)

    @property
    def filmed(self) -> Filmed | None:
        """What is shown, to be pictured at other moments; None where nothing is, or where it is too large."""
        layer = self.layer
        if layer is None or not 0 < count(shape := kernel_shape(layer)) <= MOST_VALUES:
            return None
        return Filmed(layer.id, shape, self._shape(layer), self._is_bank(layer), self._in_colour(layer))

    def words_for_picture(self) -> Caption:
        caption = super().words_for_picture()
        if caption.scale is not None:
            return caption
        limit = limit_text(self._limit)
        return replace(
            caption, about=f"{caption.about} · red, green and blue from −{limit} to {limit}, 0 is half bright"
        )

    def _file_name(self) -> str:
        return f"kernel of {self.chooser.currentText()}".replace("/", "-")

    def _numbers(self) -> Numbers | None:
        if self._kernel is None:
            return None
        flat = self._kernel.reshape(-1, self._kernel.shape[-1])
        return Numbers(self._kernel, matrix_rows(flat))

    @Slot()
    def _ask(self) -> None:
        """Ask which filters of the layer are dead, once for each moment."""
        layer, questions = self.layer, self._questions
        if questions is None or questions.moment is None or layer is None or not self.isVisible():
            return
        asked = (questions.moment, layer.id)
        if asked != self._asked_about:
            self._asked_about = asked
            self._asker.ask(partial(dead_in, layer.id))

    @Slot(object)
    def _show_dead(self, dead: Dead) -> None:
        self._dead = dead
        self.refresh()

    @Slot()
    def _forget_dead(self) -> None:
        self._dead = None
        self.refresh()

    @Slot()
    def _on_drawn_as(self) -> None:
        self.mosaic.choose(None)
        self.refresh()
        self.filmed_changed.emit()

    def _pictured(self, layer: LayerReport) -> Flattened | None:
        """Return the image that the weights of the layer's units are drawn back as."""
        return flattened_image(self.report, layer) if self.drawn_as.parts[0].isChecked() else None

    def _is_bank(self, layer: LayerReport) -> bool:
        return is_filter_bank(layer) or self._pictured(layer) is not None

    def _shape(self, layer: LayerReport) -> tuple[int, ...]:
        """Return the shape of the kernel as it is drawn."""
        pictured, shape = self._pictured(layer), kernel_shape(layer)
        return shape if pictured is None else (*pictured.shape, shape[-1])

    def _part(self, layer: LayerReport) -> str:
        return "filter" if is_filter_bank(layer) else "unit"

    def _dead_of(self, layer: LayerReport) -> frozenset[int]:
        if self.shows_difference:
            return frozenset()
        return self._dead.channels if self._dead is not None and self._dead.layer == layer.id else frozenset()

    def _mark_dead(self, layer: LayerReport) -> None:
        if not self._is_bank(layer):
            self.mosaic.mark(frozenset())
            return
        n = self._shape(layer)[3]
        n_rows = 1 if self._in_colour(layer) else min(self._shape(layer)[2], MOST_CHANNELS)
        self.mosaic.mark(frozenset(row * n + number for number in self._dead_of(layer) for row in range(n_rows)))

    def keep_with(self, other: QWidget | None) -> None:
        super().keep_with(other)
        if isinstance(other, FiltersView):
            self.mosaic.chosen.connect(other._choose_alike)
            self._first.valueChanged.connect(other._first.setValue)
            self.drawn_as.chosen.connect(other._draw_as)
            other._first.setValue(self._first.value())
            other._draw_as(next(place for place, part in enumerate(self.drawn_as.parts) if part.isChecked()))

    @Slot(object)
    def _choose_alike(self, place: Place | None) -> None:
        """Choose what is chosen beside, where filters may be in colour that are by channel here, or vice versa."""
        layer, here = self.layer, self.mosaic.choice
        if place is not None and layer is not None and self._is_bank(layer):
            n = self._shape(layer)[3]
            if self._in_colour(layer):
                place = (place[0] % n, *place[1:])
            elif here is not None and self._is_in_colour_beside and here[0] % n == place[0]:
                return
        self.mosaic.choose(place)

    @property
    def _is_in_colour_beside(self) -> bool:
        beside = self._beside
        return isinstance(beside, FiltersView) and beside.layer is not None and beside._in_colour(beside.layer)

    @Slot(int)
    def _draw_as(self, place: int) -> None:
        if not self.drawn_as.parts[place].isChecked():
            self.drawn_as.turn_on(place)
            self._on_drawn_as()

    def forget_picture(self) -> None:
        super().forget_picture()
        self._kernel = None
        self.mosaic.clear()

    def _make_detail(self) -> QWidget:
        detail = QWidget()
        detail.setFixedWidth(DETAIL_PX)
        self._name, self._about = QLabel(), QLabel()
        theme.mark(self._name, "role", "strong")
        theme.mark(self._about, "role", "muted")
        self._channel = QSpinBox(prefix="channel ", minimum=1)
        theme.inset(self._channel)
        layout = QVBoxLayout(detail)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for widget in (self._name, self._channel, self.grid, self._about):
            layout.addWidget(widget)
        layout.addStretch(1)
        detail.hide()
        return detail

    def _in_colour(self, layer: LayerReport) -> bool:
        """Return whether the layer reads red, green and blue straight from the image; differences are no colours."""
        if self.shows_difference:
            return False
        if (pictured := self._pictured(layer)) is not None:
            return pictured.is_input and pictured.shape[2] == 3
        shape, flow = kernel_shape(layer), layer.inputs[0] if layer.inputs else None
        if not is_filter_bank(layer) or shape[2] != 3 or flow is None or flow.receptive_field is None:
            return False
        return flow.receptive_field.size == (1, 1)

    def _set_channels(self, layer: LayerReport) -> None:
        depth = self._shape(layer)[2] if self._is_bank(layer) else 1
        by_channel = depth > MOST_CHANNELS and not self._in_colour(layer)
        self._first.setVisible(by_channel)
        self._first.setMaximum(max(1, depth - MOST_CHANNELS + 1) if by_channel else 1)
        self._channel.setMaximum(depth)

    def _write_title(self, layer: LayerReport) -> None:
        shape = self._shape(layer)
        changed = ""
        if self.shows_difference and self._kernel is not None:
            part = self._part(layer) if self._is_bank(layer) else "output"
            changed = f"{most_changed(self._kernel, part)} · "
        if self._is_bank(layer):
            self.title.setText("filters" if is_filter_bank(layer) else "weights as pictures")
            n_dead = len(self._dead_of(layer))
            size = f"{shape[3]} of {shape_text(shape[:3])}" + (f" · {n_dead} dead" if n_dead else "")
            text = changed + self.caption(size)
            if shape[2] > 1 and not self._in_colour(layer):
                first = self._first.value()
                text += f" · channel {first}–{min(shape[2], first + MOST_CHANNELS - 1)}"
        else:
            self.title.setText("weights")
            size = f"{shape[0]:,} inputs → {shape[-1]:,}" if len(shape) == 2 else shape_text(shape)
            text = changed + self.caption(size)
        self.subtitle.setText(text)

    @Slot()
    def _show_detail(self) -> None:
        place, kernel, layer = self.mosaic.choice, self._kernel, self.layer
        self.detail.setVisible(place is not None and kernel is not None)
        if place is None or kernel is None or layer is None:
            return
        if not self.mosaic.whole_cells:
            self._show_weight(kernel, place)
            return
        self._channel.setVisible(self._in_colour(layer))
        n_filters = kernel.shape[3]
        if self._in_colour(layer):
            number, channel = place[0], self._channel.value() - 1
        else:
            channel, number = divmod(place[0], n_filters)
            channel += self._first.value() - 1
        taps = kernel[:, :, channel, number]
        what = self._part(layer)
        self._name.setText(f"{what} {number + 1}" + (f" · channel {channel + 1}" if kernel.shape[2] > 1 else ""))
        self.grid.show()
        self.grid.show_numbers(taps, symmetric_limit(kernel))
        likeness = "" if self.shows_difference else likeness_text(kernel, number, what)
        lines = [facts_text(kernel[..., number]), likeness]
        if self._dead is not None and number in self._dead_of(layer):
            lines.append(f"dead: {self._dead.rectifier} gives 0 for all {self._dead.n_samples:,} samples")
        self._about.setText("\n".join(filter(None, lines)))

    def _show_weight(self, kernel: Kernel, place: Place) -> None:
        matrix = kernel.reshape(-1, kernel.shape[-1])
        into, out = matrix_place(matrix, place)
        self._name.setText(f"input {into + 1:,} → output {out + 1:,}")
        self._channel.hide()
        self.grid.hide()
        what = "change" if self.shows_difference else "weight"
        weight = f"{what} {matrix[into, out]:.4f}".replace("-", "−")
        self._about.setText(f"{weight}\nall weights of output {out + 1:,}:\n{facts_text(matrix[:, out])}")

    @Slot(object)
    def _show_readout(self, place: Place | None) -> None:
        kernel = self._kernel
        if place is None or kernel is None or self.layer is None:
            self.readout.setText("")
        elif not self.mosaic.whole_cells:
            matrix = kernel.reshape(-1, kernel.shape[-1])
            into, out = matrix_place(matrix, place)
            self.readout.setText(f"input {into + 1:,} → output {out + 1:,}: {self._value_text(matrix[into, out])}")
        elif self._in_colour(self.layer):
            self.readout.setText(f"filter {place[0] + 1}")
        else:
            channel, number = divmod(place[0], kernel.shape[3])
            channel += self._first.value() - 1
            value = self._value_text(kernel[place[1], place[2], channel, number])
            self.readout.setText(f"filter {number + 1} · channel {channel + 1} · {value}")

    def _value_text(self, value: float) -> str:
        return f"B − A: {change_text(value)}" if self.shows_difference else f"{value:.3f}".replace("-", "−")


def dead_in(layer: str, trial: Trial) -> Work[Dead]:
    """Look through the samples of a part for filters that are dead."""
    from core.inside.dead import dead_filters

    return (yield from dead_filters(trial.network, layer, trial.dataset, trial.preparation, trial.samples))


def kernel_shape(layer: LayerReport) -> tuple[int, ...]:
    """Return the shape of a layer's kernel as it is in weights files; empty if it has none."""
    kernel = (layer.facts.weights or {}).get("kernel")
    return kernel.shape if kernel else ()


def is_filter_bank(layer: LayerReport) -> bool:
    """Return whether a kernel is (F, F, C/groups, K); any other is shown as a matrix with the outputs last."""
    size, shape = getattr(layer.layer.spec, "kernel_size", None), kernel_shape(layer)
    return size is not None and len(shape) == 4 and shape[:2] == tuple(pair(size))


def _has_kernel(layer: LayerReport) -> bool:
    return bool(kernel_shape(layer))
