"""What a format leaves to choose: a row for each option that it declares."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QWidget

from core.export.exporter import Exporter
from core.export.option import YES_NO, Option
from designer import theme

NARROW = QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
"""No name of a run or a choice widens the column that it stands in."""


class OptionsForm(QWidget):
    """Shows the options of one format; what was chosen for another is kept until that is shown again."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._values: dict[str, dict[str, str]] = {}
        self._exporter: Exporter | None = None
        self._editors: dict[str, QCheckBox | QComboBox] = {}
        self._rows = QGridLayout(self)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setColumnStretch(0, 1)

    def show_options(self, exporter: Exporter, *, has_weights: bool) -> None:
        """Show the options of a format, without those that say something of weights alone where there are none."""
        while (item := self._rows.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._exporter, self._editors = exporter, {}
        for option in exporter.options:
            if has_weights or not option.needs_weights:
                self._add(option, self.values(exporter).get(option.name, option.default))

    def values(self, exporter: Exporter) -> Mapping[str, str]:
        """Return what is chosen for a format where that is not the default."""
        return self._values.get(exporter.format, {})

    def choose(self, name: str, value: str) -> None:
        """Choose a value as a user would."""
        editor = self._editors[name]
        if isinstance(editor, QCheckBox):
            editor.setChecked(value == YES_NO[0])
        else:
            editor.setCurrentText(value)

    def editor(self, name: str) -> QCheckBox | QComboBox:
        """Return the editor of an option that is shown."""
        return self._editors[name]

    def _add(self, option: Option, value: str) -> None:
        row, label = len(self._editors), QLabel(option.name)
        editor: QCheckBox | QComboBox
        if set(option.choices) == set(YES_NO):
            editor = QCheckBox()
            editor.setChecked(value == YES_NO[0])
            editor.toggled.connect(self._collect)
        else:
            editor = QComboBox(sizeAdjustPolicy=NARROW, minimumContentsLength=6)
            editor.addItems(list(option.choices))
            editor.setCurrentText(value)
            editor.currentTextChanged.connect(self._collect)
        for widget in (label, editor):
            widget.setToolTip(option.says)
        editor.setAccessibleName(f"{option.name}: {option.says}")
        theme.mark(label, "role", "muted")
        label.setBuddy(editor)
        self._rows.addWidget(label, row, 0)
        self._rows.addWidget(editor, row, 1, Qt.AlignmentFlag.AlignRight)
        self._editors[option.name] = editor

    @Slot()
    def _collect(self) -> None:
        if self._exporter is None:
            return
        chosen = dict(self.values(self._exporter))
        for option in self._exporter.options:
            editor = self._editors.get(option.name)
            if editor is None:
                continue
            value = YES_NO[not editor.isChecked()] if isinstance(editor, QCheckBox) else editor.currentText()
            chosen.pop(option.name, None)
            if value != option.default:
                chosen[option.name] = value
        self._values[self._exporter.format] = chosen
        self.changed.emit()
