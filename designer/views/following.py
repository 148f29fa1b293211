"""What all views that look into a network have in common: they follow snapshots, and say why there are none."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from core.analysis.report import Report
from core.training.snapshots import Interest, Snapshot
from designer import theme
from designer.session import Change, Session
from designer.views.empty import breakable


class FollowingView(QWidget):
    """Shows something of a network from snapshots taken elsewhere, or a text in its place.

    Subclasses say in `refresh` how they draw, in `interest` what they need, and in `follow_source` and
    `follow_document` what another network or document means to them. They put `page` and `empty` into `pages`, and
    call `follow_documents` once they are made.

    Attributes
    ----------
    snapshot : Snapshot or None
        The newest.
    refusal : str
        Why no snapshot will come; empty when one will.
    """

    interest_changed = Signal()
    """What this view needs has changed."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.snapshot: Snapshot | None = None
        self.refusal = ""
        self.source: Report | None = None
        self._origin = "untrained"
        self.page, self.pages = QWidget(), QStackedLayout()
        self._empty_title, self._empty_text = QLabel(), QLabel()
        self.empty = self._make_empty()

    @property
    def report(self) -> Report:
        """What is known of the network that snapshots come from: as drawn, or as it was when training began."""
        return self.source or self.session.report

    @property
    def origin(self) -> str:
        """What snapshots come from, such as "untrained", "live" or "run 3"."""
        return self._origin

    @property
    def showing(self) -> bool:
        """Whether there is a picture rather than a text in its place."""
        return self.pages.currentWidget() is self.page

    @property
    def empty_text(self) -> str:
        """What is said where there is no picture."""
        return "" if self.showing else self._empty_text.text()

    def interest(self) -> Interest:
        """Say what this view needs now; nothing while it is hidden."""
        raise NotImplementedError

    def refresh(self) -> None:
        """Draw again what there is."""
        raise NotImplementedError

    @Slot()
    def draw_again(self) -> None:
        """Do so when a signal asks for it: connected to an override, it would be called after the view is gone."""
        self.refresh()

    def follow_source(self) -> None:
        """Take note that snapshots come from another network."""
        raise NotImplementedError

    @Slot(object)
    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show something newer."""
        self.snapshot = snapshot
        if self.isVisible():
            self.refresh()

    @Slot(str)
    def set_origin(self, origin: str) -> None:
        """Say what snapshots come from."""
        if origin != self._origin:
            self._origin = origin
            self.refresh()

    @Slot(object)
    def set_source(self, report: Report | None) -> None:
        """Say which network snapshots come from; None if from the one that is drawn."""
        self.source = report
        self.follow_source()

    @Slot(str)
    def set_refusal(self, refusal: str) -> None:
        """Say why no snapshot will come; empty when one will."""
        self.refusal = refusal
        if refusal:
            self.snapshot = None
            self.refresh()

    def say_instead(self, title: str, text: str) -> None:
        """Say why there is no picture."""
        self._empty_title.setText(breakable(title))
        self._empty_text.setText(breakable(text))
        self.pages.setCurrentWidget(self.empty)

    def follow_documents(self) -> None:
        """Hear of edits and other documents from now on: after the parts of the view, which then know already."""
        self.session.document_changed.connect(self._on_document_changed)

    def follow_document(self, change: Change) -> None:
        """Take note of an edit, or of another document, whose snapshots are still to come."""
        if change.label is None:
            self.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self.interest_changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.interest_changed.emit()

    def _make_empty(self) -> QWidget:
        empty = QWidget()
        column = QVBoxLayout(empty)
        column.setContentsMargins(16, 0, 16, 0)
        column.setSpacing(4)
        column.addStretch()
        for label, role in ((self._empty_title, "strong"), (self._empty_text, "muted")):
            theme.mark(label, "role", role)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            column.addWidget(label)
        column.addStretch()
        return empty

    @Slot(object)
    def _on_document_changed(self, change: Change) -> None:
        if change.label is None:  # a layer of another document may have the same name
            self.snapshot, self.source, self.refusal = None, None, ""
        self.follow_document(change)
