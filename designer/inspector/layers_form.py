"""The settings of one layer, or of several of a kind, edited together."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.declare import Declared
from core.graph.edits import listed, set_config
from core.graph.values import Layer, spec_class
from core.problems import Problem
from designer.forms.field_text import as_json
from designer.forms.form import SettingsForm
from designer.session import Drawn


class LayersForm(QWidget):
    """Makes the form that fits the selected layers, and one edit of what is entered in it.

    Attributes
    ----------
    form : SettingsForm or None
        None where the layers are of several kinds, or of one that has no settings.
    """

    def __init__(self, session: Drawn) -> None:
        super().__init__()
        self.session = session
        self.form: SettingsForm | None = None
        self._ids: tuple[str, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self._column = column

    def show_layers(self, layers: Sequence[Layer], problems: Sequence[Problem], *, fresh: bool) -> None:
        """Show the settings of layers of the drawn graph, and mark those that problems speak of.

        Parameters
        ----------
        layers : sequence of Layer
            At least one.
        problems : sequence of Problem
        fresh : bool
            Whether other layers, or another document, were shown before: then unfinished text is dropped.
        """
        self._ids = tuple(layer.id for layer in layers)
        kinds = {layer.kind for layer in layers}
        known = spec_class(layers[0].kind) if len(kinds) == 1 else None
        self._declare(known if known is not None and known.settings() else None)
        if self.form is not None:
            self.form.show_configs([layer.config for layer in layers], fresh=fresh)
            self.form.show_problems(problems)
        self.setVisible(self.form is not None)

    def _declare(self, declaration: type[Declared] | None) -> None:
        """Keep the form of the same declaration, with what is being typed in it; make another one otherwise."""
        if self.form is not None and self.form.declaration is not declaration:
            self._column.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = None
        if self.form is None and declaration is not None:
            self.form = SettingsForm(declaration)
            self.form.changed.connect(self._set)
            self.form.withdrawn.connect(self._take_back)
            self._column.addWidget(self.form)

    @Slot(str, object, str)
    def _set(self, name: str, value: object, visit: str) -> None:
        document = self.session.document
        for id in self._ids:
            document = set_config(document, id, {name: as_json(value)})
        label = f"set {name.replace('_', ' ')} of {listed(self._ids)}"
        self.session.edit(label, document, merge_key=self._merge_key(name, visit))

    @Slot(str, str)
    def _take_back(self, name: str, visit: str) -> None:
        self.session.take_back(self._merge_key(name, visit))

    def _merge_key(self, name: str, visit: str) -> str:
        return f"{' '.join(self._ids)} {name} {visit}"
