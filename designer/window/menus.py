"""Menus whose entries change: the panels of the window, the files that were open lately, and others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QDockWidget, QMenu, QWidget

from designer import theme
from designer.canvas import Canvas
from designer.canvas.commands.notes import colour_notes
from designer.canvas.drawing.notes import HUES, swatch
from designer.canvas.overlay.lenses import LENSES, Lenses
from designer.session.preferences import SharedPreferences
from designer.time_machine import TimeMachine
from designer.training import Runs, RunsMenu
from designer.window.actions import ACTIONS
from designer.window.files import Files
from designer.window.moment_actions import MomentActions
from designer.window.shared_preferences import PreferenceSync


class PanelsMenu(QMenu):
    """Shows and hides panels: the way back for one that was closed."""

    def __init__(self, docks: Iterable[QDockWidget], parent: QMenu) -> None:
        super().__init__("Panels", parent)
        for dock in docks:
            self.addAction(dock.toggleViewAction())


ON_CANVAS = (
    ("open_block", "replace_kind"),
    ("cut", "copy", "paste", "duplicate", "delete_selection", "disconnect_selection"),
    ("write_note", "frame_selection", "straighten_wires"),
    ("make_block", "unfold_block", "keep_block", "dense_to_convolution"),
    ("quick_add", "find_layer", "select_all"),
    ("arrange", "arrange_right", "arrange_down", "fit", "fit_selection", "leave_block"),
)
"""What the canvas's own menu offers, in groups, as far as it can be done."""


def canvas_menu(parent: QWidget, actions: Mapping[str, QAction], canvas: Canvas) -> QMenu:
    """Make the menu of what can be done with what is selected."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for group in ON_CANVAS:
        possible = [actions[id] for id in group if actions[id].isEnabled()]
        if possible and menu.actions():
            menu.addSeparator()
        menu.addActions(possible)
    alignments = [actions[spec.id] for spec in ACTIONS if spec.menu == "Arrange/Align"]
    if actions["arrange_selection"].isEnabled():
        menu.addSeparator()
        menu.addMenu("Align").addActions([*alignments, actions["arrange_selection"]])
    if canvas.view.selection.notes:
        menu.addSeparator()
        hues = menu.addMenu("Colour")
        for hue in HUES:
            hues.addAction(swatch(hue), hue.capitalize(), partial(colour_notes, canvas, hue))
    return menu


def _one_of(menu: QMenu, titles: Mapping[str, str]) -> QActionGroup:
    """Put choices into a menu, one of which is on; an action's data is the choice's name."""
    group = QActionGroup(menu)
    for name, title in titles.items():
        action = menu.addAction(title)
        action.setCheckable(True)
        action.setData(name)
        group.addAction(action)
    return group


class LensMenu(QMenu):
    """Chooses the lens through which the canvas is seen."""

    def __init__(self, lenses: Lenses, parent: QMenu) -> None:
        super().__init__("Tint cards by", parent)
        group = _one_of(self, {"": "Nothing", **{name: lens.title for name, lens in LENSES.items()}})
        group.actions()[0].setChecked(True)
        group.triggered.connect(self._choose)
        self._lenses = lenses

    def _choose(self, action: QAction) -> None:
        self._lenses.choose(action.data())


class ThemeMenu(QMenu):
    """Chooses the theme; `chosen` carries the choice, which is also shown when it is made elsewhere."""

    chosen = Signal(str)

    def __init__(self, parent: QMenu) -> None:
        super().__init__("Theme", parent)
        group = _one_of(
            self, {"dark": "Dark", "light": "Light", "contrast": "High contrast", "system": "As the system"}
        )
        group.triggered.connect(self._choose)
        self.aboutToShow.connect(self._refresh)

    def _choose(self, action: QAction) -> None:
        self.chosen.emit(action.data())

    def _refresh(self) -> None:
        for action in self.actions():
            action.setChecked(action.data() == theme.choice())


class RecentMenu(QMenu):
    """The files that were open lately, the newest first; looks them up whenever it opens.

    Parameters
    ----------
    recent : callable
        Returns the files' paths.
    """

    chosen = Signal(object)
    """Carries the path of the file to open."""

    def __init__(self, recent: Callable[[], tuple[str, ...]], parent: QMenu) -> None:
        super().__init__("Open recent", parent)
        self._recent = recent
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self._fill)
        self.triggered.connect(self._choose)

    def _fill(self) -> None:
        self.clear()
        paths = [Path(name) for name in self._recent()]
        for path in paths:
            twins = sum(other.name == path.name for other in paths) > 1
            action = self.addAction(theme.button_text(f"{path.name} – {path.parent.name}" if twins else path.name))
            action.setData(str(path))
            action.setToolTip(str(path))
        if not paths:
            self.addAction("No files yet").setEnabled(False)

    def _choose(self, action: QAction) -> None:
        self.chosen.emit(Path(action.data()))


class MenuHost(Protocol):
    """The window as its changing menus know it."""

    menus: dict[str, QMenu]
    actions_by_id: dict[str, QAction]
    docks: dict[str, QDockWidget]
    canvas: Canvas
    runs: Runs
    time_machine: TimeMachine
    files: Files
    preferences: SharedPreferences
    preference_sync: PreferenceSync


def insert_submenus(window: MenuHost) -> None:
    """Put the menus whose entries change into the menus of a window, each before an action; some actions change too."""
    file, view, train = (window.menus[title] for title in ("File", "View", "Train"))
    recent = RecentMenu(lambda: window.preferences.now.recent, file)
    recent.chosen.connect(window.files.open)
    themes = ThemeMenu(view)
    themes.chosen.connect(window.preference_sync.choose_theme)
    for menu, before, submenu in (
        (file, "save_document", recent),
        (view, "reset_panels", PanelsMenu(window.docks.values(), view)),
        (view, "reset_panels", LensMenu(window.canvas.lenses, view)),
        (view, "toggle_theme", themes),
        (train, "choose_dataset", RunsMenu(window.runs, train)),
    ):
        menu.insertMenu(window.actions_by_id[before], submenu)
    MomentActions(window.time_machine, window.actions_by_id, train)
