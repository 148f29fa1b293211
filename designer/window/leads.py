"""Where what is found about a network leads: to its samples, its reasons, the pad, a file."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QWidget

from core.training.messages import Finished
from designer.session.questions import Part
from designer.training import Run, Runs
from designer.views.inside import ProbePanel
from designer.views.inside.probe_panel import DRAW
from designer.views.predictions import PredictionsView, ResultView, WhyView
from designer.window.arrangement import Arrangement
from designer.window.finding import bring_forward
from designer.window.panels import panel_of


class _Window(Protocol):
    run: Run
    runs: Runs
    panels: dict[str, QWidget]
    docks: dict[str, QDockWidget]
    arrangement: Arrangement
    actions_by_id: dict[str, QAction]

    def show_workspace(self, name: str) -> None:
        """Arrange the window for another workspace."""


class Leads(QObject):
    """Shows the workspace and the panels that something leads to.

    A training that has come to its end leads from the curves to its result, where they are looked at.
    """

    def __init__(self, window: _Window) -> None:
        super().__init__(window if isinstance(window, QObject) else None)
        self._window = window
        result = panel_of(window.panels, ResultView)
        result.draw_requested.connect(self.show_pad)
        result.why_requested.connect(self.show_why)
        result.run_wanted.connect(self._show_run)
        result.continue_requested.connect(self._go_on)
        window.runs.changed.connect(self._show_run)
        result.save_requested.connect(window.actions_by_id["save_weights"].trigger)
        result.export_requested.connect(window.actions_by_id["export_document"].trigger)
        panel_of(window.panels, PredictionsView).samples_requested.connect(self.show_samples)
        window.run.finished.connect(self._on_finished)

    @Slot()
    def show_samples(self) -> None:
        """Show the samples of the data set."""
        self._go("data", "samples")

    @Slot()
    def show_pad(self) -> None:
        """Let the user draw."""
        self._go("inside", "layers", "probe")
        panel_of(self._window.panels, ProbePanel).show_mode(DRAW)

    @Slot(int, str)
    def show_why(self, sample: int, part: Part) -> None:
        """Explain a sample, by its place in its part of the data set."""
        self._go("inside", "predictions", "why")
        panel_of(self._window.panels, WhyView).explain(sample, part)

    @Slot()
    def _show_run(self) -> None:
        runs = self._window.runs
        shown = runs.shown
        lines = () if shown is None else (shown.summary, *shown.ending_lines)
        can_be_saved = shown is not None and shown.standing is not None
        panel_of(self._window.panels, ResultView).show_run(lines, goes_on=runs.can_continue, can_be_saved=can_be_saved)

    @Slot()
    def _go_on(self) -> None:
        if self._window.runs.can_continue and self._window.run.state == "idle":
            self._window.runs.go_on()

    @Slot()
    def _on_finished(self) -> None:
        trains = self._window.arrangement.workspace.name == "train"
        looks_at_curves = trains and self._window.panels["curves"].isVisible()
        if isinstance(self._window.run.outcome, Finished) and looks_at_curves:
            bring_forward(self._window.docks["result"])

    def _go(self, workspace: str, *panels: str) -> None:
        self._window.show_workspace(workspace)
        for name in panels:
            bring_forward(self._window.docks[name])
