"""The inspector of several layers: what they have in common, edited at once."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.declare import Declared
from core.graph.edits import listed, set_config
from core.graph.values import layers_by_id, spec_class
from core.layers import Kind
from core.text import counted
from designer import theme
from designer.inspector.fact_list import FactList
from designer.inspector.facts import several_facts
from designer.inspector.field_text import as_json
from designer.inspector.form import SettingsForm
from designer.inspector.sections import heading, rule
from designer.problems.cards import ProblemCards
from designer.problems.names import with_short_names
from designer.session import Drawn

MOST_CARDS = 20


class SeveralPage(QWidget):
    """The form of layers of one kind, their sums, and their problems."""

    def __init__(self, session: Drawn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.ids: tuple[str, ...] = ()
        self.form: SettingsForm | None = None
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
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(12)
        self._column.addLayout(head)
        self._column.addWidget(rule())
        self._column.addWidget(self.facts)
        self._column.addWidget(self.problems_heading)
        self._column.addWidget(self.problems)
        self._column.addStretch(1)

        self.problems.layer_chosen.connect(self._select)

    def show_layers(self, ids: tuple[str, ...], *, fresh: bool) -> None:
        """Show these layers of the drawn graph."""
        self.ids = ids
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
        self._make_form(known)
        if self.form is not None:
            self.form.show_configs([layer.config for layer in layers], fresh=fresh)
            self.form.show_problems(problems)
        self.facts.show_facts(several_facts(part for id in ids for part in report.inside(id)))
        self.problems_heading.setVisible(bool(problems))
        self.problems.show_problems(problems[:MOST_CARDS])

    def _make_form(self, known: type[Declared] | None) -> None:
        declaration = known if known is not None and known.settings() else None
        if self.form is not None and self.form.declaration is not declaration:
            self._column.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = None
        if self.form is None and declaration is not None:
            self.form = SettingsForm(declaration)
            self.form.changed.connect(self._set)
            self.form.withdrawn.connect(self._take_back)
            self._column.insertWidget(1, self.form)

    @Slot(str)
    def _select(self, layer: str) -> None:
        self.session.go_to(layer)

    @Slot(str, object, str)
    def _set(self, name: str, value: object, visit: str) -> None:
        document = self.session.document
        for id in self.ids:
            document = set_config(document, id, {name: as_json(value)})
        label = f"set {name.replace('_', ' ')} of {listed(self.ids)}"
        self.session.edit(label, document, merge_key=f"{' '.join(self.ids)} {name} {visit}")

    @Slot(str, str)
    def _take_back(self, name: str, visit: str) -> None:
        self.session.take_back(f"{' '.join(self.ids)} {name} {visit}")
