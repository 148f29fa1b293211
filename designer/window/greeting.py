"""What a window offers to those who begin: the start panel, the gallery, the tour and the pages of help."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from core.io.templates import templates
from designer.help import HelpReader
from designer.start import Gallery, Stop, Tour, Welcome

if TYPE_CHECKING:
    from designer.window.main_window import MainWindow


class Greeting(QObject):
    """Shows where one can begin, and goes when one has begun."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.panel = Welcome()
        self.tour: Tour | None = None
        self._reader: HelpReader | None = None
        self.panel.template_chosen.connect(window.files.open_template)
        self.panel.file_chosen.connect(window.files.open)
        self.panel.gallery_asked.connect(self.show_gallery)
        self.panel.tour_asked.connect(self.begin_tour)
        self.panel.wanted.connect(self._want)
        window.session.document_changed.connect(self.panel.hide)

    @Slot()
    def greet(self) -> None:
        """Show the start panel."""
        preferences = self._window.preferences.now
        self.panel.offer(preferences.recent, at_start=preferences.welcome)

    def greet_at_start(self) -> None:
        """Show the start panel, unless the user wants it no more."""
        if self._window.preferences.now.welcome:
            self.greet()

    @Slot()
    def show_gallery(self) -> None:
        """Let the user choose a template by its picture."""
        gallery = Gallery(templates(), self._window)
        gallery.chosen.connect(self._window.files.open_template)
        gallery.exec()
        gallery.deleteLater()

    @Slot()
    def begin_tour(self) -> None:
        """Go through the window in four steps."""
        self.panel.hide()
        if self.tour is None:
            self.tour = Tour(self._window, _stops(self._window))
        self.tour.begin()

    @Slot()
    def show_kind_help(self) -> None:
        """Show the page of the selected layer's kind, or the first of all."""
        if self._reader is None:
            self._reader = HelpReader(self._window)
        scope = self._window.scope
        chosen = {layer.id: layer.kind for layer in scope.document.graph.layers}
        self._reader.show_kind(chosen.get(scope.selection[0], "") if scope.selection else "")

    @Slot(bool)
    def _want(self, wanted: bool) -> None:
        shared = self._window.preferences
        shared.change(replace(shared.now, welcome=wanted))


def _stops(window: MainWindow) -> list[Stop]:
    session = window.session
    return [
        Stop(
            window.train_bar,
            "Train",
            "Press Train, or F5. The network learns the digits that come with Convograph, and its curves, filters and "
            "maps move while it does.",
            (window.run.started,),
        ),
        Stop(
            window.canvas,
            "Look",
            "Click a layer. Its filters and maps are shown below, its settings at the right, with the formulas of its "
            "shape and its parameters in its own numbers.",
            (session.selection_changed,),
        ),
        Stop(
            window.inspector,
            "Change",
            "Type another number, such as 7 for the kernel size. Every shape behind it follows; what no longer fits is "
            "said, with ways to mend it. Ctrl+Z takes everything back.",
            (session.document_changed,),
        ),
        Stop(
            window.palette_panel,
            "Add a layer",
            "Drag a layer from here onto a wire, or press / on the canvas and type its name.",
            (session.document_changed,),
        ),
    ]
