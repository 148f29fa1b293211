"""The main window: assembly only. What the parts do, they do themselves."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, QSize, Qt, Slot
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow

from core.errors import SaveError
from core.graph.layouts import NoteKey
from core.io.templates import OPENING, load_template
from core.training.messages import Finding
from designer import theme
from designer.canvas import Canvas
from designer.canvas.commands.clipboard import Clipboard
from designer.canvas.commands.keys import CanvasKeys
from designer.command_palette.command_palette import CommandPalette
from designer.inspector import Inspector, TrainingPanel
from designer.palette import Palette, add_after_selection
from designer.pictures import NETWORK
from designer.session import Change, Scope, Session
from designer.session.training_check import TrainingCheck
from designer.session.unsaved import RecoveryWriter, Unsaved
from designer.strip import Strip
from designer.time_machine import TimeMachine, TimeMachineBar
from designer.training import Answering, Following, LeftRuns, Live, Run, Runs, Stopwatch, TrainBar
from designer.views.data import ShownData
from designer.views.search import SearchRun
from designer.window.actions import (
    build_actions,
    enable_actions,
    fill_menu_bar,
    name_step,
    offer_workspaces,
    paint_icons,
)
from designer.window.announcing import Announcer
from designer.window.arrangement import Arrangement
from designer.window.block_navigation import BlockNavigation
from designer.window.centre import Centre
from designer.window.changed_outside import ChangedOutside
from designer.window.closing import end_threads
from designer.window.comparing import Comparing
from designer.window.converting import convert_selection
from designer.window.dialogs import save_picture
from designer.window.docks import make_docks
from designer.window.file_drop import FileDrop
from designer.window.files import Files
from designer.window.finding import bring_forward, findables
from designer.window.greeting import Greeting
from designer.window.handlers import conditions, handlers
from designer.window.importing import Imports
from designer.window.inside_parts import InsideParts
from designer.window.leads import Leads
from designer.window.menus import canvas_menu, insert_submenus
from designer.window.own_blocks import OwnBlockActions
from designer.window.own_data import OwnData
from designer.window.panel_links import link_lenses, link_panels, link_words, show_trials
from designer.window.panels import make_panels, panel_of, workspaces
from designer.window.patient_check import PatientCheck
from designer.window.rails import unfold
from designer.window.recovery import RecoveryBanner
from designer.window.run_folders import RunFolders
from designer.window.shared_preferences import PreferenceSync
from designer.window.status_line import StatusLine
from designer.window.strip_words import StripWords
from designer.window.thumbnails import Thumbnails
from designer.window.toolbar import DatasetChooser, Toolbar
from designer.window.tour_parts import TourParts
from designer.window.verdict import Verdict
from designer.window.weight_files import WeightFiles
from designer.window.windows import Windows
from designer.window.workspaces import DESIGN, WORKSPACES

FIRST_SIZE = QSize(1600, 1000)
MESSAGE_MS = 8000
"""How long a sentence stands in the status bar."""


class MainWindow(QMainWindow):
    """One window with one document; it opens with LeNet-5, ready to train.

    Parameters
    ----------
    windows : Windows, optional
        The other windows that are open, and the preferences that they share.
    size : QSize, optional
        Where no former one is remembered; by default as large as is comfortable, within the screen.
    """

    def __init__(self, windows: Windows | None = None, size: QSize | None = None) -> None:
        super().__init__()
        self._first_size = size or FIRST_SIZE.boundedTo(self.screen().availableSize())
        self.windows = windows or Windows()
        self.preferences = self.windows.preferences
        self.session = Session(load_template(OPENING), self)
        self.session.checker = PatientCheck(self)
        self.scope = Scope(self.session)
        self.training_check = TrainingCheck(self.session, self)
        self.run = Run(self)
        self.runs = Runs(self.session, self.run, self)
        self.weight_files = WeightFiles(self.session, self.run, self.runs, self)
        self.search = SearchRun(self)
        self.imports = Imports(self.session, self.runs, self)
        folders = RunFolders(self.session, self.runs, self)
        self.files = Files(self.session, self, self.windows, self.weight_files, self.search, self.imports, folders)
        self.following = Following(self.runs, self)
        self.own_data = OwnData(self.session, self)
        self.recovery_writer = RecoveryWriter(self.session, self)
        self.live = Live(self.session, self.run, self.runs, self)
        self.questions = Answering(self.session, self.run, self.runs, self.live, self)
        self.data = ShownData(self.session, self)
        self.inside_parts = InsideParts(self, self)
        self.inside = self.inside_parts.inside
        self.stopwatch = Stopwatch(self.session, self.run, self)
        self._failure = ""
        self._make_parts()
        self._make_frame()
        self._connect_session()
        self._connect_training()
        self.windows.add(self, self.session)
        self._refresh_actions()

    # --- Assembly ----------------------------------------------------------------------------------------------------

    def _make_parts(self) -> None:
        session = self.session
        self.canvas = Canvas(self.scope)
        self.strip = Strip(self.scope)
        CanvasKeys(self.canvas)
        self.clipboard = Clipboard(self.canvas)
        self.command_palette = CommandPalette(self, self.scope, self.canvas, self.reveal, self.files.open_template)
        self.preference_sync = PreferenceSync(self.preferences, session, self.command_palette, self.files)
        self.train_bar = TrainBar(session, self.run, self.runs)
        self.time_machine = TimeMachine(session, self.run, self.runs, self.live, self)
        self.time_bar = TimeMachineBar(self.time_machine)
        self.datasets = DatasetChooser(session)
        self.verdict = Verdict(session)
        self.navigation = BlockNavigation(session)
        self.announcer = Announcer(session, self)
        self.thumbnails = Thumbnails(session, self.canvas, self.live)
        self.panels = make_panels(self)
        link_panels(self.panels, self.time_machine, self.time_bar)
        self.palette_panel = panel_of(self.panels, Palette)
        self.inspector = panel_of(self.panels, Inspector)
        tour = TourParts(self.train_bar, self.canvas, self.inspector, self.palette_panel, self.run)
        self.greeting = Greeting(self, self.scope, self.files, self.preferences, tour)
        own, palette = self.windows.own_blocks, self.palette_panel
        self.own_block_actions = OwnBlockActions(
            self, own, self.canvas, self.scope, palette, self.command_palette, self.files
        )

    def _make_frame(self) -> None:
        self.recovery = RecoveryBanner()
        self.changed_outside = ChangedOutside(self.session)
        self.changed_outside.save_requested.connect(self.files.save)
        self.centre = Centre(self.canvas, self.strip, self.recovery, self.changed_outside)
        self.setCentralWidget(self.centre)
        self.actions_by_id = build_actions(self, handlers(self))
        offered = workspaces()
        offer_workspaces(self, self.actions_by_id, offered)
        self.canvas.zoom_control.put_beside(self.actions_by_id["arrange"], self.actions_by_id["fit"])
        self.toolbar = Toolbar(self.session, self.actions_by_id, offered, self.datasets, self.train_bar, self.verdict)
        self.addToolBar(self.toolbar)
        self.addToolBar(Qt.ToolBarArea.BottomToolBarArea, self.time_bar)
        self.docks = make_docks(self, self.panels)
        self.comparing = Comparing(self, self)
        self.command_palette.set_findables(partial(findables, self.menuBar(), self.inspector, self.docks))
        self.menus = fill_menu_bar(self.menuBar(), self.actions_by_id)
        insert_submenus(self)
        for menu in self.menus.values():
            menu.aboutToShow.connect(self._refresh_actions)  # wires are chosen without a word
        self.resize(self._first_size)
        self.arrangement = Arrangement(self, self.docks)
        for follow in (self.centre.show_workspace, self.toolbar.switch.show_workspace, self.greeting.leave):
            self.arrangement.changed.connect(follow)
        self.arrangement.changed.connect(self._refresh_actions)
        self.arrangement.arranged.connect(lambda workspace: self.time_bar.setVisible(workspace.time_machine))
        self.greeting.canvas_wanted.connect(self.show_canvas)
        self.strip_words = StripWords(self.scope, self.strip, self.canvas, self.arrangement)
        link_words(self.panels, self.strip_words)
        panel_of(self.panels, TrainingPanel).range_test_requested.connect(self.actions_by_id["test_range"].trigger)
        self.status_line = StatusLine(self.session, self.run, self.runs, self.actions_by_id["find_anything"].shortcut())
        self.statusBar().addWidget(self.status_line, 1)
        self.statusBar().setSizeGripEnabled(False)
        self.setWindowIcon(theme.app_icon())
        paint_icons(self.actions_by_id)
        self.leads = Leads(self)
        self._show_title()
        self.arrangement.restore(self.preferences.now)

    def _connect_session(self) -> None:
        session = self.session
        session.document_changed.connect(self._refresh_actions)
        session.document_changed.connect(self._on_document)
        session.document_changed.connect(self.live.refresh)  # after the panels: they look at other layers by then
        session.selection_changed.connect(self._refresh_actions)
        session.place_changed.connect(self._refresh_actions)
        session.file_changed.connect(self._show_title)
        self.preference_sync.said.connect(self._hint)
        self.files.said.connect(self._hint)
        self.imports.said.connect(self._hint)
        FileDrop(self).dropped.connect(self.own_data.take)
        self.own_data.document_dropped.connect(self.files.open)
        self.own_data.taken.connect(lambda: self.show_workspace("data"))
        self.own_data.said.connect(self._hint)
        self.recovery_writer.failed.connect(self._hint)
        self.recovery.chosen.connect(self._recover)
        self.canvas.hint.connect(self._hint)
        self.canvas.lenses.changed.connect(self._hint)
        self.strip.layer_opened.connect(self.show_drawn)
        self.canvas.view.menu_asked.connect(self._show_canvas_menu)
        self.scope.refused.connect(self._hint)
        self.verdict.clicked.connect(self.show_problems)
        self.train_bar.problems_requested.connect(self.show_problems)
        self.datasets.file_requested.connect(self.own_data.choose_file)
        self.datasets.folder_requested.connect(self.own_data.choose_folder)
        theme.changed.connect(self._on_theme)

    def _connect_training(self) -> None:
        self.run.failed.connect(self._on_failed)
        self.run.failed.connect(self.training_check.ask_again)
        self.data.changed.connect(self.training_check.know)
        self.training_check.doubted.connect(self.data.read_again)
        show_trials(self, self.docks, self.search)
        self.run.found.connect(self._on_found)
        self.run.state_changed.connect(self._refresh_actions)
        self.run.unchanged.connect(self._hint)
        self.runs.changed.connect(self._refresh_actions)
        self.runs.said.connect(self._hint)
        self.weight_files.said.connect(self._hint)
        link_lenses(self.canvas.lenses, self.stopwatch, self.questions)
        self.inside_parts.connect_panels()

    # --- What actions do ---------------------------------------------------------------------------------------------

    @Slot()
    def toggle_theme(self) -> None:
        """Change between light and dark."""
        self.preference_sync.choose_theme("light" if theme.current().is_dark else "dark")

    @Slot()
    def new_window(self) -> None:
        """Open another window, as the program opens."""
        MainWindow(self.windows).show()

    def show_workspace(self, name: str) -> None:
        """Arrange the window for another workspace; the document, what is selected and a training stay as they are."""
        self.canvas.view.give_up()
        self.arrangement.show(next(workspace for workspace in WORKSPACES if workspace.name == name))

    @Slot()
    def reset_panels(self) -> None:
        """Show the panels of the workspace where they were at first."""
        self.arrangement.reset()

    @Slot()
    def show_canvas(self) -> None:
        """Show the workspace in which the network is drawn."""
        self.show_workspace(DESIGN.name)

    @Slot(str)
    def show_drawn(self, layer: str) -> None:
        """Show a layer of the strip on the canvas."""
        self.show_canvas()
        self.canvas.reveal(layer)

    @Slot()
    def search_layers(self) -> None:
        """Let the user search the palette, which may be folded or closed."""
        self.docks["palette"].show()
        unfold(self.palette_panel)
        self.palette_panel.focus_search()

    @Slot()
    def dense_to_convolution(self) -> None:
        """Turn the selected Dense layers, and those of their chain, into convolutions that compute the same."""
        self.canvas.view.give_up()
        convert_selection(self.scope)

    @Slot()
    def show_problems(self) -> None:
        """Bring the list of problems to the front, and show the first one on the canvas."""
        bring_forward(self.docks["problems"])
        errors = self.session.report.errors or self.session.training_problems
        if errors and errors[0].layer:
            self.reveal(errors[0].layer)

    @Slot()
    def save_picture(self) -> None:
        """Save what is drawn as a picture."""
        self.canvas.view.give_up()
        try:
            save_picture(self, self.canvas.scene, self.session)
        except SaveError as error:
            self.files.complain(str(error))

    # --- What panels ask for -----------------------------------------------------------------------------------------

    @Slot(str)
    def add_kind(self, kind: str) -> None:
        """Add a layer after what is selected."""
        add_after_selection(self.scope, kind)
        self.canvas.setFocus()

    @Slot(str)
    def reveal(self, layer_id: str) -> None:
        """Show a layer of the flattened graph on the canvas."""
        self.session.go_to(layer_id)
        self.canvas.reveal(layer_id.removeprefix(self.session.place))

    @Slot(object)
    def show_note(self, key: NoteKey) -> None:
        """Show a note of the whole document."""
        self.show_canvas()
        self.session.enter("")
        self.canvas.view.selection.select_notes([key])

    # --- Following ---------------------------------------------------------------------------------------------------

    @Slot(object)
    def _on_document(self, change: Change) -> None:
        edited = change.graph_changed or change.before.training != change.after.training
        failed = edited and self.statusBar().currentMessage() == self._failure
        if change.label is None or failed:  # what was said was about the document that was left
            self.statusBar().clearMessage()

    @Slot(QPoint)
    def _show_canvas_menu(self, at: QPoint) -> None:
        self._refresh_actions()
        self.canvas_menu = canvas_menu(self, self.actions_by_id, self.canvas)
        self.canvas_menu.popup(at)

    @Slot(str)
    def _hint(self, sentence: str) -> None:
        if sentence:
            self.statusBar().showMessage(sentence, MESSAGE_MS)
        else:
            self.statusBar().clearMessage()

    @Slot(str, str)
    def _on_failed(self, what: str, _: str) -> None:
        self._failure = what  # why, and what to do, has its room below the curves
        self.statusBar().showMessage(self._failure)

    @Slot(object)
    def _on_found(self, finding: Finding) -> None:
        self._hint(finding.what)

    @Slot(object)
    def _recover(self, unsaved: Unsaved) -> None:
        if self.files.may_leave() and self.session.open(unsaved.document, unsaved.path, saved=False):
            if unsaved.saved is not None:
                self.session.mark_on_disk(unsaved.saved)
                self.changed_outside.look()
            if isinstance(unsaved, LeftRuns):
                self.runs.adopt(unsaved)
            if self.recovery_writer.keep().exception() is None:  # only then is the older copy no longer needed
                self.recovery.accept(unsaved)

    @Slot()
    def _refresh_actions(self) -> None:
        enable_actions(self.actions_by_id, conditions(self))
        name_step(self.actions_by_id["undo"], "Undo", self.session.undo_label)
        name_step(self.actions_by_id["redo"], "Redo", self.session.redo_label)

    @Slot()
    def _show_title(self) -> None:
        path = self.session.path
        name = path.name if path else self.session.document.name or "Untitled"
        name = name.replace("[*]", "[*][*]")  # once, it would be taken for the place of the mark of what is unsaved
        self.setWindowTitle(f"{name}[*] – Convograph")
        self.setWindowModified(self.session.modified)
        self.setProperty(NETWORK, self.session.document.name)

    @Slot(object)
    def _on_theme(self, _: object) -> None:
        paint_icons(self.actions_by_id)

    # --- Coming and going --------------------------------------------------------------------------------------------

    def closeEvent(self, event: QCloseEvent) -> None:
        """Leave nothing unsaved unasked for, and no thread behind."""
        if not self.files.may_leave():
            event.ignore()
            return
        self.recovery_writer.close()
        self.training_check.close()
        self.data.stop()
        parts = (self.run, self.live, self.inside_parts, self.questions, self.comparing, self.stopwatch, self.search)
        end_threads(parts, self.panels.values())
        self.runs.shelf.close()
        self.preferences.change(self.arrangement.remembered(self.preferences.now))
        self.preferences.save()
        self.windows.take_out(self)
        event.accept()
