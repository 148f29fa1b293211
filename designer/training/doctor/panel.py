"""The doctor: what is wrong with the runs of the document, the worst first, with cures that have been tried."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from core.errors import EditError
from core.problems import Fix
from core.text import counted
from core.training.adjusting import adjusted
from core.training.curing_messages import Curing, Tried
from core.training.messages import Adjusted, Diverged, Epoch, Finding, Started
from designer import theme
from designer.session import Change, Session
from designer.training.doctor.card import CaseCard, Stage
from designer.training.doctor.cases import Case, Cases
from designer.training.doctor.cure_run import CureRun
from designer.training.run import Run

TITLE = "Doctor"
NO_RUN = "No run yet. While a run goes on, what is wrong with it is listed here. Train (F5)."
WATCHING = "Watching the run. Nothing is wrong so far."
HEALTHY = "Nothing was found wrong with the last run."


class DoctorPanel(QScrollArea):
    """Follows the runs of the document, and shows at most three cases."""

    found = Signal(object)
    """Carries what is to be said of layers of the flattened graph, by their ids, in a word or two each."""
    reveal_requested = Signal(str)
    """A layer of the flattened graph is to be brought into view."""

    def __init__(self, session: Session, run: Run, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session, self.run = session, run
        self.cures = CureRun(self)
        self.cases = Cases()
        self.cards: list[CaseCard] = []
        self._has_run = False
        self._said = ""
        self.state = QLabel(NO_RUN)
        self.state.setWordWrap(True)
        self.state.setTextFormat(Qt.TextFormat.PlainText)
        self.state.setMinimumWidth(1)
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
        self.setAccessibleName(TITLE)
        run.started.connect(self._on_started)
        run.adjusted.connect(self._on_adjusted)
        run.found.connect(self._on_found)
        run.epoch_ended.connect(self._on_epoch)
        run.finished.connect(self._on_finished)
        session.document_changed.connect(self._on_document)
        self.cures.began.connect(self._refresh)
        self.cures.progressed.connect(self._on_progress)
        self.cures.told.connect(self._on_tried)
        self.cures.ended.connect(self._on_tried_all)

    def stop_and_wait(self, seconds: float = 5.0) -> bool:
        """End what is being tried; says whether it is gone. For closing the window."""
        return self.cures.stop_and_wait(seconds)

    @Slot(object)
    def _on_started(self, started: Started) -> None:
        self._has_run, self._said = True, ""
        self._set(self.cases.changed(started.step))

    @Slot(object)
    def _on_adjusted(self, change: Adjusted) -> None:
        self._said = f"Changed settings apply since batch {change.step:,}."
        self._set(self.cases.changed(change.step))

    @Slot(object)
    def _on_found(self, finding: Finding) -> None:
        from core.training.findings.findings import SIGNS  # a run has loaded them by now

        ranks = [sign.code for sign in SIGNS]
        rank = ranks.index(finding.code) if finding.code in ranks else -1
        if self.run.document is not None:
            self._set(self.cases.found(Case(finding, self.run.document, rank)))

    @Slot(object)
    def _on_epoch(self, epoch: Epoch) -> None:
        self._set(self.cases.after_epoch(epoch))

    @Slot()
    def _on_finished(self) -> None:
        outcome = self.run.outcome
        if isinstance(outcome, Diverged) and self.run.document is not None:
            from core.training.findings.diverged import finding_of

            self._on_found(finding_of(outcome, self.run.document.training))
        self._refresh()

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if change.label is None:  # another document
            self.cures.forget()
            self._has_run, self._said = False, ""
            self._set(Cases())

    @Slot(object)
    def _try(self, case: Case) -> None:
        path = self.session.path
        self._said = ""
        self.cures.start(case, path.parent.absolute() if path else None)

    @Slot(object)
    def _on_progress(self, curing: Curing) -> None:
        for card in self.cards:
            if card.case.finding.code == self.cures.code:
                card.show_progress(curing)

    @Slot(str, object)
    def _on_tried(self, code: str, outcome: Tried) -> None:
        self._set(self.cases.tried(code, outcome))

    @Slot(str)
    def _on_tried_all(self, refusal: str) -> None:
        self._said = refusal
        self._refresh()

    @Slot(object)
    def _apply(self, cure: Fix) -> None:
        before = self.session.document
        try:
            self.session.apply_fix(cure)
        except EditError as error:  # the document changed since it was offered
            self._said = str(error)
        else:
            self._said = self._applied(cure, before.training == self.session.document.training)
        self._refresh()

    def _applied(self, cure: Fix, is_of_graph: bool) -> str:
        """Say from when on a cure counts."""
        running = self.run.document
        if self.run.state in {"running", "paused"} and running is not None and not is_of_graph:
            _, changes = adjusted(running.training, self.session.document.training)
            if changes:
                return f"{cure.label}: applies from the next batch of this run."
        return f"{cure.label}: done. It counts once you train from the start."

    @Slot(str)
    def _go_to(self, layer: str) -> None:
        if layer in self.session.report.layers:
            self.session.go_to(layer)
            self.session.select([layer.removeprefix(self.session.place)])
            self.reveal_requested.emit(layer)

    def _set(self, cases: Cases) -> None:
        if cases != self.cases:
            before, self.cases = self.cases.badges, cases
            if cases.badges != before:
                self.found.emit(cases.badges)
        self._refresh()

    @Slot()
    def _refresh(self) -> None:
        code = self.cures.code
        layers = self.session.report.layers
        kept, self.cards = self.cards, []
        focused = next((card.case.finding.code for card in kept if card.isAncestorOf(self.focusWidget())), "")
        for case in self.cases.shown:
            stage: Stage = "idle" if not code else "trying" if code == case.finding.code else "waiting"
            card = next((card for card in kept if (card.case, card.stage) == (case, stage)), None)
            if card is None:
                card = CaseCard(case, layers, stage)
                card.trial_asked.connect(self._try)
                card.stop_asked.connect(self.cures.stop)
                card.cure_chosen.connect(self._apply)
                card.layer_chosen.connect(self._go_to)
            self.cards.append(card)
        for card in kept:
            if card not in self.cards:
                self._column.removeWidget(card)
                card.hide()
                card.deleteLater()
        for place, card in enumerate(self.cards):
            self._column.insertWidget(1 + place, card)
            card.show()
            if card.case.finding.code == focused and card not in kept:
                card.take_focus()
        n = self.cases.n_open
        self.setWindowTitle(f"{TITLE}  {n}" if n else TITLE)
        self.state.setText(self._said or self._state())

    def _state(self) -> str:
        n, hidden = self.cases.n_open, len(self.cases.cases) - len(self.cards)
        if not self._has_run:
            return NO_RUN
        if not n:
            return WATCHING if self.run.state in {"running", "paused", "starting"} else HEALTHY
        more = f" The {len(self.cards)} worst are shown." if hidden > 0 else ""
        return f"{counted(n, 'finding')}.{more}"
