"""Preprocessing, seen on one sample: what each step makes of it, and what it learned from the training part."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.graph.edits import set_training
from core.preprocessing.directions import PCA
from core.preprocessing.step import Preprocessing, treated
from core.text import counted
from core.training.stages import FittedStage, Spectrum, Stage, Stages, stages, switched
from designer import theme
from designer.forms.field_text import as_json
from designer.session import Session
from designer.views.data import ShownData
from designer.views.preparing.fitter import Fitter
from designer.views.preparing.picture_label import PictureLabel
from designer.views.preparing.pictures import range_text
from designer.views.preparing.preparing_view import PreparingView
from designer.views.preparing.spectrum_panel import SpectrumPanel
from designer.views.preparing.stage_column import StageColumn
from designer.views.preparing.subject import input_shape, why_not

NOTE = "fitted on the {n}, stored with the weights, applied to validation, probe and predict alike"


class PreprocessingView(PreparingView):
    """Shows a sample before and after each step; a switch sets a step or takes it out, one undoable step each.

    The line of the spectrum, in a panel of its own, chooses how many components PCA keeps. It learns in a thread, only
    while one of the two is shown.
    """

    follows = ("preprocessing", "resize")

    def __init__(self, session: Session, data: ShownData, parent: QWidget | None = None) -> None:
        super().__init__(session, data, parent)
        self._stages: Stages | None = None
        self._pixels: NDArray[np.float32] = np.zeros((1, 1), np.float32)
        self._spectrum: Spectrum | None = None
        self._spectrum_panel: SpectrumPanel | None = None
        self._pca: FittedStage | None = None
        self.columns: list[StageColumn] = []
        self.fitter = Fitter(self)
        self.note = QLabel()
        self.note.setWordWrap(True)
        theme.mark(self.note, "role", "muted")
        self.before = PictureLabel("sample")
        self._before_text = QLabel()
        theme.mark(self._before_text, "role", "muted")
        self.begin(self._made_page())
        self.fitter.stage_fitted.connect(self._show_stage)
        self.fitter.spectrum_found.connect(self._show_spectrum)
        self.fitter.failed.connect(self._say_failure)

    @property
    def steps(self) -> tuple[Preprocessing, ...]:
        """The steps that the document sets."""
        return self.session.document.training.settings.preprocessing

    def show_spectrum_in(self, panel: SpectrumPanel) -> None:
        """Show in a panel how much of the variance PCA keeps, and follow its line."""
        self._spectrum_panel = panel
        panel.looked_at.connect(self.draw_again)
        panel.plot.moving.connect(self._preview_components)
        panel.plot.chosen.connect(self._choose_components)

    @property
    def is_looked_at(self) -> bool:
        """Whether it or the panel of the spectrum is to be seen."""
        panel = self._spectrum_panel
        return self.isVisible() or (panel is not None and panel.isVisible())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.look_again()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        if not self.is_looked_at:
            self.fitter.stop()

    # --- Layout ------------------------------------------------------------------------------------------------------

    def _made_page(self) -> QWidget:
        self._row = QHBoxLayout()
        self._row.setSpacing(8)
        self._row.addWidget(_titled("before", self.before, self._before_text))
        self._row.addStretch(1)
        inner = QWidget()
        rows = QVBoxLayout(inner)
        rows.setContentsMargins(12, 4, 12, 8)
        rows.setSpacing(8)
        rows.addLayout(self._row)
        rows.addStretch(1)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.note.setContentsMargins(12, 6, 12, 2)
        column.addWidget(self.note)
        column.addWidget(inner, 1)
        return page

    def _arrange(self) -> None:
        """Have a column for each step, in order; columns that show the same steps stay, with what is typed there."""
        wanted = stages(self.steps)
        if [_sort(column.stage) for column in self.columns] == [_sort(stage) for stage in wanted]:
            for column, stage in zip(self.columns, wanted, strict=True):
                if stage.is_on:
                    column.show_stage(stage)
            return
        for column in self.columns:
            self._row.removeWidget(column)
            column.hide()
            column.deleteLater()
        self.columns = [StageColumn(stage) for stage in wanted]
        for place, column in enumerate(self.columns, 1):
            column.switched.connect(self._switch)
            column.changed.connect(self._set)
            column.withdrawn.connect(self._withdraw)
            self._row.insertWidget(place, column)

    # --- What is shown -----------------------------------------------------------------------------------------------

    def look_again(self) -> None:
        if not self.is_looked_at:
            return
        loaded = self.data.loaded
        if loaded is None:
            self.data.attend()
            return
        self.fitter.stop()
        shape = input_shape(self.session.report)
        dataset = loaded.dataset
        refusal = loaded.refusal if dataset is None else why_not(dataset, shape)
        if dataset is None or shape is None or refusal:
            self.say("Nothing to prepare", refusal)
            if self._spectrum_panel is not None:
                self._spectrum_panel.clear()
            return
        self.pages.setCurrentWidget(self.page)
        known, resize = self._stages, self.session.document.training.settings.resize
        if (
            known is None
            or known.dataset is not dataset
            or known.samples is not loaded.training
            or known.shape != shape
        ):
            known = self._stages = Stages(dataset, loaded.training, shape, resize)
        self._sample = min(self._sample, len(dataset) - 1)
        self.note.setText(NOTE.format(n=counted(len(loaded.training), "training sample")))
        self._arrange()
        self._pixels = pixels = known.sample(self._sample)
        self.before.show_values(pixels[0])
        self._before_text.setText(f"sample {self._sample + 1:,}\n{range_text(pixels)}")
        for column in self.columns:
            column.show_waiting()
        self.fitter.fit(known, self.steps)

    @Slot(object)
    def _show_stage(self, fitted: FittedStage) -> None:
        column = self._column_of(fitted.stage)
        if column is None:
            return
        if isinstance(fitted.stage.step, PCA):
            self._pca = fitted
        column.show_fitted(fitted, self._reaching(fitted))

    def _reaching(self, fitted: FittedStage) -> NDArray[np.float32]:
        return treated(self._pixels.copy(), fitted.before)

    @Slot(object)
    def _show_spectrum(self, spectrum: Spectrum) -> None:
        self._spectrum, pca = spectrum, self._pca
        if self._spectrum_panel is not None and pca is not None and isinstance(pca.stage.step, PCA):
            self._spectrum_panel.show_spectrum(spectrum, pca.stage.step.components, is_on=pca.stage.is_on)

    @Slot(str)
    def _say_failure(self, what: str) -> None:
        self.note.setText(what)

    def _column_of(self, stage: Stage) -> StageColumn | None:
        return next((column for column in self.columns if _sort(column.stage) == _sort(stage)), None)

    # --- Edits -------------------------------------------------------------------------------------------------------

    def _edit(self, label: str, steps: tuple[Preprocessing, ...], merge_key: str | None = None) -> None:
        written = [step.written() for step in steps]
        document = set_training(self.session.document, {"preprocessing": written})
        self.session.edit(label, document, merge_key=merge_key)

    @Slot(object)
    def _switch(self, stage: Stage) -> None:
        label = f"{'leave out' if stage.is_on else 'preprocess with'} {stage.step.label()}"
        self._edit(label, switched(self.steps, stage))

    @Slot(object, str, object, str)
    def _set(self, stage: Stage, name: str, value: Any, visit: str) -> None:
        if stage.place is None:
            return
        step = type(stage.step).read({**stage.step.config(whole=True), name: as_json(value)})
        steps = (*self.steps[: stage.place], step, *self.steps[stage.place + 1 :])
        self._edit(f"set {name} of {step.label()}", steps, f"preprocessing {stage.place} {name} {visit}")

    @Slot(object, str, str)
    def _withdraw(self, stage: Stage, name: str, visit: str) -> None:
        self.session.take_back(f"preprocessing {stage.place} {name} {visit}")

    @Slot(int)
    def _preview_components(self, n: int) -> None:
        """Show what so many components leave, without deciding anything."""
        pca, spectrum = self._pca, self._spectrum
        column = None if pca is None else self._column_of(pca.stage)
        if pca is None or pca.fitted is None or spectrum is None or column is None:
            return
        step = PCA(components=n)
        arrays = step.keeping(spectrum.mean, spectrum.variances, spectrum.directions.T)
        fitted = type(pca.fitted)(step, pca.fitted.shape, arrays)
        stage = column.stage
        column.show_fitted(FittedStage(stage, fitted, pca.before), self._reaching(pca))
        column.stage = stage

    @Slot(int)
    def _choose_components(self, n: int) -> None:
        pca = self._pca
        if pca is None:
            return
        step, place = PCA(components=n), pca.stage.place
        if place is None:
            at = len(pca.stage.before)
            self._edit("preprocess with PCA", (*self.steps[:at], step, *self.steps[at:]))
        else:
            steps = (*self.steps[:place], step, *self.steps[place + 1 :])
            self._edit("set components of PCA", steps, f"preprocessing {place} line")


def _titled(title: str, widget: QWidget, below: QLabel | None = None) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    label = QLabel(title)
    label.setMinimumHeight(20)
    theme.mark(label, "role", "strong")
    column.addWidget(label)
    column.addWidget(widget, 0, Qt.AlignmentFlag.AlignTop)
    if below is not None:
        column.addWidget(below)
    column.addStretch(1)
    return box


def _sort(stage: Stage) -> tuple[str, int | None]:
    return stage.step.kind_name(), stage.place
