"""What a window offers to those who begin: the start panel, the gallery, the tour and the pages of help."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from core.io.templates import templates
from designer.session import Scope
from designer.session.preferences import SharedPreferences
from designer.start.welcome import Welcome
from designer.window.files import Files
from designer.window.tour_parts import TourParts
from designer.window.workspaces import Workspace

if TYPE_CHECKING:  # loaded when they are asked for
    from designer.help import HelpReader
    from designer.start.tour import Tour


class Greeting(QObject):
    """Shows where one can begin, and goes when one has begun."""

    canvas_wanted = Signal()
    """The canvas is about to be spoken of: show it."""

    def __init__(
        self, window: QWidget, scope: Scope, files: Files, preferences: SharedPreferences, parts: TourParts
    ) -> None:
        super().__init__(window)
        self._window = window
        self._scope = scope
        self._files = files
        self._preferences = preferences
        self._parts = parts
        self.panel = Welcome(parts.canvas)
        self.tour: Tour | None = None
        self._reader: HelpReader | None = None
        self.panel.template_chosen.connect(files.open_template)
        self.panel.file_chosen.connect(files.open)
        self.panel.gallery_asked.connect(self.show_gallery)
        self.panel.tour_asked.connect(self.begin_tour)
        self.panel.wanted.connect(self._want)
        scope.session.document_changed.connect(self.panel.hide)
        scope.session.selection_changed.connect(self.panel.hide)
        parts.run.started.connect(self.panel.hide)

    @Slot()
    def greet(self) -> None:
        """Show the start panel."""
        self.canvas_wanted.emit()
        preferences = self._preferences.now
        self.panel.offer(preferences.recent, at_start=preferences.welcome)

    def greet_at_start(self) -> None:
        """Show the start panel, unless the user no longer wants it."""
        if self._preferences.now.welcome:
            self.greet()

    @Slot()
    def show_gallery(self) -> None:
        """Let the user choose a template by its picture."""
        from designer.start.gallery import Gallery

        gallery = Gallery(templates(), self._window)
        gallery.chosen.connect(self._files.open_template)
        gallery.exec()
        gallery.deleteLater()

    @Slot()
    def begin_tour(self) -> None:
        """Go through the window in four steps."""
        self.canvas_wanted.emit()
        self.panel.hide()
        if self.tour is None:
            from designer.start.tour import Tour
            from designer.window.tour_stops import tour_stops

            self.tour = Tour(self._window, tour_stops(self._parts, self._scope))
        self.tour.begin()

    @Slot(object)
    def leave(self, workspace: Workspace) -> None:
        """End what speaks of the canvas where that is no longer shown."""
        if workspace.centre != "canvas":
            self.panel.hide()
            if self.tour is not None:
                self.tour.end()

    @Slot()
    def show_kind_help(self) -> None:
        """Show the page of the selected layer's kind, or the first of all."""
        if self._reader is None:
            from designer.help import HelpReader

            self._reader = HelpReader(self._window)
        scope = self._scope
        chosen = {layer.id: layer.kind for layer in scope.document.graph.layers}
        self._reader.show_kind(chosen.get(scope.selection[0], "") if scope.selection else "")

    @Slot(bool)
    def _want(self, wanted: bool) -> None:
        self._preferences.change(replace(self._preferences.now, welcome=wanted))
