"""The sanity checks of the course: four ticks, each with its number, and what to do where one fails."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from core.errors import EditError
from core.problems import Fix
from core.text import counted
from core.training.sanity.outcome import TITLES, Checking, Outcome
from designer import theme
from designer.session import Change, Session
from designer.training.sanity_run import SanityRun

TITLE = "Sanity checks"
FIRST = "What shows in seconds that a network can learn at all, tried on a copy."
ICON_PX = 16
_BUTTON_INSET_PX = 5
"""Where a flat button's text begins; it is aligned with the other texts."""


class CheckRow(QFrame):
    """One check: a tick or a cross, its number and, where it failed, what to do."""

    fix_chosen = Signal(object)
    """Carries a `Fix`."""

    def __init__(self, check: str) -> None:
        super().__init__()
        self.check = check
        self.outcome: Outcome | None = None
        self._is_stale = False
        self.icon = QLabel()
        self.icon.setFixedWidth(ICON_PX)
        self.title, self.brief, self.what = _label("strong"), _label("muted"), _label("muted")
        self.what.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.fixes = QVBoxLayout()
        self.fixes.setContentsMargins(-_BUTTON_INSET_PX, 0, 0, 0)
        column = QVBoxLayout()
        column.setSpacing(0)
        for label in (self.title, self.brief, self.what):
            column.addWidget(label)
        column.addLayout(self.fixes)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        theme.changed.connect(self._paint)
        self.forget()

    def forget(self) -> None:
        """Show what it is about; nothing is known of it."""
        self._show(None, TITLES[self.check], "", "")

    def show_progress(self, stand: str) -> None:
        """Show how far it is."""
        if self.outcome is None:
            self.brief.setText(stand)
            self.brief.setVisible(bool(stand))

    def show_outcome(self, outcome: Outcome) -> None:
        """Show what came of it."""
        self._show(outcome, outcome.title, outcome.brief, "" if outcome.passed else outcome.what)
        self.setToolTip(outcome.what if outcome.passed else "")
        for fix in outcome.fixes:
            button = QPushButton(theme.button_text(fix.label))
            button.setFlat(True)
            button.setCursor(Qt.CursorShape.PointingHandCursor)
            button.clicked.connect(self._apply)
            self.fixes.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)

    def set_stale(self, is_stale: bool) -> None:
        """Show faintly what is true only of the network before an edit."""
        if is_stale != self._is_stale:
            self._is_stale = is_stale
            for button in self.findChildren(QPushButton):
                button.setEnabled(not is_stale)
            self._paint()

    def _show(self, outcome: Outcome | None, title: str, brief: str, what: str) -> None:
        self.outcome, self._is_stale = outcome, False
        while (item := self.fixes.takeAt(0)) is not None:
            button = item.widget()
            if button is not None:
                button.hide()
                button.deleteLater()
        for label, text in ((self.title, title), (self.brief, brief), (self.what, what)):
            label.setText(text)
            label.setVisible(bool(text))
        word = "not made yet" if outcome is None else _look(outcome)[2]
        self.setAccessibleName(f"{title}: {word}")
        self.setAccessibleDescription(outcome.what if outcome else "")
        self.setToolTip("")
        self._paint()

    @Slot()
    def _apply(self) -> None:
        button = self.sender()
        if self.outcome is not None and isinstance(button, QPushButton):
            label = theme.read_button_text(button.text())
            fix = next((fix for fix in self.outcome.fixes if fix.label == label), None)
            if fix is not None:
                self.fix_chosen.emit(fix)

    @Slot()
    def _paint(self) -> None:
        name, colour, _ = ("pending", theme.current().faint, "") if self.outcome is None else _look(self.outcome)
        if self._is_stale:
            colour = theme.current().faint
        icon = theme.icon(name, colour)
        self.icon.setPixmap(icon.pixmap(QSize(ICON_PX, ICON_PX), self.devicePixelRatioF()))
        theme.mark(self.title, "role", "muted" if self._is_stale or self.outcome is None else "strong")


