"""What views of a network's insides have in common: the layer they show, what it comes from, and what is missing."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.analysis.report import LayerReport
from core.training.snapshots import Interest, Snapshot
from designer import theme
from designer.pictures import Caption
from designer.session import Session
from designer.views.elided import ElidedLabel
from designer.views.following import FollowingView
from designer.views.layer_chooser import LayerChooser, Shown
from designer.views.legend import Legend

READOUT_PX = 16
"""Always reserved, so that a readout does not move what is under the mouse."""
BEFORE_EDIT = "before your edit"
NARROW_PX = 360
"""Below this width the heading takes two lines."""


class NetworkView(FollowingView):
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

    Attributes
    ----------
    difference : str
        What is subtracted from what, where that is to be shown instead of a moment; empty where it is not.
    """

    def __init__(self, session: Session, shown: Shown, missing: tuple[str, str], parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self.chooser = LayerChooser(session, shown)
        self.body = QHBoxLayout()
        self.title, self.subtitle = QLabel(), ElidedLabel()
        self.readout = ElidedLabel()
        self.legend = Legend()
        self._missing = missing
        self._asked = Interest()
        self.difference = ""
        self._beside: NetworkView | None = None
        self._span: tuple[float, float] | None = None
        self._make_pages()
        self.chooser.layer_changed.connect(self._on_layer_changed)
        self.follow_documents()
        theme.changed.connect(self.draw_again)

    @property
    def layer(self) -> LayerReport | None:
        """The layer that is shown, as it is in that network, or as drawn if it is not in it."""
        drawn = self.chooser.layer
        return drawn and self.report.layers.get(drawn.id, drawn)

    @property
    def shows_difference(self) -> bool:
        """Whether what is shown is the difference of two moments."""
        return self.snapshot is not None and self.snapshot.minus is not None

    @property
    def origin_text(self) -> str:
        """What snapshots come from, and whether the layer has been changed since."""
        if self.shows_difference:
            return self.difference
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

    def follow_source(self) -> None:
        self._on_layer_changed()

    def refresh(self) -> None:
        layer = self.layer
        if layer is None or self.snapshot is None:
            self.forget_picture()
        if layer is None:
            self._say(*self._missing)
        elif self.snapshot is None:
            self._say("No picture yet", self.refusal or "The picture appears after the first computation.")
        elif why_not := self.draw(layer, self.snapshot):
            self._say(f"No picture of {layer.id}", why_not)
        else:
            self.pages.setCurrentWidget(self.page)

    def absent(self, layer: LayerReport) -> str:
        """Say why a snapshot holds nothing of a layer."""
        if self.refusal:
            return self.refusal
        if self.snapshot is not None and layer.id in self.snapshot.unlike:
            return self.snapshot.unlike[layer.id]
        if self.source is not None and layer.id not in self.source.layers:
            return f"{layer.id} is not in the network that was trained: it was added or renamed since."
        return "Its picture is being computed."

    def forget_picture(self) -> None:
        """Clear what is said beside a picture that is no longer there."""
        self._span = None

    def keep_with(self, other: QWidget | None) -> None:
        """Have the layer that is chosen here shown by another view too, and colours stand for the same numbers in both.

        None: be alone again.
        """
        self._beside = other if isinstance(other, NetworkView) else None
        if self._beside is not None:
            self.chooser.currentTextChanged.connect(self._beside.chooser.setCurrentText)
            self._beside.chooser.setCurrentText(self.chooser.currentText())
        self.draw_again()

    def shared(self, low: float, high: float) -> tuple[float, float]:
        """Return between which numbers colours are: those shown here, and those that the view beside it shows."""
        before, self._span = self._span, None if self.shows_difference else (low, high)
        other = self._beside
        if self._span is None:
            if before is not None and other is not None and other.isVisible():
                other.draw_again()
            return low, high
        if other is None or other._span is None or other.layer is None or other.chooser.layer is not self.chooser.layer:
            return self._span
        if self._span != before and other.isVisible():
            other.draw_again()
        return min(low, other._span[0]), max(high, other._span[1])

    def show_difference(self, words: str) -> None:
        """Show by how much numbers of two moments differ, as soon as it comes; an empty text: those of one."""
        self.difference = words

    def words_for_picture(self) -> Caption:
        """Return what is written about the picture where it is kept."""
        return Caption(f"{self.chooser.currentText()}: {self.title.text()}", self.subtitle.text(), self.legend.scale)

    def put_beside(self, widget: QWidget) -> None:
        """Add something at the left that is visible with or without a picture."""
        self._row.insertWidget(0, widget)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _make_pages(self) -> None:
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
        page = QVBoxLayout(self.page)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(6)
        page.addLayout(self.body, 1)
        page.addLayout(foot)
        holder = QWidget()
        holder.setLayout(self.pages)
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.page)
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
        self.say_instead(title, text)

    @Slot()
    def _on_layer_changed(self) -> None:
        if not self.isVisible():
            return
        self.refresh()
        if self.layer is None or self.interest_in(self.layer) != self._asked:
            self.interest_changed.emit()
