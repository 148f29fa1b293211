"""Tells screen readers when a problem appears or goes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent

from core.problems import Problem
from designer.session import Change, Session

MOST = 3
"""More problems are counted, not read out."""


class Announcer(QObject):
    """Follows a session and speaks through an object of the window."""

    def __init__(self, session: Session, speaker: QObject) -> None:
        super().__init__(speaker)
        self._speaker = speaker
        self._known = session.report.errors
        session.document_changed.connect(self._follow)

    @Slot(object)
    def _follow(self, change: Change) -> None:
        before, self._known = self._known, change.report.errors
        words = difference_in_words(before, self._known)
        if words and QAccessible.isActive():
            self.say(words)

    def say(self, words: str) -> None:
        """Let a screen reader say something."""
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self._speaker, words))


def difference_in_words(before: Sequence[Problem], after: Sequence[Problem]) -> str:
    """Say which errors are new, and which are gone; nothing where they are the same.

    Returns
    -------
    str
        "New problem in conv2: …", "Problem in conv2 solved. The network is valid."
    """
    told_before, told_after = {_key(p): p for p in before}, {_key(p): p for p in after}
    new = [problem for key, problem in told_after.items() if key not in told_before]
    gone = [problem for key, problem in told_before.items() if key not in told_after]
    parts = []
    if 0 < len(new) <= MOST:
        parts += [f"New problem{_where(problem)}: {problem.what}" for problem in new]
    elif new:
        parts.append(f"{len(new)} new problems.")
    if 0 < len(gone) <= MOST:
        parts += [f"Problem{_where(problem)} solved." for problem in gone]
    elif gone:
        parts.append(f"{len(gone)} problems solved.")
    if gone and not after:
        parts.append("The network is valid.")
    return " ".join(parts)


def _key(problem: Problem) -> tuple[object, ...]:
    return problem.code, problem.layer, problem.field


def _where(problem: Problem) -> str:
    return f" in {problem.layer}" if problem.layer else ""