class SanityPanel(QScrollArea):
    """Makes the checks when it is asked to, also before the first run."""

    found = Signal(object)
    """Carries what failed checks say of layers of the flattened graph, by their ids, in a word or two each."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.run = SanityRun(session, self)
        self.state = _label("muted")
        self.button = QPushButton()
        self.button.setFlat(True)
        self.button.setCursor(Qt.CursorShape.PointingHandCursor)
        self.rows = {check: CheckRow(check) for check in TITLES}
        self._refusal = ""
        self._said: dict[str, str] = {}
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 12, 16, 12)
        column.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(self.state, 1)
        head.addWidget(self.button, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        for row in self.rows.values():
            column.addWidget(row)
            row.fix_chosen.connect(self._apply)
        column.addStretch(1)
        self.setWidget(body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(TITLE)
        self.button.clicked.connect(self._press)
        self.run.began.connect(self._begin)
        self.run.progressed.connect(self._on_progress)
        self.run.judged.connect(self._on_outcome)
        self.run.ended.connect(self._end)
        session.document_changed.connect(self._on_document)
        self._refresh()

    def stop_and_wait(self, seconds: float = 5.0) -> bool:
        """End what is going on; says whether it is gone. For closing the window."""
        return self.run.stop_and_wait(seconds)

    @Slot()
    def _press(self) -> None:
        if self.run.is_running:
            self.run.stop()
            self.button.setEnabled(False)  # until the piece of work that is being done is done
        else:
            self.run.start()

    @Slot()
    def _begin(self) -> None:
        self._refusal = ""
        for row in self.rows.values():
            row.forget()
        self._refresh()

    @Slot(object)
    def _on_progress(self, checking: Checking) -> None:
        self.rows[checking.check].show_progress(checking.stand)

    @Slot(object)
    def _on_outcome(self, outcome: Outcome) -> None:
        self.rows[outcome.check].show_outcome(outcome)
        self._refresh()

    @Slot(str)
    def _end(self, refusal: str) -> None:
        self._refusal = refusal
        for row in self.rows.values():
            row.show_progress("")
        self.button.setEnabled(True)
        self._refresh()

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        if change.label is None:
            self.run.forget()
            self._begin()
        elif change.graph_changed or change.before.training != change.after.training:
            self._refresh()

    @Slot(object)
    def _apply(self, fix: Fix) -> None:
        try:
            self.session.apply_fix(fix)
        except EditError as error:  # the document changed since it was offered
            self._say(str(error), "error")

    def _refresh(self) -> None:
        outcomes = [row.outcome for row in self.rows.values() if row.outcome is not None]
        is_stale = bool(outcomes) and not self.run.is_current
        for row in self.rows.values():
            row.set_stale(is_stale and row.outcome is not None)
        self.button.setText("Stop" if self.run.is_running else "Run again" if outcomes else "Run checks")
        said = {id: outcome.badge for outcome in outcomes if outcome.passed is False for id in outcome.layers}
        if (said := {} if is_stale else said) != self._said:
            self._said = said
            self.found.emit(said)
        failed = sum(outcome.passed is False for outcome in outcomes)
        unjudged = sum(outcome.passed is None for outcome in outcomes)
        self.setWindowTitle(f"{TITLE}  {failed}" if failed and not is_stale else TITLE)
        if self._refusal:
            self._say(self._refusal, "error")
        elif self.run.is_running:
            self._say("Checking on a copy; a run that goes on is not touched.", "muted")
        elif is_stale:
            self._say("Of the network before your edit.", "muted")
        elif not outcomes:
            self._say(FIRST, "muted")
        elif failed:
            self._say(f"{counted(failed, 'check')} failed.", "error")
        elif len(outcomes) < len(self.rows):
            self._say(f"Stopped after {len(outcomes)} of {len(self.rows)}.", "muted")
        elif unjudged:
            self._say(f"{len(outcomes) - unjudged} passed; {unjudged} could not be judged.", "muted")
        else:
            self._say(f"All {len(outcomes)} passed.", "ok")

    def _say(self, text: str, role: str) -> None:
        self.state.setText(text)
        theme.mark(self.state, "role", role)


def _look(outcome: Outcome) -> tuple[str, str, str]:
    """Return icon, colour and word of an outcome."""
    look = theme.current()
    if outcome.passed is None:
        return "note", look.muted, "not judged"
    return ("ok", look.ok, "passed") if outcome.passed else ("error", look.error, "failed")


def _label(role: str) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setMinimumWidth(1)  # else the longest word decides how wide the whole column is
    theme.mark(label, "role", role)
    return label
