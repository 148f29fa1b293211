"""What is known of networks that were trained, which may be others than the one that is drawn."""

from __future__ import annotations

from core.analysis.check import check
from core.analysis.report import Report
from designer.session import Session
from designer.training.looking.last_network import Trained


class TrainedReports:
    """Checks a network that was trained anew only where it is neither the drawn one nor that of the last time."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._last: Report | None = None

    def of(self, trained: Trained | None) -> Report:
        """Return what is known of the network that was trained; None: of the one that is drawn."""
        drawn = self._session.report
        if trained is None or trained.document.graph is self._session.document.graph:
            return drawn
        if self._last is None or self._last.document.graph is not trained.document.graph:
            self._last = check(trained.document, drawn)
        return self._last
