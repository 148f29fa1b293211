"""One case as a card: what was found, its evidence, and cures with what their trials gave."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Literal, TypeAlias

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout

from core.training.curing_messages import Curing
from designer import theme
from designer.training.doctor.cases import Case
from designer.training.doctor.spark_line import EvidenceView

ICON_PX = 16
WAITING = "This was found before the settings changed or a new run began. It has not been found again so far."
_BUTTON_INSET_PX = 5
"""Where a flat button's text begins; other texts are aligned with it."""
_TEXT = Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard

Stage: TypeAlias = Literal["idle", "trying", "waiting"]
"""Whether cures of this case are being tried, or those of another."""


class CaseCard(QFrame):
    """A case; made anew when something becomes of it."""

    layer_chosen = Signal(str)
    """The user wants to see a layer of the flattened graph."""
    trial_asked = Signal(object)
    """Carries the `Case` whose cures are to be tried."""
    stop_asked = Signal()
    cure_chosen = Signal(object)
    """Carries a `Fix` that has been tried."""

    def __init__(self, case: Case, layers: Iterable[str], stage: Stage = "idle") -> None:
        super().__init__()
        self.case, self.stage = case, stage
        finding, layers = case.finding, tuple(layers)
        self.kind = "ok" if case.cured else "note" if finding.severity == "note" else "warning"
        theme.mark(self, "role", {"ok": "cured", "note": "card", "warning": "warning"}[self.kind])
        self.icon = QLabel()
        self.icon.setFixedWidth(ICON_PX)
        self.title = _label("strong", f"{finding.title}: cured" if case.cured else finding.title)
        head = QHBoxLayout()
        head.setSpacing(6)
        head.setContentsMargins(_BUTTON_INSET_PX, 0, 0, 0)
        head.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        head.addWidget(self.title, 1)
        self._column = column = QVBoxLayout(self)
        column.setContentsMargins(10 - _BUTTON_INSET_PX, 8, 8, 6)
        column.setSpacing(3)
        column.addLayout(head)
        self.what = _label("muted", linked(case.cured or finding.what, layers), rich=True)
        self.what.linkActivated.connect(self.layer_chosen)
        column.addWidget(self.what)
        if case.is_waiting:
            column.addWidget(_label("muted", WAITING))
        if case.cured:
            column.addWidget(_label("muted", linked(f"It was: {finding.what}", layers), rich=True))
        self.evidence = (
            None
            if finding.evidence is None
            else EvidenceView(finding.evidence, inset_px=_BUTTON_INSET_PX, is_past=bool(case.cured))
        )
        if self.evidence is not None:
            column.addWidget(self.evidence)
        self.progress = _label("muted", "")
        self.progress.hide()
        self.trial_button: QPushButton | None = None
        self.cure_buttons: dict[str, QPushButton] = {}
        if not case.cured:
            column.addWidget(_label("muted", linked(finding.why, layers), rich=True))
            self._add_outcomes()
            self._add_trial()
        column.addWidget(self.progress)
        said = {"ok": "Cured", "note": "Note", "warning": "Advice"}[self.kind]
        self.setAccessibleName(f"{said}: {finding.title}")
        self.setAccessibleDescription(f"{case.cured or finding.what} {'' if case.cured else finding.why}".strip())
        theme.changed.connect(self._paint)
        self._paint()

    def _add_outcomes(self) -> None:
        """Offer what has been tried and helps; of the rest say what came of it."""
        for tried in self.case.tried:
            if not tried.helps:
                self._column.addWidget(_label("muted", f"{tried.cure.label} does not help. {tried.what}"))
                continue
            button = _button(tried.cure.label)
            button.setAccessibleDescription(tried.what)
            button.clicked.connect(self._apply)
            self.cure_buttons[tried.cure.label] = button
            self._column.addWidget(button)
            self._column.addWidget(_label("muted", tried.what))

    def _add_trial(self) -> None:
        is_trying = self.stage == "trying"
        if not self.case.finding.cures or (self.case.tried and not is_trying):
            return
        button = self.trial_button = _button("Stop" if is_trying else "Try cures")
        button.setEnabled(self.stage != "waiting")
        button.setAccessibleName("Stop trying" if is_trying else f"Try cures of: {self.case.finding.title}")
        cures = ", ".join(cure.label for cure in self.case.finding.cures)
        button.setToolTip(f"Trains a copy for as long as it took to find this, with each of these: {cures}")
        button.clicked.connect(self.stop_asked if is_trying else self._ask)
        self._column.addWidget(button)

    def take_focus(self) -> None:
        """Give the focus to the first button that there is."""
        button = self.trial_button or next(iter(self.cure_buttons.values()), None)
        if button is not None:
            button.setFocus()

    def show_progress(self, curing: Curing) -> None:
        """Say what is being tried and how far that is."""
        what = "Training as it is" if curing.cure is None else f"Trying: {curing.cure.label}"
        self.progress.setText(f"{what} … {curing.share:.0%}")
        self.progress.show()

    @Slot()
    def _ask(self) -> None:
        self.trial_asked.emit(self.case)

    @Slot()
    def _apply(self) -> None:
        button = self.sender()
        for tried in self.case.tried:
            if self.cure_buttons.get(tried.cure.label) is button:
                self.cure_chosen.emit(tried.cure)

    @Slot()
    def _paint(self) -> None:
        look = theme.current()
        colour = {"ok": look.ok, "note": look.muted, "warning": look.warning}[self.kind]
        pixmap = theme.icon(self.kind, colour).pixmap(QSize(ICON_PX, ICON_PX), self.devicePixelRatioF())
        self.icon.setPixmap(pixmap)


def linked(text: str, layers: Iterable[str]) -> str:
    """Turn the names of layers in a sentence into links.

    >>> linked("fc1 is dead & gone, not fc10.", ["fc1"])
    '<a href="fc1">fc1</a> is dead &amp; gone, not fc10.'
    """
    names = sorted(layers, key=len, reverse=True)
    if not names:
        return escape(text)
    pattern = re.compile(r"(?<![\w/])(?:" + "|".join(map(re.escape, names)) + r")(?![\w/])")
    parts, end = [], 0
    for match in pattern.finditer(text):
        name = escape(match[0])
        parts += [escape(text[end : match.start()]), f'<a href="{name}">{name}</a>']
        end = match.end()
    return "".join(parts) + escape(text[end:])


def _button(text: str) -> QPushButton:
    button = QPushButton(theme.button_text(text))
    button.setFlat(True)
    button.setAutoDefault(False)
    button.setCursor(Qt.CursorShape.PointingHandCursor)
    button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    return button


def _label(role: str, text: str, *, rich: bool = False) -> QLabel:
    label = QLabel()
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.RichText if rich else Qt.TextFormat.PlainText)
    if rich:
        label.setTextInteractionFlags(_TEXT)
    label.setText(text)
    label.setContentsMargins(_BUTTON_INSET_PX if role == "muted" else 0, 0, 0, 0)
    label.setMinimumWidth(1)  # else the longest word decides how wide the whole column is
    theme.mark(label, "role", role)
    return label
