"""What each action of the window does, and when it can be used."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Protocol, get_args

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QWidget

from core.io.templates import templates
from designer.canvas import Canvas
from designer.canvas.commands import arrange, notes, selection
from designer.canvas.commands.aligning import Direction, Side
from designer.canvas.commands.clipboard import Clipboard
from designer.command_palette.command_palette import CommandPalette
from designer.session import Scope, Session
from designer.training import RangePanel, Run, Runs, TrainBar
from designer.window.arrangement import Arrangement
from designer.window.block_navigation import BlockNavigation
from designer.window.converting import conversion_at
from designer.window.dialogs import about_text, export_document, show_page
from designer.window.files import Files
from designer.window.finding import bring_forward
from designer.window.greeting import Greeting
from designer.window.own_blocks import OwnBlockActions
from designer.window.own_data import OwnData
from designer.window.panels import panel_of, workspaces
from designer.window.shortcuts import shortcut_table
from designer.window.weight_files import WeightFiles
from designer.window.windows import Windows
from designer.window.workspaces import WORKSPACES


class ActionHost(Protocol):
    """The window as its actions know it: the parts that do them, and what it does itself."""

    windows: Windows
    session: Session
    scope: Scope
    run: Run
    runs: Runs
    canvas: Canvas
    clipboard: Clipboard
    command_palette: CommandPalette
    files: Files
    own_data: OwnData
    weight_files: WeightFiles
    navigation: BlockNavigation
    own_block_actions: OwnBlockActions
    train_bar: TrainBar
    greeting: Greeting
    arrangement: Arrangement
    docks: dict[str, QDockWidget]
    panels: dict[str, QWidget]
    actions_by_id: dict[str, QAction]

    def new_window(self) -> None:
        """Open another window."""

    def close(self) -> bool:
        """Close this one, if nothing unsaved is lost."""

    def save_picture(self) -> None:
        """Save what is drawn as a picture."""

    def search_layers(self) -> None:
        """Let the user search the palette."""

    def dense_to_convolution(self) -> None:
        """Turn the selected Dense layers into convolutions."""

    def show_workspace(self, name: str) -> None:
        """Arrange the window for another workspace."""

    def reset_panels(self) -> None:
        """Show the panels of the workspace where they were at first."""

    def toggle_theme(self) -> None:
        """Change between light and dark."""


def handlers(window: ActionHost) -> dict[str, Callable[[], object]]:
    """Return what is done for each action of `designer.window.actions`, by its id."""
    canvas, clipboard = window.canvas, window.clipboard
    return {
        "show_gallery": window.greeting.show_gallery,
        "new_window": window.new_window,
        "new_document": window.files.new,
        "open_document": window.files.choose,
        "save_document": window.files.save,
        "save_document_as": window.files.save_as,
        "save_picture": window.save_picture,
        "export_document": partial(export_document, canvas, window.session, window.runs),
        "close_window": window.close,
        "quit": window.windows.close_all,
        "undo": window.session.undo,
        "redo": window.session.redo,
        "copy": clipboard.copy,
        "cut": clipboard.cut,
        "paste": clipboard.paste,
        "duplicate": clipboard.duplicate,
        "delete_selection": partial(selection.delete_selection, canvas),
        "select_all": canvas.select_all,
        "make_block": partial(selection.make_block, canvas),
        "open_block": canvas.open_block,
        "leave_block": canvas.leave_block,
        "go_back": window.navigation.go_back,
        "go_forward": window.navigation.go_forward,
        "unfold_block": partial(selection.unfold_block, canvas),
        "keep_block": window.own_block_actions.keep_selected,
        "dense_to_convolution": window.dense_to_convolution,
        "quick_add": window.command_palette.quick_add,
        "replace_kind": window.command_palette.replace_kind,
        "find_layer": window.command_palette.find_layer,
        "find_anything": window.command_palette.find_anything,
        "search_layers": window.search_layers,
        "write_note": partial(notes.write_note, canvas),
        "frame_selection": partial(notes.frame_selection, canvas),
        "straighten_wires": partial(notes.straighten_wires, canvas),
        "disconnect_selection": partial(arrange.disconnect_selection, canvas),
        **{f"align_{side}": partial(arrange.align, canvas, side) for side in get_args(Side)},
        **{f"distribute_{way}": partial(arrange.distribute, canvas, way) for way in get_args(Direction)},
        "arrange_selection": partial(arrange.arrange_selection, canvas),
        "arrange": partial(arrange.arrange_all, canvas),
        **{f"arrange_{direction}": partial(arrange.turn, canvas, direction) for direction in arrange.DIRECTIONS},
        "fit": canvas.fit,
        "fit_selection": canvas.fit_selection,
        "zoom_in": canvas.zoom_in,
        "zoom_out": canvas.zoom_out,
        "zoom_reset": canvas.zoom_reset,
        **{f"workspace_{workspace.name}": partial(window.show_workspace, workspace.name) for workspace in WORKSPACES},
        "reset_panels": window.reset_panels,
        "toggle_theme": window.toggle_theme,
        "train_or_pause": window.train_bar.train_or_pause,
        "go_on": window.train_bar.go_on,
        "start_over": window.train_bar.start_over,
        "load_weights": window.weight_files.choose,
        "save_weights": window.weight_files.save,
        "save_best_weights": window.weight_files.save_best,
        "train_step": window.train_bar.step,
        "stop_training": window.run.stop,
        "test_range": partial(_test_range, window),
        "choose_dataset": window.own_data.choose_file,
        "choose_data_folder": window.own_data.choose_folder,
        "kind_help": window.greeting.show_kind_help,
        "begin_tour": window.greeting.begin_tour,
        "greet": window.greeting.greet,
        "show_shortcuts": partial(_show_shortcuts, window),
        "show_about": partial(_show_about, window),
    }


def _test_range(window: ActionHost) -> None:
    """Begin a range test where it is seen."""
    window.show_workspace("train")
    bring_forward(window.docks["range test"])
    panel_of(window.panels, RangePanel).run.start()


def conditions(window: ActionHost) -> dict[str, bool]:
    """Say which of the conditions hold that actions need."""
    session, view = window.session, window.canvas.view
    offered = workspaces()
    return {
        **{f"workspace_{workspace.name}": workspace in offered for workspace in WORKSPACES},
        "drawn": window.arrangement.workspace.centre == "canvas",
        "undo": session.undo_label is not None,
        "redo": session.redo_label is not None,
        "selection": bool(session.selection),
        "several": len(session.selection) > 1,
        "copyable": bool(session.selection or view.selection.notes),
        "deletable": bool(session.selection or view.selection.wires or view.selection.notes),
        "led": any(view.drawing.wires[key].points for key in view.selection.wires),
        "block": window.canvas.selected_block is not None,
        "inside": bool(session.place),
        "downwards": session.document.layout.direction == "down",
        "rightwards": session.document.layout.direction == "right",
        "back": window.navigation.can_go_back,
        "forward": window.navigation.can_go_forward,
        "convertible": conversion_at(window.scope.report, window.scope.selection) is not None,
        "training": window.run.state != "idle",
        "idle": window.run.state == "idle",
        "continuable": window.run.state == "idle" and window.runs.can_continue,
        "weights": window.run.state == "idle" and window.weight_files.can_save,
        "best": window.run.state == "idle" and window.weight_files.can_save_best,
    }


def _show_shortcuts(window: ActionHost) -> None:
    from designer.help import ShortcutPage

    ShortcutPage(shortcut_table(window.actions_by_id), window.canvas.window()).exec()


def _show_about(window: ActionHost) -> None:
    show_page(window.canvas.window(), "About Convograph", about_text(len(templates())))
