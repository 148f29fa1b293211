"""The inspector with nothing selected: the network as a whole, and how it is trained."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QToolButton, QVBoxLayout, QWidget

from core.declare import Setting
from core.errors import EditError
from core.graph.edits import choose_dataset, set_name, set_optimizer, set_training
from core.graph.opening import block_at, rename_block
from core.graph.training import Training, TrainingSettings, UnreadableOptimizer
from core.learning.optimizers import OPTIMIZERS
from core.training.adjusting import waiting
from designer import theme
from designer.forms.field_row import FieldRow
from designer.forms.field_text import as_json
from designer.forms.form import SettingsForm
from designer.inspector.bars import BarChart, layer_bars
from designer.inspector.budget_part import BudgetPart
from designer.inspector.fact_list import FactList
from designer.inspector.header import Header
from designer.inspector.needs_line import NeedsLine
from designer.inspector.sections import heading, rule
from designer.layer_facts import total_facts
from designer.problems.cards import ProblemCards
from designer.session import Drawn

UNTITLED = "Untitled"

FROM_THE_NEXT_RUN = "from the next run"
"""Stands beside a setting that the run that is on doesn't take over."""

_TRAINING = "$.training."
_OPTIMIZER = "$.training.optimizer."


class DocumentPage(QWidget):
    """Name, totals, where memory and parameters are, and the training settings."""

    _running: Training | None = None

    dataset_requested = Signal()
    """The user wants to look for a data set."""

    def __init__(self, session: Drawn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.header = Header()
        self.header.title.setAccessibleName("Name of the network")
        self.header.title.setPlaceholderText(UNTITLED)
        self.empty_text = QLabel(
            "Nothing is drawn yet. Drag a layer from the left onto the canvas, or double-click its name."
        )
        self.empty_text.setWordWrap(True)
        theme.mark(self.empty_text, "role", "muted")
        self.facts = FactList()
        self.problems = ProblemCards(session)
        self.memory = BarChart("Where the memory is")
        self.parameters = BarChart("Where the parameters are")
        self.budget = BudgetPart(session.whole)
        self.training = SettingsForm(TrainingSettings, lettered=False)
        self.browse = QToolButton()
        self.browse.setText("…")
        self.browse.setToolTip("Look for a data set")
        self.browse.setAccessibleName("Look for a data set")
        self.training.rows["dataset"].add_button(self.browse)
        help = "The rule by which parameters follow their gradients."
        setting = Setting("optimizer", "choice", help, True, None, None, choices=tuple(OPTIMIZERS))
        self.optimizer = FieldRow(None, setting, lettered=False)
        self.optimizer_form: SettingsForm | None = None

        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        self._column.addWidget(self.header)
        self._column.addWidget(self.empty_text)
        self._column.addWidget(self.facts)
        self._column.addWidget(self.problems)
        for chart in (self.memory, self.parameters):
            self._column.addWidget(chart)
            chart.layer_chosen.connect(self._select)
        self._column.addWidget(self.budget)
        self.training_part = QWidget()
        self._column.addWidget(self.training_part)
        part = QVBoxLayout(self.training_part)
        part.setContentsMargins(0, 0, 0, 0)
        part.setSpacing(12)
        part.addWidget(rule())
        part.addWidget(heading("Training"))
        self.needs = NeedsLine(session.whole)
        part.addWidget(self.needs)
        self._fields = QVBoxLayout()
        self._fields.setSpacing(4)
        self._fields.addWidget(self.training)
        self._fields.addWidget(self.optimizer)
        part.addLayout(self._fields)
        self._column.addStretch(1)

        self.header.renamed.connect(self._rename)
        self.browse.clicked.connect(self.dataset_requested)
        session.whole.readiness_changed.connect(self.needs.look_again)
        self.training.changed.connect(self._set_training)
        self.training.withdrawn.connect(self._take_training_back)
        self.optimizer.changed.connect(self._set_optimizer)

    def field(self, name: str) -> FieldRow:
        """Return the field of a training setting; that of the optimiser where the present one has no such setting."""
        rows = {**self.training.rows, **(self.optimizer_form.rows if self.optimizer_form is not None else {})}
        return rows.get(name, self.optimizer)

    def show_document(self, *, fresh: bool) -> None:
        """Show the open document as a whole."""
        document, report = self.session.document, self.session.report
        block = self._block
        self.header.show_layer(block or document.name, "block" if block else "network", None, "", fresh=fresh)
        self.header.title.setAccessibleName("Name of the block" if block else "Name of the network")
        self.training_part.setVisible(not block)
        self.budget.setVisible(not block)
        drawn = bool(document.graph.layers)
        self.empty_text.setVisible(not drawn)
        self.facts.setVisible(drawn)
        self.facts.show_facts(total_facts(report.totals))
        ours = [p for p in report.problems if p.layer is None]
        self.problems.setVisible(bool(ours) and drawn)
        self.problems.show_problems(ours)
        memory, parameters = layer_bars(document.graph, report)
        self.memory.show_bars(memory)
        self.parameters.show_bars(parameters)
        self._show_training(fresh=fresh)
        self.needs.look_again()

    def _show_training(self, *, fresh: bool) -> None:
        training = self.session.document.training
        problems = self.session.report.problems
        self.training.show_configs([training.settings.config() | dict(training.unread)], fresh=fresh)
        self.training.show_problems([p for p in problems if p.path.startswith(_TRAINING)])
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

    def show_running(self, running: Training | None) -> None:
        """Say which settings a run that is on leaves to the next one; None when none is on."""
        self._running = running
        self._show_waiting()

    def _show_waiting(self) -> None:
        left = frozenset() if self._running is None else waiting(self._running, self.session.document.training)
        for name, row in [*self.training.rows.items(), ("optimizer", self.optimizer)]:
            row.show_remark(FROM_THE_NEXT_RUN if name in left else "")

    def _make_optimizer_form(self, kind: str) -> None:
        declaration = OPTIMIZERS.get(kind)
        if self.optimizer_form is not None and self.optimizer_form.declaration is not declaration:
            self._fields.removeWidget(self.optimizer_form)
            self.optimizer_form.hide()
            self.optimizer_form.deleteLater()
            self.optimizer_form = None
        if self.optimizer_form is None and declaration is not None:
            self.optimizer_form = SettingsForm(declaration, lettered=False)
            self.optimizer_form.changed.connect(self._set_optimizer)
            self.optimizer_form.withdrawn.connect(self._take_optimizer_back)
            self._fields.addWidget(self.optimizer_form)

    @property
    def _block(self) -> str | None:
        """The block that is open."""
        whole = self.session.whole
        return block_at(whole.document.graph, whole.place)

    @Slot(str)
    def _rename(self, name: str) -> None:
        block, whole = self._block, self.session.whole
        if block is None:
            whole.edit("rename the network", set_name(whole.document, name))
            return
        try:
            whole.edit(f"rename block {block} to {name}", rename_block(whole.document, block, name))
        except EditError as error:
            self.header.show_refusal(str(error))
        else:
            self.header.show_refusal("")

    @Slot(str)
    def _select(self, layer: str) -> None:
        self.session.select([layer])

    @Slot(str, object, str)
    def _set_training(self, name: str, value: object, visit: str) -> None:
        before = self.session.document
        document = (
            choose_dataset(before, str(value)) if name == "dataset" else set_training(before, {name: as_json(value)})
        )
        self.session.edit(f"set {name.replace('_', ' ')}", document, merge_key=f"training {name} {visit}")

    @Slot(str, object, str)
    def _set_optimizer(self, name: str, value: object, visit: str) -> None:
        if self.sender() is self.optimizer:
            self.session.edit(f"train with {value}", set_optimizer(self.session.document, str(value)))
            return
        if self.optimizer_form is None:
            return
        kind = self.optimizer_form.declaration.__name__
        document = set_optimizer(self.session.document, kind, {name: as_json(value)})
        self.session.edit(f"set {name.replace('_', ' ')}", document, merge_key=f"optimizer {name} {visit}")

    @Slot(str, str)
    def _take_training_back(self, name: str, visit: str) -> None:
        self.session.take_back(f"training {name} {visit}")

    @Slot(str, str)
    def _take_optimizer_back(self, name: str, visit: str) -> None:
        self.session.take_back(f"optimizer {name} {visit}")
