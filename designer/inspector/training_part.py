"""The training settings of a document, as forms, in groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from core.declare import Setting
from core.graph.edits import choose_dataset, set_optimizer, set_training
from core.graph.training import Training, TrainingSettings, UnreadableOptimizer
from core.learning.optimizers import OPTIMIZERS
from core.training.adjusting import waiting
from designer.forms.field_row import FieldRow
from designer.forms.field_text import as_json
from designer.forms.form import SettingsForm
from designer.inspector.sections import small_heading
from designer.session import Drawn

FROM_THE_NEXT_RUN = "from the next run"
"""Stands beside a setting that the run that is on doesn't take over."""

OPTIMIZER, OPTIMIZER_SETTINGS = "optimizer", "optimizer settings"
"""Stand among the names of a group for the rule that parameters follow, and for its own settings."""

_TRAINING = "$.training."
_OPTIMIZER = "$.training.optimizer."


@dataclass(frozen=True, slots=True)
class Group:
    """Settings that stand together, under a heading if it has one."""

    heading: str
    names: tuple[str, ...]


EVERYTHING = Group("", (*TrainingSettings.model_fields, OPTIMIZER, OPTIMIZER_SETTINGS))


class TrainingPart(QWidget):
    """Shows training settings and edits them; each visit to a field is one step to undo."""

    _running: Training | None = None

    dataset_requested = Signal()
    """The user wants to look for a data set."""

    def __init__(self, session: Drawn, groups: Sequence[Group] = (EVERYTHING,), parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.forms: list[SettingsForm] = []
        self.optimizer_form: SettingsForm | None = None
        help = "The rule by which parameters follow their gradients."
        setting = Setting(OPTIMIZER, "choice", help, True, None, None, choices=tuple(OPTIMIZERS))
        self.optimizer = FieldRow(None, setting, lettered=False)
        self.optimizer.changed.connect(self._set_optimizer)
        self._optimizer_place = QVBoxLayout()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for group in groups:
            if group.heading:
                column.addWidget(small_heading(group.heading))
            self._add(column, group.names)
        self.browse: QToolButton | None = None
        if "dataset" in self.rows:
            self.browse = QToolButton()
            self.browse.setText("…")
            self.browse.setToolTip("Look for a data set")
            self.browse.setAccessibleName("Look for a data set")
            self.rows["dataset"].add_button(self.browse)
            self.browse.clicked.connect(self.dataset_requested)

    @property
    def rows(self) -> dict[str, FieldRow]:
        """The fields of the settings beside the optimiser's."""
        return {name: row for form in self.forms for name, row in form.rows.items()}

    def field(self, name: str) -> FieldRow:
        """Return the field of a training setting; that of the optimiser where the present one has no such setting."""
        rows = {**self.rows, **(self.optimizer_form.rows if self.optimizer_form is not None else {})}
        return rows.get(name, self.optimizer)

    def show_training(self, *, fresh: bool) -> None:
        """Show the settings of the open document."""
        training = self._session.document.training
        problems = self._session.report.problems
        for form in self.forms:
            form.show_configs([training.settings.config() | dict(training.unread)], fresh=fresh)
            form.show_problems([p for p in problems if p.path.startswith(_TRAINING)])
        optimizer = training.optimizer
        if isinstance(optimizer, UnreadableOptimizer):
            kind, config = optimizer.kind, dict(optimizer.config)
        else:
            kind, config = type(optimizer).__name__, optimizer.config() | dict(training.optimizer_unread)
        self.optimizer.show_values([kind], [{}], fresh=fresh)
        self.optimizer.show_problems(tuple(p for p in problems if p.path == f"{_OPTIMIZER}kind"))
        self._make_optimizer_form(kind)
        if self.optimizer_form is not None:
            self.optimizer_form.show_configs([config], fresh=fresh)
            self.optimizer_form.show_problems([p for p in problems if p.path.startswith(_OPTIMIZER)])
        self._show_waiting()

    @Slot(object)
    def show_running(self, running: Training | None) -> None:
        """Say which settings a run that is on leaves to the next one; None when none is on."""
        self._running = running
        self._show_waiting()

    def _add(self, column: QVBoxLayout, names: Sequence[str]) -> None:
        """Add rows in their order; settings that follow each other share a form."""
        run: list[str] = []
        for name in (*names, ""):
            if name in TrainingSettings.model_fields:
                run.append(name)
                continue
            if run:
                form = SettingsForm(TrainingSettings, lettered=False, names=run)
                form.changed.connect(self._set_training)
                form.withdrawn.connect(self._take_training_back)
                self.forms.append(form)
                column.addWidget(form)
                run = []
            if name == OPTIMIZER:
                column.addWidget(self.optimizer)
            elif name == OPTIMIZER_SETTINGS:
                column.addLayout(self._optimizer_place)

    def _show_waiting(self) -> None:
        left = frozenset() if self._running is None else waiting(self._running, self._session.document.training)
        for name, row in [*self.rows.items(), (OPTIMIZER, self.optimizer)]:
            row.show_remark(FROM_THE_NEXT_RUN if name in left else "")

    def _make_optimizer_form(self, kind: str) -> None:
        declaration = OPTIMIZERS.get(kind)
        if self.optimizer_form is not None and self.optimizer_form.declaration is not declaration:
            self._optimizer_place.removeWidget(self.optimizer_form)
            self.optimizer_form.hide()
            self.optimizer_form.deleteLater()
            self.optimizer_form = None
        if self.optimizer_form is None and declaration is not None:
            self.optimizer_form = SettingsForm(declaration, lettered=False)
            self.optimizer_form.changed.connect(self._set_optimizer)
            self.optimizer_form.withdrawn.connect(self._take_optimizer_back)
            self._optimizer_place.addWidget(self.optimizer_form)

    @Slot(str, object, str)
    def _set_training(self, name: str, value: object, visit: str) -> None:
        before = self._session.document
        document = (
            choose_dataset(before, str(value)) if name == "dataset" else set_training(before, {name: as_json(value)})
        )
        self._session.edit(f"set {name.replace('_', ' ')}", document, merge_key=f"training {name} {visit}")

    @Slot(str, object, str)
    def _set_optimizer(self, name: str, value: object, visit: str) -> None:
        if self.sender() is self.optimizer:
            self._session.edit(f"train with {value}", set_optimizer(self._session.document, str(value)))
            return
        if self.optimizer_form is None:
            return
        kind = self.optimizer_form.declaration.__name__
        document = set_optimizer(self._session.document, kind, {name: as_json(value)})
        self._session.edit(f"set {name.replace('_', ' ')}", document, merge_key=f"optimizer {name} {visit}")

    @Slot(str, str)
    def _take_training_back(self, name: str, visit: str) -> None:
        self._session.take_back(f"training {name} {visit}")

    @Slot(str, str)
    def _take_optimizer_back(self, name: str, visit: str) -> None:
        self._session.take_back(f"optimizer {name} {visit}")
