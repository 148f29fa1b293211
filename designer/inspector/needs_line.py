"""The line that says what training takes; for large networks it is worked out beside the window."""

from __future__ import annotations

from threading import Thread

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QLabel, QWidget

from core.analysis.report import Report
from core.io.datasets import BUNDLED
from core.text import bytes_text
from designer import theme
from designer.session import Session

NEEDS_AFTER_MS = 200
"""When edits have rested so long, what training takes is computed again: 50 ms for the deepest networks."""
MOST_LAYERS_AT_ONCE = 500
"""With more layers the answer takes so long that the window would stand still."""


class NeedsLine(QLabel):
    """Follows the session a moment after the last call of `look_again`."""

    _told = Signal(object, str)
    """Carries the report that was looked at, and what to say about it."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._busy = False
        self.hide()
        self.setWordWrap(True)
        theme.mark(self, "role", "muted")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(NEEDS_AFTER_MS)
        self._timer.timeout.connect(self._look)
        self._told.connect(self._hear, Qt.ConnectionType.QueuedConnection)

    def look_again(self) -> None:
        """Say what the open document takes, once edits have rested."""
        self._timer.start()

    @Slot()
    def _look(self) -> None:
        report = self._session.report
        if self._busy:
            return  # the answer under way will be found out of date
        if len(report.layers) <= MOST_LAYERS_AT_ONCE:
            self._say(needs_text(report))
            return
        self._say("")
        self._busy = True
        Thread(target=self._work_out, args=(report,), name="needs", daemon=True).start()

    def _work_out(self, report: Report) -> None:
        text = needs_text(report)
        try:
            self._told.emit(report, text)
        except RuntimeError:  # the window was closed meanwhile
            return

    @Slot(object, str)
    def _hear(self, report: Report, text: str) -> None:
        self._busy = False
        if report is self._session.report:
            self._say(text)
        else:
            self.look_again()

    def _say(self, text: str) -> None:
        ready = self._session.readiness
        if text and ready is not None:
            data = f"{self._session.document.training.settings.dataset}: {ready.data}." if ready.data else ""
            text = "\n".join(filter(None, [data, *ready.notes[:-1], text]))  # the last note is about memory, as this is
        self.setText(text)
        self.setVisible(bool(text))


def needs_text(report: Report) -> str:
    """Say what training a checked document takes; nothing where it cannot be trained."""
    from core.training.needs import training_needs

    bundled = BUNDLED.get(report.document.training.settings.dataset)
    needs = training_needs(report.document, report, bundled.n if bundled else None) if report.valid else None
    if needs is None:
        return ""
    text = f"Needs about {bytes_text(needs.memory_bytes)} of memory, beside the data."
    if needs.replicas > 1:
        text += f" {needs.replicas} processes share each batch."
    return text
