"""The main window: assembly only. What the parts do, they do themselves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QByteArray, QCoreApplication, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow, QWidget

from core.errors import ConvographError
from core.graph.edits import set_training
from core.io.datasets import load_dataset
from core.io.templates import OPENING, load_template, templates
from designer import theme
from designer.canvas import Canvas
from designer.inspector import Inspector
from designer.palette import Palette, add_after_selection
from designer.problems import ProblemsPanel
from designer.session import Session
from designer.session.preferences import Preferences
from designer.summary import SummaryPanel
from designer.training import Live, Run, TrainBar
from designer.views import ActivationsView, CurvesView, FiltersView
from designer.window.actions import build_actions, paint_icons, shortcut_table
from designer.window.dialogs import about_text, choose_dataset_path, save_picture, show_page
from designer.window.docks import arrange_docks, make_dock
from designer.window.files import Files
from designer.window.thumbnails import Thumbnails
from designer.window.toolbar import DatasetChooser, Toolbar
from designer.window.verdict import Verdict

STOP_SECONDS = 5.0
"""How long closing waits for a training to end."""


class MainWindow(QMainWindow):
    """One window with one document."""

    def __init__(self, preferences: Preferences | None = None) -> None:
        super().__init__()
        self.preferences = preferences or Preferences()
        self.session = Session(load_template(OPENING), self)
        self.files = Files(self.session, self)
        self.run = Run(self)
        self.live = Live(self.session, self.run, self)
        self._make_parts()
        self._make_frame()
        self._connect()
        self._restore()
        self._refresh_actions()

    def _make_parts(self) -> None:
        session = self.session
        self.canvas = Canvas(session)
        self.palette_panel = Palette(session)
        self.inspector = Inspector(session)
        self.curves = CurvesView()
        self.filters = FiltersView(session)
        self.activations = ActivationsView(session)
        self.problems = ProblemsPanel(session)
        self.summary = SummaryPanel(session)
        self.train_bar = TrainBar(session, self.run)
        self.datasets = DatasetChooser(session)
        self.verdict = Verdict(session)
        self._thumbnails = Thumbnails(session, self.canvas)

    def _make_frame(self) -> None:
        self.setCentralWidget(self.canvas)
        self.actions_by_id = build_actions(self, self._handlers())
        paint_icons(self.actions_by_id)
        self.toolbar = Toolbar(self.session, self.actions_by_id, self.datasets, self.train_bar, self.verdict)
        self.addToolBar(self.toolbar)
        self.docks: dict[str, QDockWidget] = {
            name: make_dock(title, name, widget, headless=name in ("palette", "inspector"))
            for name, title, widget in self._panels()
        }
        columns = [["curves", "problems", "summary"], ["filters"], ["activations"]]
        arrange_docks(
            self,
            self.docks["palette"],
            self.docks["inspector"],
            [[self.docks[name] for name in column] for column in columns],
        )
        self.statusBar().setSizeGripEnabled(False)
        self.setWindowIcon(theme.app_icon())
        self.resize(1600, 1000)

    def _panels(self) -> tuple[tuple[str, str, QWidget], ...]:
        return (
            ("palette", "Layers", self.palette_panel),
            ("inspector", "Inspector", self.inspector),
            ("curves", "Curves", self.curves),
            ("filters", "Filters", self.filters),
            ("activations", "Activations", self.activations),
            ("problems", "Problems", self.problems),
            ("summary", "Summary", self.summary),
        )

    def _handlers(self):  # type: ignore[no-untyped-def]
        return {
            "new_document": self.files.new,
            "open_document": self.files.choose,
            "save_document": self.files.save,
            "save_document_as": self.files.save_as,
            "save_picture": self.save_picture,
            "quit": self.close,
            "undo": self.session.undo,
            "redo": self.session.redo,
            "delete_selection": self.canvas.delete_selection,
            "select_all": self.canvas.select_all,
            "search_layers": self.palette_panel.focus_search,
            "arrange": self.canvas.arrange,
            "fit": self.canvas.fit,
            "fit_selection": self.canvas.fit_selection,
            "zoom_in": self.canvas.zoom_in,
            "zoom_out": self.canvas.zoom_out,
            "zoom_reset": self.canvas.zoom_reset,
            "toggle_theme": self.toggle_theme,
            "train_or_pause": self.train_bar.train_or_pause,
            "train_step": self.train_bar.step,
            "stop_training": self.run.stop,
            "choose_dataset": self.choose_dataset,
            "show_shortcuts": self.show_shortcuts,
            "show_about": self.show_about,
        }
