"""The inspector of one layer."""

from __future__ import annotations

import json

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from core.analysis.report import LayerReport
from core.errors import EditError
from core.graph.edits import rename_layer, set_initializer, set_trainable
from core.graph.values import Layer, Weights, layers_by_id, spec_class
from core.layers import Kind
from designer.forms.form import SettingsForm
from designer.inspector.fact_list import FactList
from designer.inspector.header import Header
from designer.inspector.layers_form import LayersForm
from designer.inspector.sections import heading, rule
from designer.layer_facts import block_facts, layer_facts
from designer.problems.cards import ProblemCards
from designer.session import Drawn


class LayerPage(QWidget):
    """Name, settings, facts and problems of the selected layer."""

    def __init__(self, session: Drawn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.layer_id = ""
        self.header = Header()
        self.header.title.setAccessibleName("Name of the layer")
        self.settings = LayersForm(session)
        self.raw = QPlainTextEdit()
        self.raw.setReadOnly(True)
        self.raw.setAccessibleName("Settings as they stand in the file")
        self.raw.setFixedHeight(120)
        self.freezing = SettingsForm(Weights)
        self.facts = FactList()
        self.problems_heading = heading("Problems")
        self.problems = ProblemCards(session)

        fields = QVBoxLayout()
        fields.setSpacing(4)
        fields.addWidget(self.settings)
        fields.addWidget(self.freezing)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self.header)
        column.addWidget(self.raw)
        column.addLayout(fields)
        column.addWidget(rule())
        column.addWidget(self.facts)
        column.addWidget(self.problems_heading)
        column.addWidget(self.problems)
        column.addStretch(1)

        self.header.renamed.connect(self._rename)
        self.header.typed.connect(self._try_name)
        self.freezing.changed.connect(self._set_weights)
        self.freezing.withdrawn.connect(self._take_weights_back)

    @property
    def form(self) -> SettingsForm | None:
        """The fields of its settings; None where it has none."""
        return self.settings.form

    def show_layer(self, layer_id: str, *, fresh: bool) -> None:
        """Show a layer of the drawn graph.

        Parameters
        ----------
        layer_id : str
        fresh : bool
            Whether another layer, or another document, was shown before: then unfinished text is dropped.
        """
        self.layer_id = layer_id
        layer = layers_by_id(self.session.document.graph)[layer_id]
        report = self.session.report.layers.get(layer_id)
        problems = self.session.report.problems_of(layer_id)
        known = spec_class(layer.kind)
        is_kind = known is not None and issubclass(known, Kind)
        self.header.show_layer(
            layer_id,
            known.label() if known is not None and is_kind else layer.kind,
            known.family if known is not None and issubclass(known, Kind) else None,
            known.summary() if known is not None else "This version does not know this kind.",
            fresh=fresh,
        )
        self.settings.show_layers([layer], problems, fresh=fresh)
        self.raw.setVisible(known is None)
        if known is None:
            self.raw.setPlainText(json.dumps(layer.config, indent=2, ensure_ascii=False, default=str))
        self._show_freezing(layer, report, fresh=fresh)
        if report is None:
            inside = tuple(self.session.report.inside(layer_id))
            self.facts.show_facts(block_facts(self.session.report.of(layer_id), inside))
        else:
            self.facts.show_facts(layer_facts(report))
        self.problems_heading.setVisible(bool(problems))
        self.problems.show_problems(problems, layer_id)

    def _show_freezing(self, layer: Layer, report: LayerReport | None, *, fresh: bool) -> None:
        weights = None if report is None else report.facts.weights
        if weights is not None or fresh or report is None:  # unknown while something is wrong: stay as it is
            learns = any(weight.role == "parameter" for weight in (weights or {}).values())
            drawn = any(weight.filling is None for weight in (weights or {}).values())
            begins = drawn or layer.initializer is not None or "initializer" in layer.unread
            self.freezing.setVisible(learns or not layer.trainable or begins)
            self.freezing.rows["initializer"].setVisible(begins)
        initializer = None if layer.initializer is None else layer.initializer.written()
        config = {"trainable": layer.trainable, "initializer": initializer}
        config |= {name: value for name, value in layer.unread.items() if name in config}
        self.freezing.show_configs([config], fresh=fresh)
        problems = self.session.report.problems_of(self.layer_id)
        self.freezing.show_problems(problems)

    @Slot(str, object, str)
    def _set_weights(self, name: str, value: object, visit: str) -> None:
        if name == "initializer":
            document = set_initializer(self.session.document, self.layer_id, value)
            key = f"initializer of {self.layer_id} {visit}"
            self.session.edit(f"set initializer of {self.layer_id}", document, merge_key=key)
            return
        label = f"{'unfreeze' if value else 'freeze'} {self.layer_id}"
        self.session.edit(label, set_trainable(self.session.document, self.layer_id, bool(value)))

    @Slot(str, str)
    def _take_weights_back(self, name: str, visit: str) -> None:
        self.session.take_back(f"{name} of {self.layer_id} {visit}")

    @Slot(str)
    def _rename(self, to: str) -> None:
        try:
            self.session.rename(self.layer_id, to)
        except EditError as error:
            self.header.show_refusal(str(error))
        else:
            self.header.show_refusal("")

    @Slot(str)
    def _try_name(self, to: str) -> None:
        try:
            rename_layer(self.session.document, self.layer_id, to)
        except EditError as error:
            self.header.show_refusal(str(error))
        else:
            self.header.show_refusal("")
