"""A problem as a card: what, why, and a button for each fix that shows what it would change before it is pressed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize, Qt, Signal, Slot
from PySide6.QtGui import QEnterEvent, QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QToolTip,
    QVBoxLayout,
    QWidget,
)

from core.analysis.advice import SWITCHES
from core.errors import EditError
from core.problems import Fix, Problem, Severity
from core.text import sentence
from designer import theme
from designer.problems.flow import FlowLayout
from designer.problems.names import with_short_names
from designer.problems.outcome import NO_CHANGE, outcome_text
from designer.session import Drawn

SEVERITY_ICONS: dict[Severity, str] = {"error": "error", "advice": "warning", "note": "note"}
SEVERITY_NAMES: dict[Severity, str] = {"error": "Error", "advice": "Advice", "note": "Note"}

_CHOOSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
_OUTCOME = QSize(300, 28)
_WIDEST_PX = 560
_BUTTON_INSET_PX = 5
"""Where a flat button's text begins; other texts are aligned with it."""


def severity_colour(severity: Severity) -> str:
    """Return the colour of a severity's icon."""
    look = theme.current()
    return {"error": look.error, "advice": look.warning, "note": look.muted}[severity]


def _shows_no_tip(event: QEvent) -> bool:
    """Tell whether a tooltip is asked for: that of the card would cover what the fix would change."""
    return event.type() == QEvent.Type.ToolTip


