"""What the workspace Inside is made of besides its panels, and what it asks of the window."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDockWidget, QStatusBar, QWidget

from designer.session import Session
from designer.training import Live, Looker, Run, Runs
from designer.views.inside import ArithmeticPanel, Inside, LayersPanel, ProbePanel
from designer.window.centre import Centre
from designer.window.finding import bring_forward
from designer.window.panels import panel_of

MESSAGE_MS = 8000


class _Window(Protocol):
    session: Session
    run: Run
    runs: Runs
    live: Live
    centre: Centre
    panels: Mapping[str, QWidget]
    docks: Mapping[str, QDockWidget]

    def show_drawn(self, layer: str) -> None:
        """Show a layer on the canvas."""

    def statusBar(self) -> QStatusBar:
        """Return where sentences are said."""


class InsideParts:
    """What is shown inside the network, and what computes it.

    Attributes
    ----------
    inside : Inside
    looker : Looker
    """

    def __init__(self, window: _Window, parent: QObject) -> None:
        self._window = window
        self.inside = Inside(window.session, parent)
        self.looker = Looker(window.session, window.run, window.runs, window.live, parent)
        self.looker.looked.connect(self.inside.show_look)
        self.inside.wanted_changed.connect(self.looker.set_wanted)

    def connect_panels(self) -> None:
        """Lead from the panels to the rest of the window."""
        window = self._window
        layers = panel_of(window.panels, LayersPanel).view
        layers.layer_opened.connect(window.show_drawn)
        window.centre.focus_left.connect(layers.setFocus)
        panel_of(window.panels, ProbePanel).said.connect(self._say)
        self.inside.arithmetic_requested.connect(self._show_arithmetic)

    def _show_arithmetic(self) -> None:
        """Bring it to the front; the keys go there."""
        bring_forward(self._window.docks["arithmetic"])
        panel_of(self._window.panels, ArithmeticPanel).take_keys()

    def _say(self, sentence: str) -> None:
        self._window.statusBar().showMessage(sentence, MESSAGE_MS)

    def stop_and_wait(self, seconds: float) -> bool:
        """End the thread that computes; says whether it is gone."""
        return self.looker.stop_and_wait(seconds)
