"""What views of a network's insides have in common: the layer they show, what it comes from, and what is missing."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QSizePolicy, QStackedLayout, QVBoxLayout, QWidget

from core.analysis.report import LayerReport, Report
from core.training.snapshots import Interest, Snapshot
from designer import theme
from designer.session import Change, Session
from designer.views.elided import ElidedLabel
from designer.views.empty import breakable
from designer.views.layer_chooser import LayerChooser, Shown
from designer.views.legend import Legend

READOUT_PX = 16
"""Always reserved, so that a readout does not move what is under the mouse."""
BEFORE_EDIT = "before your edit"
NARROW_PX = 360
"""Below this width the heading takes two lines."""


class NetworkView(QWidget):
    """Shows something of one layer, from snapshots taken elsewhere.

    Subclasses say in `interest_in` what they need of a layer, in `draw` how they show it, and put their widgets into
    `body`.

    Parameters
    ----------
    session : Session
    shown : callable
        Whether a layer has something to show here; a plain function.
    missing : (str, str)
        What to say if no layer does: a title, and what to do.
    """

    interest_changed = Signal()
    """What this view needs has changed."""

    def __init__(self, session: Session, shown: Shown, missing: tuple[str, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.chooser = LayerChooser(session, shown)
        self.body = QHBoxLayout()
        self.title, self.subtitle = QLabel(), ElidedLabel()
        self.readout = ElidedLabel()
        self.legend = Legend()
        self._missing = missing
        self._origin = "untrained"
        self._refusal = ""
        self._snapshot: Snapshot | None = None
        self._asked = Interest()
        self._source: Report | None = None
        self._make_pages()
        self.chooser.layer_changed.connect(self._on_layer_changed)
        session.document_changed.connect(self._on_document_changed)
        theme.changed.connect(self.refresh)

    @property
    def report(self) -> Report:
        """What is known of the network that snapshots come from: as drawn, or as it was when training began."""
        return self._source or self.session.report

    @property
    def layer(self) -> LayerReport | None:
        """The layer that is shown, as it is in that network, or as drawn if it is not in it."""
        drawn = self.chooser.layer
        return drawn and self.report.layers.get(drawn.id, drawn)

    @property
    def origin(self) -> str:
        """What snapshots come from, such as "untrained", "live" or "run 3"."""
        return self._origin

    @property
    def origin_text(self) -> str:
        """What snapshots come from, and whether the layer has been changed since."""
        drawn, layer = self.chooser.layer, self.layer
        changed = drawn is not None and layer is not None and drawn.layer.spec != layer.layer.spec
        return f"{self._origin}, before your edit" if changed and BEFORE_EDIT not in self._origin else self._origin

    def caption(self, size: str) -> str:
        """Write beside a title how much is shown, and what it comes from; what is cut without room is the lesser news.

        Parameters
        ----------
        size : str
            Such as "16 of 10×10".
        """
        origin = self.origin_text
        return f"{origin} · {size}" if BEFORE_EDIT in origin else f"{size} · {origin}"

    @property
    def showing(self) -> bool:
        """Whether there is a picture rather than a text in its place."""
        return self._pages.currentWidget() is self._page

    def interest(self) -> Interest:
        """Say what this view needs now; nothing while it is hidden."""
        layer = self.layer
        self._asked = self.interest_in(layer) if layer is not None and self.isVisible() else Interest()
        return self._asked

    def interest_in(self, layer: LayerReport) -> Interest:
        """Say what showing a layer needs."""
        raise NotImplementedError

    def draw(self, layer: LayerReport, snapshot: Snapshot) -> str:
        """Show a layer; return an empty text, or why there is no picture."""
        raise NotImplementedError

    @Slot(object)
    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Show something newer."""
        self._snapshot = snapshot
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
        self._source = report
        self._on_layer_changed()

    @Slot(str)
    def set_refusal(self, refusal: str) -> None:
        """Say why no snapshot will come; empty when one will."""
        self._refusal = refusal
        if refusal:
            self._snapshot = None
            self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Draw again what there is."""
        layer = self.layer
        if layer is None or self._snapshot is None:
            self.forget_picture()
        if layer is None:
            self._say(*self._missing)
        elif self._snapshot is None:
            self._say("No picture yet", self._refusal or "The picture appears after the first computation.")
        elif why_not := self.draw(layer, self._snapshot):
            self._say(f"No picture of {layer.id}", why_not)
        else:
            self._pages.setCurrentWidget(self._page)

    def absent(self, layer: LayerReport) -> str:
        """Say why a snapshot holds nothing of a layer."""
        if self._refusal:
            return self._refusal
        if self._source is not None and layer.id not in self._source.layers:
            return f"{layer.id} is not in the network that was trained: it was added or renamed since."
        return "Its picture is being computed."

    def forget_picture(self) -> None:
        """Clear what is said beside a picture that is no longer there."""

    def put_beside(self, widget: QWidget) -> None:
        """Add something at the left that is visible with or without a picture."""
        self._row.insertWidget(0, widget)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.refresh()
        self.interest_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.interest_changed.emit()

    def _make_pages(self) -> None:
        self._page, self._empty = QWidget(), QWidget()
        self._empty_title, self._empty_text = QLabel(), QLabel()
        empty = QVBoxLayout(self._empty)
        empty.setContentsMargins(16, 0, 16, 0)
        empty.setSpacing(4)
        empty.addStretch()
        for label, role in ((self._empty_title, "strong"), (self._empty_text, "muted")):
            theme.mark(label, "role", role)
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
            empty.addWidget(label)
        empty.addStretch()
        for label, role in ((self.title, "strong"), (self.subtitle, "muted"), (self.readout, "muted")):
            theme.mark(label, "role", role)
        self.readout.setFixedHeight(READOUT_PX)
        self._headline = QHBoxLayout()
        self._headline.addWidget(self.title)
        self._headline.addWidget(self.subtitle, 1)
        top, foot = QHBoxLayout(), QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.chooser)
        top.addLayout(self._headline, 1)
        self.foot = foot
        foot.setSpacing(8)
        foot.addWidget(self.legend)
        foot.addStretch()
        page = QVBoxLayout(self._page)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(6)
        page.addLayout(self.body, 1)
        page.addLayout(foot)
        holder = QWidget()
        self._pages = QStackedLayout(holder)
        self._pages.addWidget(self._empty)
        self._pages.addWidget(self._page)
        self._row = QHBoxLayout()
        self._row.setSpacing(16)
        self._row.addWidget(holder, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 4)
        column.setSpacing(4)
        column.addLayout(top)
        column.addSpacing(4)
        column.addLayout(self._row, 1)
        column.addWidget(self.readout)
        self._arrange()

    def _arrange(self) -> None:
        narrow = self.width() < NARROW_PX
        self._headline.setDirection(QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight)
        self._headline.setSpacing(0 if narrow else 8)

    def _say(self, title: str, text: str) -> None:
        self.title.setText("")
        self.subtitle.setText("")
        self.readout.setText("")
        self._empty_title.setText(breakable(title))
        self._empty_text.setText(breakable(text))
        self._pages.setCurrentWidget(self._empty)

    @Slot(object)
    def _on_document_changed(self, change: Change) -> None:
        if change.label is None:  # a layer of another document may have the same name
            self._snapshot, self._source, self._refusal = None, None, ""
            self.refresh()

    @Slot()
    def _on_layer_changed(self) -> None:
        if not self.isVisible():
            return
        self.refresh()
        if self.layer is None or self.interest_in(self.layer) != self._asked:
            self.interest_changed.emit()
