"""Sanity checks made in a thread of their own, told as they come."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from core.analysis.report import Report
from core.training.sanity.outcome import Checking, Outcome
from designer.session import Session
from designer.training.aside import Aside, Messages


class SanityRun(Aside):
    """Makes the sanity checks of the open document when it is asked to, whether or not something trains."""

    progressed = Signal(object)
    """Carries a `Checking`: how far the check is that is being made."""
    judged = Signal(object)
    """Carries an `Outcome`."""

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(session, _checks, "sanity checks", "The checks could not be made.", parent)
        self.told.connect(self._sort)

    @Slot(object)
    def _sort(self, messages: list[object]) -> None:
        for message in messages:
            if isinstance(message, Outcome):
                self.judged.emit(message)
        if isinstance(messages[-1], Checking):
            self.progressed.emit(messages[-1])


def _checks(report: Report, base: Path | None) -> Messages:
    from core.training.sanity.sanity import sanity_checks

    yield from sanity_checks(report.document, base=base, report=report)
