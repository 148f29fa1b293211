"""Your data looks wrong: what was found about the samples, as the same cards as the problems of the drawing."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from core.io.datasets import Dataset
from core.io.datasets.findings import DataFinding
from core.problems import Problem
from core.text import counted
from designer import theme
from designer.problems.card import ProblemCard
from designer.problems.data_check import DataCheck
from designer.session import Session

TITLE = "Checks"
NOT_YET = "What looks wrong with the samples is listed here, as soon as they are read."
LOOKING = "Looking at {} …"


class Read(Protocol):
    """What is known of a data set that was read."""

    @property
    def name(self) -> str: ...

    @property
    def stored(self) -> Dataset | None:
        """With the labels of its files; None where it could not be read."""

    @property
    def refusal(self) -> str:
        """Why it could not be read."""


class FindingCard(ProblemCard):
    """One finding about the samples."""

    shown = Signal(object, str)
    """The user wants to see samples: a tuple of their places, and what is said of them."""

    def __init__(self, session: Session, finding: DataFinding) -> None:
        problem = Problem(finding.code, finding.what, finding.why, finding.severity, fixes=finding.fixes)
        show = QPushButton("Show it" if len(finding.samples) == 1 else "Show them")
        show.setFlat(True)
        show.setAutoDefault(False)
        show.setCursor(Qt.CursorShape.PointingHandCursor)
        show.setAccessibleName(f"Show the {counted(len(finding.samples), 'sample')}")
        super().__init__(session, problem, links=(show,) if finding.samples else ())
        self.finding = finding
        show.clicked.connect(self._show)

    @property
    def concerns_training(self) -> bool:
        """Whether it is about training, of which the drawing shows nothing."""
        return True

    @Slot()
    def _show(self) -> None:
        self.shown.emit(self.finding.samples, self.finding.what)


class DataPanel(QScrollArea):
    """All findings about the samples of the document's data set, errors first."""

    samples_chosen = Signal(object, str)
    """The user wants to see samples: a tuple of their places in the data set, and what is said of them."""
    looked_at = Signal()
    """Somebody looks: the data set is to be read."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.cards: list[FindingCard] = []
        self.check = DataCheck(session, self)
        self.check.told.connect(self.show_findings)
        self.state = QLabel(NOT_YET)
        self.state.setWordWrap(True)
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        theme.mark(self.state, "role", "muted")
        body = QWidget()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(16, 12, 16, 12)
        self._column.setSpacing(8)
        self._column.addWidget(self.state)
        self._column.addStretch(1)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Checks of the data")

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.looked_at.emit()

    @Slot(object)
    def show_loaded(self, read: Read) -> None:
        """Look at a data set that was read, or say why it could not be."""
        if read.stored is None:
            self.check.look_at(None)
            self._show((), f"{read.name} can't be checked. {read.refusal}")
        elif read.stored is not self.check.dataset:
            self._show((), LOOKING.format(read.name))
            self.check.look_at(read.stored)

    @Slot(object)
    def show_findings(self, findings: tuple[DataFinding, ...]) -> None:
        """Show these findings and no others; cards of those that stay are left alone."""
        dataset = self.check.dataset
        if dataset is None:
            return
        looked_at = f"{counted(len(dataset), 'sample')} of {dataset.name}"
        if findings:
            numbers = [(sum(f.severity == kind for f in findings), names) for kind, *names in _SEVERITIES]
            said = " · ".join(counted(n, *names) for n, names in numbers if n)
            self._show(findings, f"{said}, in {looked_at}")
        else:
            self._show((), f"Nothing looks wrong with the {looked_at}.")

    def _show(self, findings: tuple[DataFinding, ...], state: str) -> None:
        self.state.setText(state)
        kept = list(self.cards)
        cards = []
        for finding in findings:
            card = next((card for card in kept if card.finding == finding), None)
            if card is not None:
                kept.remove(card)
            else:
                card = FindingCard(self.session, finding)
                card.shown.connect(self.samples_chosen)
            cards.append(card)
        for card in kept:
            self._column.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards = cards
        for place, card in enumerate(cards):
            self._column.insertWidget(1 + place, card)
            card.show()
        self.setWindowTitle(f"{TITLE}  {len(cards)}" if cards else TITLE)


_SEVERITIES = (("error", "error"), ("advice", "piece of advice", "pieces of advice"), ("note", "note"))
