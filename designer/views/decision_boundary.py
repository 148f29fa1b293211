"""Where a network with two inputs decides for which class, while it learns."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolTip, QVBoxLayout, QWidget

from core.graph.training import TrainingSettings
from core.io.datasets import BUNDLED, Dataset, split
from core.text import listing
from core.training.decision import Bounds, why_not_decided
from core.training.snapshots import Interest
from designer import theme
from designer.pictures import Caption, Keeping
from designer.session import Change, Session
from designer.views.class_bars import class_name, percent_text
from designer.views.class_marks import ClassLegend
from designer.views.elided import ElidedLabel
from designer.views.following import FollowingView
from designer.views.network_view import READOUT_PX
from designer.views.plane import Plane, Points

MOST_POINTS = 2000
"""Samples that are drawn; of more, evenly chosen ones."""
_AROUND = 0.08
"""How far the plane goes beyond the samples, as a share of their extent."""


class DecisionView(FollowingView):
    """Shows the plane of a network's two inputs, from snapshots taken elsewhere."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(session, parent)
        self._dataset: Dataset | None = None
        self._points: Points | None = None
        self._bounds: Bounds | None = None
        self._drawn: tuple[Dataset | None, float, int] | None = None
        self._asked = Interest()
        self.plane, self.legend = Plane(), ClassLegend()
        self.subtitle, self.readout = ElidedLabel(), ElidedLabel()
        Keeping(self.plane, "decision boundary", self.plane.numbers, caption=self._caption)
        self._make_pages()
        self.plane.setAccessibleName("Decision boundary")
        self.plane.hovered.connect(self._show_hovered)
        self.follow_documents()
        self.refresh()

    def interest(self) -> Interest:
        """Say what this view needs now; nothing while it is hidden."""
        self._asked = self._wanted()
        return self._asked

    @Slot(object)
    def set_dataset(self, dataset: Dataset | None) -> None:
        """Show the samples of a data set, fitted to the network; None if there is none."""
        self._dataset = dataset
        self._take_points()

    def follow_source(self) -> None:
        self._take_points()

    def follow_document(self, change: Change) -> None:
        if change.label is None:  # samples of the document that was left
            self._dataset = None
        self._take_points()

    def refresh(self) -> None:
        snapshot = self.snapshot
        decision = None
        if snapshot is not None and self._bounds is not None and snapshot.plane == self._bounds:
            decision = snapshot.decision
        if why_not := self._why_not():
            self._say("No plane to draw", why_not)
        elif decision is None:
            self._say("No picture yet", self.refusal or "The picture appears after the first computation.")
        else:
            self.plane.show_decision(decision)
            self._describe(decision.argmax(axis=2))
            self.pages.setCurrentWidget(self.page)

    def _caption(self) -> Caption:
        return Caption("Decision boundary", self.subtitle.text(), keys=self.legend.keys)

    def _make_pages(self) -> None:
        title, top = QLabel("decisions"), QHBoxLayout()
        top.setSpacing(8)
        for label, role in ((title, "strong"), (self.subtitle, "muted"), (self.readout, "muted")):
            theme.mark(label, "role", role)
        top.addWidget(title)
        top.addWidget(self.subtitle, 1)
        self.readout.setFixedHeight(READOUT_PX)
        body = QHBoxLayout()
        body.setSpacing(16)
        body.addWidget(self.plane, 1)
        body.addWidget(self.legend)
        page = QVBoxLayout(self.page)
        page.setContentsMargins(16, 8, 16, 4)
        page.setSpacing(4)
        page.addLayout(top)
        page.addLayout(body, 1)
        page.addWidget(self.readout)
        self.setLayout(self.pages)
        self.pages.addWidget(self.empty)
        self.pages.addWidget(self.page)

    def _say(self, title: str, text: str) -> None:
        self.readout.setText("")
        self.say_instead(title, text)

    def _why_not(self) -> str:
        """Say why there is no plane; empty where there is one."""
        report = self.report
        layers = report.layers
        inputs = {layer.id: layer.shape for layer in layers.values() if not layer.layer.inputs}
        outputs = {id: layers[id].shape for id in report.outputs}
        toys = [name for name, bundled in BUNDLED.items() if bundled.shape == (2,)]
        if why_not := why_not_decided(inputs, outputs):
            return f"{why_not} Open the template CS231n spiral to see one. Data for it: {listing(toys, 'or')}."
        if self._dataset is not None and self._bounds is None:
            return (
                f"The samples of {self._dataset.name} are no points of a plane. Choose a data set of two numbers each, "
                f"such as {listing(toys, 'or')}."
            )
        return ""

    def _take_points(self) -> None:
        """Work out which samples are drawn where, and what rectangle holds all of them."""
        dataset, settings = self._dataset, self.report.document.training.settings
        drawn = (dataset, settings.validation_split, settings.seed)
        if drawn != self._drawn:
            self._drawn = drawn
            self._draw_points(dataset, settings)
        self.refresh()
        if self._wanted() != self._asked:
            self.interest_changed.emit()

    def _draw_points(self, dataset: Dataset | None, settings: TrainingSettings) -> None:
        self._points = self._bounds = None
        if dataset is not None and dataset.shape == (2,):
            _, validation = split(dataset.labels, settings.validation_split, settings.seed)
            kept = np.zeros(len(dataset), bool)
            kept[validation] = True
            all_at = dataset.pixels(slice(None))
            places = np.flatnonzero(np.isfinite(all_at).all(axis=1))
            self._bounds = bounds_of(all_at[places])
            places = places[:: -(-len(places) // MOST_POINTS) or 1]
            self._points = Points(all_at[places], dataset.labels[places], kept[places], places)
            self.legend.show_classes(dataset.classes, len(dataset) - len(validation), len(validation))
        self.plane.show_points(self._points, self._bounds or (-1.0, 1.0, -1.0, 1.0))

    def _describe(self, best: np.ndarray) -> None:
        """Write what is shown, and say in words what the colours do."""
        dataset, points = self._dataset, self._points
        n, drawn = (0 if dataset is None else len(dataset)), (0 if points is None else len(points.at))
        some = f" · {drawn:,} of {n:,} samples drawn" if drawn < n else ""
        self.subtitle.setText(f"{self._origin}{some}")
        names = dataset.classes if dataset is not None else ()
        shares = np.bincount(best.ravel()) / best.size
        parts = [f"{class_name(names, i)} {percent_text(float(share))}" for i, share in enumerate(shares)]
        self.plane.setAccessibleDescription(f"Shares of the plane: {', '.join(parts)}")

    @Slot(object)
    def _show_hovered(self, at: tuple[float, float] | None) -> None:
        text = "" if at is None else self._text_at(*at)
        self.readout.setText(text)
        self.plane.setToolTip(text)
        if not text:
            QToolTip.hideText()

    def _text_at(self, x: float, y: float) -> str:
        names = self._dataset.classes if self._dataset is not None else ()
        text = f"({x:.3g}, {y:.3g})"
        probabilities = self.plane.probabilities_at(x, y)
        if probabilities is not None and np.isfinite(probabilities).all():
            best = int(probabilities.argmax())
            text += f": {class_name(names, best)} with {percent_text(float(probabilities[best]))}"
        number = self.plane.sample_near(x, y)
        if number is not None and self._points is not None:
            sort = "kept for validation" if self._points.is_validation[number] else "learned from"
            label = class_name(names, int(self._points.labels[number]))
            text += f" · sample {int(self._points.places[number]) + 1:,} is {label}, {sort}"
        return text.replace("-", "−")

    def _wanted(self) -> Interest:
        wanted = self.isVisible() and not self._why_not()
        return Interest(plane=self._bounds) if wanted else Interest()


def bounds_of(at: np.ndarray) -> Bounds | None:
    """Return a rectangle with a little room around points (N, 2); None where there are none.

    >>> bounds_of(np.array([[0, -50], [1, 50]]))
    (-0.08, 1.08, -58.0, 58.0)
    """
    if not len(at):
        return None
    low, high = at.min(axis=0).astype(float), at.max(axis=0).astype(float)
    room = np.where(high > low, _AROUND * (high - low), np.maximum(np.abs(high), 1))
    (left, bottom), (right, top) = (low - room).tolist(), (high + room).tolist()
    return left, right, bottom, top
