"""The inspector of several layers: what they have in common, edited at once."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.graph.values import layers_by_id, spec_class
from core.layers import Kind
from core.text import counted
from designer import theme
from designer.forms.form import SettingsForm
from designer.inspector.fact_list import FactList
from designer.inspector.layers_form import LayersForm
from designer.inspector.sections import heading, rule
from designer.layer_facts import several_facts
from designer.problems.cards import ProblemCards
from designer.problems.names import with_short_names
from designer.session import Drawn

MOST_CARDS = 20


class SeveralPage(QWidget):
    """The form of layers of one kind, their sums, and their problems."""

    def __init__(self, session: Drawn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.settings = LayersForm(session)
        self.title = QLabel()
        theme.mark(self.title, "role", "title")
        self.kind = QLabel()
        theme.mark(self.kind, "role", "muted")
        self.facts = FactList()
        self.problems_heading = heading("Problems")
        self.problems = ProblemCards(session)

        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.kind)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addLayout(head)
        column.addWidget(self.settings)
        column.addWidget(rule())
        column.addWidget(self.facts)
        column.addWidget(self.problems_heading)
        column.addWidget(self.problems)
        column.addStretch(1)

        self.problems.layer_chosen.connect(self._select)

    @property
    def form(self) -> SettingsForm | None:
        """The fields of their settings; None where they are of several kinds, or have none."""
        return self.settings.form

    def show_layers(self, ids: tuple[str, ...], *, fresh: bool) -> None:
        """Show these layers of the drawn graph."""
        index = layers_by_id(self.session.document.graph)
        layers = [index[id] for id in ids]
        kinds = {layer.kind for layer in layers}
        known = spec_class(layers[0].kind) if len(kinds) == 1 else None
        report = self.session.report
        problems = [problem for id in ids for problem in report.problems_of(id)]
        self.title.setText(counted(len(ids), "layer"))
        self.title.setToolTip(", ".join(ids[:40]))
        label = known.label() if known is not None and issubclass(known, Kind) else layers[0].kind
        self.kind.setText(with_short_names(label) if len(kinds) == 1 else f"of {counted(len(kinds), 'kind')}")
        self.settings.show_layers(layers, problems, fresh=fresh)
        self.facts.show_facts(several_facts(part for id in ids for part in report.inside(id)))
        self.problems_heading.setVisible(bool(problems))
        self.problems.show_problems(problems[:MOST_CARDS])

    @Slot(str)
    def _select(self, layer: str) -> None:
        self.session.go_to(layer)
