"""The inspector with nothing selected: the network as a whole, and how it is trained."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from core.errors import EditError
from core.graph.edits import set_name
from core.graph.opening import block_at, rename_block
from core.graph.training import Training
from designer import theme
from designer.forms.field_row import FieldRow
from designer.inspector.bars import BarChart, layer_bars
from designer.inspector.budget_part import BudgetPart
from designer.inspector.fact_list import FactList
from designer.inspector.header import Header
from designer.inspector.needs_line import NeedsLine
from designer.inspector.sections import heading, rule
from designer.inspector.training_part import TrainingPart
from designer.layer_facts import total_facts
from designer.problems.cards import ProblemCards
from designer.session import Drawn

UNTITLED = "Untitled"


class DocumentPage(QWidget):
    """Name, totals, where memory and parameters are, and the training settings."""

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
        self.training = TrainingPart(session)

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
        part.addWidget(self.training)
        self._column.addStretch(1)

        self.header.renamed.connect(self._rename)
        self.training.dataset_requested.connect(self.dataset_requested)
        session.whole.readiness_changed.connect(self.needs.look_again)

    def field(self, name: str) -> FieldRow:
        """Return the field of a training setting."""
        return self.training.field(name)

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
        self.training.show_training(fresh=fresh)
        self.needs.look_again()

    def show_running(self, running: Training | None) -> None:
        """Say which settings a run that is on leaves to the next one; None when none is on."""
        self.training.show_running(running)

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
