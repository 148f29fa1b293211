"""Facts on the screen: names at the left, values at the right, formulas small below."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from designer import theme
from designer.layer_facts import Fact

_SELECTABLE = Qt.TextInteractionFlag.TextSelectableByMouse


class FactLine(QWidget):
    """One fact; its labels stay the same widgets while the numbers change."""

    def __init__(self) -> None:
        super().__init__()
        self.name = QLabel()
        theme.mark(self.name, "role", "muted")
        self.value = QLabel()
        theme.mark(self.value, "role", "strong")
        self.value.setTextInteractionFlags(_SELECTABLE)
        self.formulas = QLabel()
        theme.mark(self.formulas, "role", "muted")
        self.formulas.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.formulas.setWordWrap(True)
        self.formulas.setTextInteractionFlags(_SELECTABLE)
        line = QHBoxLayout()
        line.addWidget(self.name)
        line.addStretch(1)
        line.addWidget(self.value)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(line)
        column.addWidget(self.formulas)

    def show_fact(self, fact: Fact) -> None:
        """Show another state of it."""
        self.name.setText(fact.name)
        self.value.setText(fact.value)
        self.value.setAccessibleName(f"{fact.name}: {fact.value}")
        self.formulas.setText("\n".join(fact.formulas))
        self.formulas.setVisible(bool(fact.formulas))
        self.setToolTip(fact.help)


class FactList(QWidget):
    """As many lines as there are facts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines: list[FactLine] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show these and no others."""
        while len(self.lines) < len(facts):
            line = FactLine()
            self.lines.append(line)
            self._column.addWidget(line)
        for line, fact in zip(self.lines, facts, strict=False):
            line.show_fact(fact)
        for place, line in enumerate(self.lines):
            line.setVisible(place < len(facts))
