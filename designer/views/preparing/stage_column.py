"""A stage of preprocessing: its switch, a sample after it, what it learned, and its settings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.training.stages import FittedStage, Stage
from designer import theme
from designer.forms.form import SettingsForm
from designer.views.preparing.narrow import narrow
from designer.views.preparing.picture_label import SIDE_PX, PictureLabel
from designer.views.preparing.pictures import range_text

WIDE_PX, LEAST_PX = 168, 90


class StageColumn(QWidget):
    """Shows one stage; one that is off is drawn faint, as it would be.

    Parameters
    ----------
    stage : Stage
    """

    switched = Signal(object)
    """Carries the `Stage` that is to be switched on or off."""
    changed = Signal(object, str, object, str)
    """A setting was changed: the `Stage`, name, value, and the name of the visit to the field."""
    withdrawn = Signal(object, str, str)
    """What was entered in a visit is to be taken back."""

    def __init__(self, stage: Stage, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.stage = stage
        label = stage.step.label()
        self.switch = QCheckBox(label)
        self.switch.setChecked(stage.is_on)
        self.switch.setToolTip(stage.step.summary())
        self.switch.setAccessibleName(f"Preprocess with {label}")
        self.mean, self.picture = PictureLabel("mean"), PictureLabel("sample")
        self.mean.setToolTip("The mean image of the training samples")
        self.mean.hide()
        self.facts = QLabel()
        self.facts.setWordWrap(True)
        theme.mark(self.facts, "role", "muted")
        pictures = QHBoxLayout()
        pictures.setSpacing(6)
        arrow = QLabel("→")
        theme.mark(arrow, "role", "muted")
        pictures.addWidget(arrow)
        pictures.addWidget(self.mean)
        pictures.addWidget(self.picture)
        pictures.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.switch)
        column.addLayout(pictures)
        column.addWidget(self.facts)
        self.form: SettingsForm | None = None
        if stage.is_on and type(stage.step).model_fields:
            self.form = SettingsForm(type(stage.step), lettered=False)
            self.form.changed.connect(self._set)
            self.form.withdrawn.connect(self._withdraw)
            narrow(self.form)
            column.addWidget(self.form)
        column.addStretch(1)
        self._set_width(has_mean=False)
        self.switch.clicked.connect(self._switch)
        self.show_stage(stage)

    def show_stage(self, stage: Stage) -> None:
        """Show other settings of the same step."""
        self.stage = stage
        if self.form is not None:
            self.form.show_configs([stage.step.config()])

    def show_fitted(self, fitted: FittedStage, sample: NDArray[np.float32]) -> NDArray[np.float32]:
        """Show what a fitted stage makes of a sample, (1, …) as it leaves the stage before; return that."""
        self.stage = fitted.stage
        self.switch.setEnabled(not fitted.refusal or self.stage.is_on)
        if fitted.fitted is None:
            self.picture.clear()
            self.facts.setText(fitted.refusal)
            return sample
        after = fitted.fitted.apply(sample.copy())
        self.picture.show_values(after[0], faint=not self.stage.is_on)
        mean = fitted.fitted.arrays.get("mean")
        has_mean = self.stage.is_on and mean is not None and mean.ndim == 3 and self.stage.step.usual_place == 2
        if has_mean and mean is not None:
            self.mean.show_values(mean)
        self.mean.setVisible(has_mean)
        self._set_width(has_mean=has_mean)
        lines = (*fitted.fitted.facts, range_text(after) if self.stage.is_on else "off: preview")
        self.facts.setText("\n".join(lines))
        return after

    def show_waiting(self) -> None:
        """Say that it is being fitted."""
        self.picture.fade()
        self.facts.setText("learning …")

    def _set_width(self, *, has_mean: bool) -> None:
        if self.form is not None:
            self.setFixedWidth(WIDE_PX)
        else:
            pictures = 2 * SIDE_PX + 26 if has_mean else LEAST_PX
            self.setFixedWidth(max(pictures, self.switch.sizeHint().width()))

    @Slot()
    def _switch(self) -> None:
        self.switched.emit(self.stage)

    @Slot(str, object, str)
    def _set(self, name: str, value: Any, visit: str) -> None:
        self.changed.emit(self.stage, name, value, visit)

    @Slot(str, str)
    def _withdraw(self, name: str, visit: str) -> None:
        self.withdrawn.emit(self.stage, name, visit)
