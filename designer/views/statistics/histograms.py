"""How weights, gradients, activations and updates of a layer are distributed, over the course of a run."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from core.analysis.report import LayerReport
from core.training.messages import Started
from core.training.snapshots import Interest, Snapshot
from core.training.step_histograms import SOURCES
from designer import theme
from designer.pictures import Caption, KeepButton, Keeping, Numbers
from designer.session import Change, Session
from designer.views.elided import ElidedLabel
from designer.views.empty import empty_page
from designer.views.layer_chooser import LayerChooser
from designer.views.statistics.history import History
from designer.views.statistics.norm_line import NormLine
from designer.views.statistics.ridges import Ridges
from designer.views.switch import Switch

DRAW_MS = 400
NARROW_PX = 520
"""Below this width there is room for the histograms alone."""
NARROW_HEAD_PX = 440
"""Below this width the four sources are named by their first letters."""
MARGIN_PX = 8


class HistogramsView(QWidget):
    """Draws the histograms of the chosen layer one before the other, and their norm beside them.

    While it is hidden nothing is counted.
    """

    interest_changed = Signal()
    """What this view needs has changed."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.history = History()
        self.chooser = LayerChooser(session, _is_layer)
        self.switch = Switch([source.capitalize() for source in SOURCES], [f"Show the {source}" for source in SOURCES])
        self.ridges, self.norms = Ridges(), NormLine()
        self.name = ElidedLabel()
        theme.mark(self.name, "role", "muted")
        self._place = 0
        self._run = self._shown = ""
        self._timer = QTimer(self, singleShot=True, interval=DRAW_MS)
        self._timer.timeout.connect(self._draw)
        self._missing = QLabel()
        self._missing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._missing.setWordWrap(True)
        theme.mark(self._missing, "role", "muted")
        self._make_page()
        self.setAccessibleName("Histograms")
        self.chooser.layer_changed.connect(self._draw)
        self.switch.chosen.connect(self._show_source)
        session.document_changed.connect(self._on_document_changed)

    @property
    def layer(self) -> str:
        """The layer that is looked at."""
        return self.chooser.currentText()

    def interest(self) -> Interest:
        """Say what this view needs now; nothing while it is hidden."""
        return Interest(histograms=self.isVisible())

    @Slot(object)
    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Add what was counted since."""
        if snapshot.histograms:
            self.history.add(snapshot.histograms)
            if not self._timer.isActive():
                self._timer.start()

    @Slot(str, object)
    def begin(self, name: str, started: Started) -> None:
        """Take note which run is counted from now on."""
        self._run = self._shown = name
        self.name.setText(name)

    @Slot(str, str)
    def rename(self, before: str, name: str) -> None:
        """Call a run something else."""
        if self._run == before:
            self._run = name
            self.name.setText(name)
        self._shown = name if self._shown == before else self._shown

    @Slot(str)
    def show_run(self, name: str) -> None:
        """Take note which run is looked at: moments of another than was counted are not marked."""
        self._shown = name
        self.look_at(None)

    @Slot(object)
    def look_at(self, step: int | None) -> None:
        """Mark what was counted last before a moment of the run; None for now."""
        marked = self._counted_at(step)
        self.ridges.mark(marked)
        self.norms.mark(marked)

    @Slot(object)
    def pin(self, step: int | None) -> None:
        """Mark what was counted last before a second moment too, A beside B; None for none."""
        pinned = self._counted_at(step)
        self.ridges.pin(pinned)
        self.norms.pin(pinned)

    def _counted_at(self, step: int | None) -> int | None:
        known = [one.step for one in self.history.steps if step is not None and one.step <= step]
        return known[-1] if known and self._shown == self._run else None

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.interest_changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.interest_changed.emit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.norms.setVisible(self.width() >= NARROW_PX)
        for source, button in zip(SOURCES, self.switch.parts, strict=True):
            button.setText(source.capitalize() if self.width() >= NARROW_HEAD_PX else source[0].upper())

    def _make_page(self) -> None:
        self._plots = QWidget()
        self.keeping = Keeping(self._plots, self._file_name, self._numbers, caption=self._caption)
        self._export = KeepButton(self.keeping)
        for source, button in zip(SOURCES, self.switch.parts, strict=True):
            button.setAccessibleName(source.capitalize())
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.chooser)
        head.addWidget(self.switch)
        head.addWidget(self.name, 1)
        head.addWidget(self._export)
        row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._plots)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.ridges, 5)
        row.addWidget(self.norms, 3)
        self._inside = QStackedLayout()
        self._inside.addWidget(self._plots)
        self._inside.addWidget(self._missing)
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(MARGIN_PX, 4, MARGIN_PX, 4)
        column.addLayout(head)
        column.addLayout(self._inside, 1)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(
            empty_page("No histograms yet", "Press Train (F5): values are counted while this panel is in sight.")
        )
        self._pages.addWidget(page)

    @Slot(int)
    def _show_source(self, place: int) -> None:
        self._place = place
        self._draw()

    @Slot()
    def _draw(self) -> None:
        self._pages.setCurrentIndex(1 if self.history.steps else 0)
        if not self.history.steps:
            return
        source = SOURCES[self._place]
        histograms = self.history.of(self.layer, source)
        self._inside.setCurrentIndex(0 if histograms else 1)
        self._export.setEnabled(bool(histograms))
        if histograms:
            self.ridges.show_histograms(histograms, source)
            self.norms.show_norms([(step, one.norm) for step, one in histograms], source)
        elif self.layer in self.history.steps[-1].layers:
            self._missing.setText(f"{self.layer} has no {source}: nothing in it is learned. Choose Activations.")
        else:
            self._missing.setText(f"{self.layer} is not in the network that was trained. Train (F5).")

    @Slot(object)
    def _on_document_changed(self, change: Change) -> None:
        if change.label is None:  # another document
            self.history.steps.clear()
            self._run = self._shown = ""
            self.name.setText("")
            self._draw()

    def _file_name(self) -> str:
        return f"{self.layer.replace('/', '-')}-{SOURCES[self._place]}"

    def _caption(self) -> Caption:
        return Caption(f"{self.layer}: histograms of the {SOURCES[self._place]}, and their norm", self._run)

    def _numbers(self) -> Numbers | None:
        shown = self.history.of(self.layer, SOURCES[self._place])
        if not shown:
            return None
        return Numbers(np.array([one.counts for _, one in shown]), self.history.rows(self.layer))


def _is_layer(layer: LayerReport) -> bool:
    """Say whether anything is counted of a layer: all compute something."""
    return layer.shape is not None
