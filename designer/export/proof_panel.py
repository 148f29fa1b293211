"""The proof: which exports were compared, how far they are from ours, layer by layer, and what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor, log10

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from core.export.proof.proving import Outcome, missing_text
from core.text import counted
from designer import theme
from designer.export.choice import Choice
from designer.export.difference_plot import DifferencePlot
from designer.export.format_list import state_of

HEAD = ("format", "compared with", "largest", "where")
ROW_PX = 24


class ProofPanel(QWidget):
    """Shows a row for each way to export that computes; asks to compare, and to accept what differs."""

    compare_asked = Signal()
    accepted = Signal()
    exact_asked = Signal()
    """What is chosen is to be as it is by default, which is exact."""
    row_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.about = QLabel()
        theme.mark(self.about, "role", "muted")
        self.compare = QPushButton("Compare")
        self.compare.setToolTip("Run what is written in a process of its own, and compare it with Convograph")
        self.compare.clicked.connect(self.compare_asked)
        self.table = QTableWidget(0, len(HEAD))
        self.table.setHorizontalHeaderLabels(list(HEAD))
        self.table.setAccessibleName("What was compared")
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(ROW_PX)
        self.table.setShowGrid(False)
        self.table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.table.setMinimumWidth(300)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        self.table.itemSelectionChanged.connect(self._tell_row)
        self.verdict = QLabel(wordWrap=True)
        self.exact = QPushButton("Use float32")
        self.exact.clicked.connect(self.exact_asked)
        self.accept = QPushButton()
        self.accept.clicked.connect(self.accepted)
        for link in (self.exact, self.accept):
            theme.mark(link, "flat", True)
        self.card = QFrame()
        self.plot = DifferencePlot()
        self._lay_out()

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        title = QLabel("Proof of parity")
        title.setFont(theme.font(13, 600))
        head.addWidget(title)
        head.addWidget(self.about, 1)
        head.addWidget(self.compare)
        links = QHBoxLayout()
        links.addWidget(self.exact)
        links.addWidget(self.accept)
        links.addStretch()
        inside = QVBoxLayout(self.card)
        inside.setContentsMargins(10, 6, 10, 6)
        inside.setSpacing(2)
        inside.addWidget(self.verdict)
        inside.addLayout(links)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(head, 0, 0, 1, 2)
        layout.addWidget(self.table, 1, 0)
        layout.addWidget(self.card, 2, 0)
        layout.addWidget(self.plot, 1, 1, 2, 1)
        layout.setColumnStretch(0, 5)
        layout.setColumnStretch(1, 3)
        layout.setRowStretch(1, 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(420, 170)

    def show_rows(self, rows: Sequence[tuple[Choice, Outcome | None]], current: int | None) -> None:
        """Show what was compared, and what could be; none of it is chosen where `current` is None."""
        self.table.blockSignals(True)
        self.table.setRowCount(len(rows))
        for row, (choice, outcome) in enumerate(rows):
            state, cells = state_of(outcome), _cells(choice, outcome)
            for column, text in enumerate(cells):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                if column == 0:
                    name, colour = _ICONS["" if state is None else state[0]]
                    item.setIcon(theme.icon(name, getattr(theme.current(), colour)))
                if column == 2:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                    if state is not None and state[0] != "ok":
                        item.setForeground(QColor(getattr(theme.current(), f"{state[0]}_text")))
                self.table.setItem(row, column, item)
        self.table.clearSelection()
        if current is not None:
            self.table.selectRow(current)
            self.table.scrollTo(self.table.model().index(current, 0))
        self.table.blockSignals(False)

    def show_outcome(self, choice: Choice, outcome: Outcome | None, *, accepted: bool) -> None:
        """Say what came of the proof of what is chosen."""
        fails = outcome is not None and outcome.passed is False
        self.exact.setVisible(fails and any(name == "type" for name, _ in choice.options))
        self.accept.setVisible(fails and not accepted)
        if outcome is None:
            self.say("Runs what is written in a process of its own, and compares it layer by layer.")
        else:
            self.say(_verdict(choice, outcome, accepted=accepted), _CARDS[outcome.passed])
        if outcome is not None and fails:
            self.accept.setText(f"Accept {most_text(outcome)}")
        self.plot.show_layers({} if outcome is None else outcome.layers, 0.0 if outcome is None else outcome.tolerance)

    def say(self, text: str, role: str = "card") -> None:
        """Show a sentence on a card."""
        self.verdict.setText(text)
        theme.mark(self.card, "role", role)

    @Slot()
    def _tell_row(self) -> None:
        if self.table.selectedItems():
            self.row_chosen.emit(self.table.currentRow())


_ICONS = {"ok": ("ok", "ok"), "error": ("error", "error"), "warning": ("warning", "warning"), "": ("pending", "muted")}
_CARDS = {True: "cured", False: "error", None: "warning"}


def _cells(choice: Choice, outcome: Outcome | None) -> tuple[str, str, str, str]:
    if outcome is None:
        return choice.title, "", "not compared", ""
    if outcome.passed is None:
        proof = choice.exporter.proof
        return choice.title, f"{'' if proof is None else proof.libraries[0]} is not installed", "not compared", ""
    largest = outcome.largest_difference
    return (
        choice.title,
        outcome.compared_with or "",
        "no numbers" if largest is None else f"{largest:.1e}",
        (outcome.worst or ""),
    )


def most_text(outcome: Outcome) -> str:
    """Say what is accepted of an export that differs: "up to 2e-3", rounded up."""
    largest = outcome.largest_difference
    if largest is None:
        return "without numbers"
    power = floor(log10(largest))
    digit = ceil(largest / 10**power * (1 - 1e-9))
    return f"up to {digit}e{power}" if digit < 10 else f"up to 1e{power + 1}"


def _verdict(choice: Choice, outcome: Outcome, *, accepted: bool) -> str:
    if outcome.passed is None:
        return f"{missing_text(choice.exporter)}. The script that compares is written along with weights: run it there."
    n, tolerance = counted(outcome.samples, "sample"), f"{outcome.tolerance:g}"
    if outcome.passed:
        return (
            f"{choice.title} computes the same: no layer differs by more than {tolerance} of its largest value ({n})."
        )
    beyond = f"{choice.title} differs by more than {tolerance}, from {outcome.first_beyond} on"
    if outcome.largest_difference is None:
        beyond += ": no numbers came out"
    decisions = _decisions(outcome)
    return f"{beyond}. {decisions}{'It is written as it is: you accepted it.' if accepted else ''}".strip()


def _decisions(outcome: Outcome) -> str:
    same, n = outcome.same_decisions, outcome.samples
    if same is None:
        return ""
    if same == n:
        return f"All {n} decisions are the same. "
    return f"{counted(n - same, 'decision')} of {n} {'is' if n - same == 1 else 'are'} another one. "
