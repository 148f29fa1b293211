"""A form for any declaration: a row for each setting, whatever it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.declare import Declared, Setting
from core.problems import Problem
from designer.forms.field_row import Config, FieldRow
from designer.forms.field_text import as_json

_INDENT_PX = 6


class KindRow(FieldRow):
    """A setting that is one of several kinds: a choice of their names, and below it the settings of the chosen one."""

    def __init__(self, declaration: type[Declared] | None, setting: Setting, *, lettered: bool = True) -> None:
        super().__init__(declaration, setting, lettered=lettered)
        self.form: SettingsForm | None = None
        self._lettered = lettered

    def show_values(self, values: Sequence[Any], configs: Sequence[Config], *, fresh: bool) -> None:
        super().show_values(values, configs, fresh=fresh)
        kind, config = parts_of(self._shown, self.setting)
        self._make_form(self.setting.kinds.get(kind) if kind is not None else None)
        if self.form is not None:
            self.form.show_configs([config], fresh=fresh)

    def _make_form(self, declaration: type[Declared] | None) -> None:
        if self.form is not None and self.form.declaration is not declaration:
            self._column.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
            self.form = None
        if self.form is None and declaration is not None and declaration.model_fields:
            self.form = SettingsForm(declaration, lettered=False)
            self.form.setContentsMargins(_INDENT_PX + (20 if self._lettered else 0), 2, 0, 4)
            self.form.changed.connect(self._set_within)
            self.form.withdrawn.connect(self._withdraw_within)
            self._column.addWidget(self.form)

    def _read(self, value: Any) -> None:
        """Go over to another kind, with those settings of the old one that mean the same in it."""
        if isinstance(value, str) and value in self.setting.kinds:
            old, config = parts_of(self._shown, self.setting)
            known = self.setting.kinds.get(old) if old is not None else None
            new, before = self.setting.kinds[value].settings(), known.settings() if known is not None else {}
            kept = {
                name: part
                for name, part in config.items()
                if name in new and name in before and new[name].default == before[name].default
            }
            value = written(value, {**self.setting.kinds[value].start_config(), **kept}, self.setting)
        super()._read(value)

    @Slot(str, object, str)
    def _set_within(self, name: str, value: object, visit: str) -> None:
        kind, config = parts_of(self._shown, self.setting)
        if kind is not None:
            whole = written(kind, {**config, name: as_json(value)}, self.setting)
            self.changed.emit(self.setting.name, whole, f"{name} {visit}")

    @Slot(str, str)
    def _withdraw_within(self, name: str, visit: str) -> None:
        self.withdrawn.emit(self.setting.name, f"{name} {visit}")


def parts_of(value: Any, setting: Setting) -> tuple[str | None, dict[str, Any]]:
    """Take a written kind apart, into its name and its settings; None where it names none.

    >>> from core.graph.training import TrainingSettings
    >>> settings = TrainingSettings.settings()
    >>> parts_of({"kind": "Step", "every": 5}, settings["schedule"]), parts_of("hinge", settings["loss"])
    (('Step', {'every': 5}), ('hinge', {}))
    >>> parts_of({"patience": 3}, settings["early_stopping"]), parts_of(None, settings["schedule"])
    (('early_stopping', {'patience': 3}), (None, {}))
    """
    if isinstance(value, str):
        return value, {}
    if not isinstance(value, Mapping):
        return None, {}
    config = dict(value)
    name = config.pop("kind", next(iter(setting.kinds)) if len(setting.kinds) == 1 else None)
    return name if isinstance(name, str) else None, config


def written(kind: str, config: Config, setting: Setting) -> Any:
    """Put a kind together again, as it may stand in a file."""
    if len(setting.kinds) == 1:
        return dict(config)
    return {"kind": kind, **config} if config else kind


class SettingsForm(QWidget):
    """The settings of a declaration, for one or several layers at once.

    Parameters
    ----------
    declaration : type of Declared
    lettered : bool
        Whether there is a column for course letters.
    names : sequence of str, optional
        The settings that have a row; by default all.
    """

    changed = Signal(str, object, str)
    """A valid value was entered: name, value, and the name of the visit to the field."""
    withdrawn = Signal(str, str)
    """What was entered in a visit is to be taken back: name, and name of the visit."""

    def __init__(
        self, declaration: type[Declared], *, lettered: bool = True, names: Sequence[str] | None = None
    ) -> None:
        super().__init__()
        self.declaration = declaration
        self.rows: dict[str, FieldRow] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.setAlignment(Qt.AlignmentFlag.AlignTop)
        settings = declaration.settings()
        for name in settings if names is None else names:
            setting = settings[name]
            if setting.type == "kinds":  # what is done to the data is edited beside the data
                continue
            row = (KindRow if setting.type == "kind" else FieldRow)(declaration, setting, lettered=lettered)
            row.changed.connect(self.changed)
            row.withdrawn.connect(self.withdrawn)
            self.rows[name] = row
            column.addWidget(row)

    def show_configs(self, configs: Sequence[Config], *, fresh: bool = False) -> None:
        """Show settings as they stand in the file; those left out stand at their defaults.

        Parameters
        ----------
        configs : sequence of mapping
            One for each layer.
        fresh : bool
            Whether the form is now about something else: unfinished text is dropped.
        """
        for name, row in self.rows.items():
            row.show_values([config.get(name, row.setting.default) for config in configs], configs, fresh=fresh)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Mark the fields that problems speak of."""
        for name, row in self.rows.items():
            row.show_problems(tuple(problem for problem in problems if problem.field == name))