class FixButton(QPushButton):
    """Applies a fix; says when the user considers it, by mouse or keyboard."""

    considered = Signal(object)
    """Carries the `Fix`, or None when the user has moved on."""

    def __init__(self, fix: Fix) -> None:
        short = with_short_names(fix.label)
        super().__init__(theme.button_text(short))
        self.fix = fix
        self.setStatusTip(fix.label if fix.label != short else "")
        self.setAccessibleName(fix.label)
        self.setFlat(True)
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)

    def event(self, event: QEvent) -> bool:
        return _shows_no_tip(event) or super().event(event)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        QToolTip.hideText()
        self.considered.emit(self.fix)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.considered.emit(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.considered.emit(self.fix)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.considered.emit(None)


class OutcomeLabel(QLabel):
    """Room for two short lines beside the buttons, however little is written there."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setContentsMargins(_BUTTON_INSET_PX, 0, 0, 0)
        theme.mark(self, "role", "muted")

    def event(self, event: QEvent) -> bool:
        return _shows_no_tip(event) or super().event(event)

    def sizeHint(self) -> QSize:
        line = self.fontMetrics().horizontalAdvance(self.text()) + _BUTTON_INSET_PX + 4
        return QSize(max(_OUTCOME.width(), min(line, _WIDEST_PX)), _OUTCOME.height())

    def minimumSizeHint(self) -> QSize:
        return QSize(0, _OUTCOME.height())


class ProblemCard(QFrame):
    """One problem of the open document.

    Parameters
    ----------
    session : Drawn
    problem : Problem
    about : str, optional
        The layer whose problems are shown; its name is then left out of the sentence. Without it the card leads to
        the layer, by a click or Enter.
    links : sequence of QPushButton
        Further buttons, before those of the fixes.
    """

    chosen = Signal(str)
    """The user wants to see the layer (of the drawn graph) that has the problem."""

    def __init__(
        self, session: Drawn, problem: Problem, about: str | None = None, links: Sequence[QPushButton] = ()
    ) -> None:
        super().__init__()
        self.links = tuple(links)
        self.session = session
        self.problem = problem
        self.about = about
        theme.mark(self, "role", {"error": "error", "advice": "warning", "note": "card"}[problem.severity])
        what = problem.what
        if about is not None and what.startswith(f"{about}: "):
            what = what.removeprefix(f"{about}: ")
            what = sentence(what, {*session.report.layers, *session.report.block_outputs})
        self.icon = QLabel()
        self.icon.setFixedWidth(16)
        self.icon.setToolTip(SEVERITY_NAMES[problem.severity])
        self.what = _text(what, "strong")
        self.what.setAccessibleName(f"{SEVERITY_NAMES[problem.severity]}: {what}")
        self.outcome = OutcomeLabel() if about is None else _text("", "muted")
        self.outcome.hide()
        self.buttons = [FixButton(fix) for fix in problem.fixes]
        self.mute = self._make_mute() if problem.code in session.advice else None

        head = QHBoxLayout()
        head.setSpacing(6)
        head.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.what, 1)
        if self.mute is not None:
            head.addWidget(self.mute, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(10 - _BUTTON_INSET_PX, 8, 8, 4)
        head.setContentsMargins(_BUTTON_INSET_PX, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        if problem.why:
            column.addWidget(_text(problem.why, "muted"))
        if self.buttons or self.links:
            column.addWidget(self._make_fixes())
            if about is not None:  # in a narrow column the line goes below the buttons, else beside them
                column.addWidget(self.outcome)
        self._leads_to = problem.layer if about is None else None
        if self._leads_to is not None:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.setToolTip(f"Go to {self._leads_to}")
            self.setAccessibleName(self.what.accessibleName())
            self.setAccessibleDescription(problem.why)
        theme.changed.connect(self._paint)
        self._paint()

    def _make_mute(self) -> QToolButton:
        """Make the button that switches this kind of advice off."""
        title = next(advice.title for advice in SWITCHES if advice.code == self.problem.code)
        button = QToolButton()
        button.setAutoRaise(True)
        button.setIconSize(QSize(12, 12))
        button.setFixedSize(18, 18)  # no taller than the line that it is in
        theme.mark(button, "role", "small")
        button.setToolTip(f"Don't show again: {title[0].lower()}{title[1:]}")
        button.setAccessibleName(button.toolTip())
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.clicked.connect(self._mute)
        return button

    @Slot()
    def _mute(self) -> None:
        self.session.set_advice(self.session.advice - {self.problem.code})

    def _make_fixes(self) -> QWidget:
        """Make the line of buttons; the outcome comes last, so that nothing moves away from under the mouse."""
        fixes = QWidget()
        flow = FlowLayout(fixes)
        for link in self.links:
            flow.addWidget(link)
        for button in self.buttons:
            flow.addWidget(button)
            button.considered.connect(self._preview)
            button.clicked.connect(self._apply)
        if self.about is None:
            flow.addWidget(self.outcome)
        return fixes

    @property
    def concerns_training(self) -> bool:
        """Whether it is about training, of which the drawing shows nothing."""
        return self.problem in self.session.whole.training_problems

    @property
    def focus_stops(self) -> list[QWidget]:
        """What the Tab key goes through, in this order."""
        return [self, *self.links, *self.buttons, *([] if self.mute is None else [self.mute])]

    def tidy(self) -> None:
        """Give up the room of an empty outcome."""
        if not self.outcome.text():
            self.outcome.hide()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._leads_to is None:
            super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        if self._leads_to is not None and inside and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self._leads_to)
        else:
            super().mouseReleaseEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._leads_to is not None and event.key() in _CHOOSING:
            self.chosen.emit(self._leads_to)
        else:
            super().keyPressEvent(event)

    @Slot(object)
    def _preview(self, fix: Fix | None) -> None:
        if fix is None:
            self.outcome.clear()
            column = self.parentWidget()
            if column is None or not column.underMouse():  # else cards would move under the mouse
                self.tidy()
            return
        try:
            after = self.session.preview_fix(fix)
        except EditError as error:
            self._say(str(error))
            return
        text = outcome_text(self.session.report, after, self.problem.layer)
        if text == NO_CHANGE and self.concerns_training:
            text = "solves this; the network stays as it is"
        self._say(sentence(text))
        for button in self.buttons:
            button.setAccessibleDescription(text if button.fix is fix else "")

    @Slot()
    def _apply(self) -> None:
        button = self.sender()
        if not isinstance(button, FixButton):
            return
        try:
            self.session.apply_fix(button.fix)
        except EditError as error:  # the document changed since it was offered
            self._say(str(error))

    def _say(self, sentence: str) -> None:
        self.outcome.setText(with_short_names(sentence))
        self.outcome.show()

    @Slot()
    def _paint(self) -> None:
        severity = self.problem.severity
        icon = theme.icon(SEVERITY_ICONS[severity], severity_colour(severity))
        self.icon.setPixmap(icon.pixmap(QSize(16, 16), self.devicePixelRatioF()))
        if self.mute is not None:
            self.mute.setIcon(theme.icon("close", theme.current().muted))


def _text(text: str, role: str) -> QLabel:
    short = with_short_names(text)
    label = QLabel(short)
    label.setToolTip(text if text != short else "")
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setMinimumWidth(1)  # else the longest word decides how wide the whole column is
    label.setContentsMargins(_BUTTON_INSET_PX if role == "muted" else 0, 0, 0, 0)
    theme.mark(label, "role", role)
    return label
