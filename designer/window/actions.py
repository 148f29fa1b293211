"""Every action of the window, as data: menus, toolbar and shortcuts are built from this one table."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu, QMenuBar, QWidget

from designer import theme
from designer.window.workspaces import WORKSPACES, Workspace


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """What a user can ask for.

    Attributes
    ----------
    id : str
        The name of the method of the window that does it.
    title : str
        What menus and tooltips say.
    menu : str
        The menu that it stands in, with a slash before the name of a submenu; menus stand in the order of the table.
    needs : str
        The conditions under which it can be used, keys of the window's `conditions`.
    line_before : bool
    also : tuple of str
        Other words by which people look for it.
    """

    id: str
    title: str
    menu: str
    shortcut: str = ""
    icon: str = ""
    needs: str = ""
    line_before: bool = False
    also: tuple[str, ...] = ()


ACTIONS = (
    ActionSpec("new_document", "New", "File", "Ctrl+N", "new", also=("blank", "empty network")),
    ActionSpec("show_gallery", "New from template…", "File", "Ctrl+Alt+N", also=("gallery", "example")),
    ActionSpec("new_window", "New window", "File", "Ctrl+Shift+N"),
    ActionSpec("open_document", "Open…", "File", "Ctrl+O", "open", also=("load",)),
    ActionSpec("save_document", "Save", "File", "Ctrl+S", "save", also=("write file", "store")),
    ActionSpec("save_document_as", "Save as…", "File", "Ctrl+Shift+S", also=("rename file", "copy file")),
    ActionSpec(
        "save_picture",
        "Save picture…",
        "File",
        "Ctrl+Shift+E",
        "export",
        line_before=True,
        also=("export", "image", "PNG", "SVG", "PDF", "screenshot"),
    ),
    ActionSpec(
        "export_document",
        "Export…",
        "File",
        "Ctrl+Shift+X",
        also=("PyTorch", "code", "safetensors", "LaTeX", "TikZ", "Mermaid", "table of layers", "proof"),
    ),
    ActionSpec("load_weights", "Load weights…", "File", needs="idle", line_before=True, also=("restore weights",)),
    ActionSpec("save_weights", "Save weights…", "File", needs="weights", also=("checkpoint", "store weights")),
    ActionSpec("save_best_weights", "Save best weights…", "File", needs="best", also=("early stopping", "best epoch")),
    ActionSpec("close_window", "Close window", "File", "Ctrl+W", line_before=True),
    ActionSpec("quit", "Quit", "File", "Ctrl+Q", also=("exit",)),
    ActionSpec("undo", "Undo", "Edit", "Ctrl+Z", "undo", "undo", also=("take back", "revert")),
    ActionSpec("redo", "Redo", "Edit", "Ctrl+Shift+Z", "redo", "redo", also=("repeat",)),
    ActionSpec("cut", "Cut", "Edit", "Ctrl+X", needs="copyable", line_before=True),
    ActionSpec("copy", "Copy", "Edit", "Ctrl+C", needs="copyable"),
    ActionSpec("paste", "Paste", "Edit", "Ctrl+V"),
    ActionSpec("duplicate", "Duplicate", "Edit", "Ctrl+Shift+D", needs="copyable", also=("clone",)),
    ActionSpec("delete_selection", "Delete", "Edit", "", "delete", "deletable", also=("remove", "erase")),
    ActionSpec("select_all", "Select all", "Edit", "Ctrl+A"),
    ActionSpec(
        "find_anything", "Find anything…", "Edit", "Ctrl+K", line_before=True, also=("command palette", "search")
    ),
    ActionSpec("find_layer", "Find layer…", "Edit", "Ctrl+F", also=("go to layer", "search")),
    ActionSpec("search_layers", "Search the palette", "Edit", "Ctrl+P", "search", also=("find kind",)),
    *(
        ActionSpec(
            f"workspace_{workspace.name}",
            f"{workspace.title} workspace",
            "View",
            workspace.key,
            needs=f"workspace_{workspace.name}",
            also=(workspace.title, f"go to {workspace.title}", "switch workspace"),
        )
        for workspace in WORKSPACES
    ),
    ActionSpec("fit", "Fit", "View", "Home", "fit", "drawn", line_before=True, also=("zoom to fit", "show all")),
    ActionSpec("fit_selection", "Fit selection", "View", "Shift+Home", needs="drawn selection"),
    ActionSpec("zoom_in", "Zoom in", "View", "Ctrl++", "zoom_in", "drawn", also=("larger", "magnify")),
    ActionSpec("zoom_out", "Zoom out", "View", "Ctrl+-", "zoom_out", "drawn", also=("smaller",)),
    ActionSpec("zoom_reset", "Actual size", "View", "Ctrl+0", needs="drawn", also=("100 %",)),
    ActionSpec("leave_block", "Leave block", "View", "Alt+Up", needs="inside", line_before=True, also=("up",)),
    ActionSpec("go_back", "Back to where you were", "View", "Alt+Left", needs="back"),
    ActionSpec("go_forward", "Forward again", "View", "Alt+Right", needs="forward"),
    ActionSpec(
        "reset_panels",
        "Reset this workspace",
        "View",
        line_before=True,
        also=("put panels back", "reset layout", "restore panels", "docks"),
    ),
    ActionSpec(
        "toggle_theme",
        "Light or dark",
        "View",
        "Ctrl+T",
        "theme_dark",
        also=("dark mode", "light mode", "night mode", "colours", "colors", "appearance"),
    ),
    ActionSpec("quick_add", "Add layer…", "Layers", "/", needs="drawn", also=("insert", "new layer")),
    ActionSpec(
        "replace_kind", "Replace by another kind…", "Layers", "Ctrl+R", needs="selection", also=("change type", "swap")
    ),
    ActionSpec("disconnect_selection", "Disconnect", "Layers", needs="selection", also=("unlink", "cut wires")),
    ActionSpec(
        "make_block",
        "Make block",
        "Layers",
        "Ctrl+G",
        needs="selection",
        line_before=True,
        also=("group", "fold", "module"),
    ),
    ActionSpec("open_block", "Open block", "Layers", needs="block", also=("enter",)),
    ActionSpec("unfold_block", "Unfold block", "Layers", "Ctrl+Shift+G", needs="block", also=("ungroup",)),
    ActionSpec("keep_block", "Keep block as template…", "Layers", needs="block", also=("save block",)),
    ActionSpec(
        "dense_to_convolution",
        "Dense to convolution",
        "Layers",
        needs="convertible",
        line_before=True,
        also=("fully convolutional",),
    ),
    ActionSpec(
        "write_note",
        "Write note",
        "Layers",
        "Ctrl+M",
        needs="drawn",
        line_before=True,
        also=("comment", "annotate", "text"),
    ),
    ActionSpec("frame_selection", "Draw frame", "Layers", "Ctrl+Shift+F", needs="selection", also=("box", "highlight")),
    ActionSpec("arrange", "Arrange", "Arrange", "Ctrl+L", "arrange", also=("auto layout", "tidy", "clean up")),
    ActionSpec("arrange_right", "Arrange left to right", "Arrange", needs="downwards", also=("horizontal",)),
    ActionSpec("arrange_down", "Arrange top-down", "Arrange", needs="rightwards", also=("vertical",)),
    ActionSpec("arrange_selection", "Arrange selection", "Arrange", "Ctrl+Shift+L", needs="several"),
    ActionSpec("straighten_wires", "Straighten wires", "Arrange", needs="led"),
    ActionSpec("align_left", "Left sides", "Arrange/Align", needs="several"),
    ActionSpec("align_centre", "Centres", "Arrange/Align", needs="several"),
    ActionSpec("align_right", "Right sides", "Arrange/Align", needs="several"),
    ActionSpec("align_top", "Upper sides", "Arrange/Align", needs="several", line_before=True),
    ActionSpec("align_wires", "Wires", "Arrange/Align", "Ctrl+Shift+M", needs="several"),
    ActionSpec("align_bottom", "Lower sides", "Arrange/Align", needs="several"),
    ActionSpec("distribute_across", "Distribute across", "Arrange/Align", needs="several", line_before=True),
    ActionSpec("distribute_down", "Distribute down", "Arrange/Align", needs="several"),
    ActionSpec(
        "train_or_pause", "Train or pause", "Train", "F5", "play", also=("run", "start", "fit", "learn", "play")
    ),
    ActionSpec("go_on", "Continue training", "Train", needs="continuable", also=("more epochs", "resume")),
    ActionSpec("start_over", "Start over", "Train", "Ctrl+F5", needs="idle", also=("restart", "new weights", "reset")),
    ActionSpec("train_step", "Train one batch", "Train", "F6", "step", also=("single step", "iteration")),
    ActionSpec(
        "stop_training", "Stop training", "Train", "Shift+F5", "stop", "training", also=("end", "abort", "cancel")
    ),
    ActionSpec(
        "test_range",
        "Range test of the learning rate",
        "Train",
        line_before=True,
        also=("rate finder", "propose a rate", "LR range test"),
    ),
    ActionSpec(
        "compare_moments",
        "Compare with…",
        "Train",
        "Ctrl+Shift+C",
        line_before=True,
        also=("two moments", "time machine", "side by side", "A and B", "before and after"),
    ),
    ActionSpec("subtract_moments", "Show B − A", "Train", also=("what changed", "difference", "subtract moments")),
    ActionSpec(
        "choose_dataset",
        "Choose data file…",
        "Train",
        "Ctrl+D",
        line_before=True,
        also=("data set", "load data", "images", "import data"),
    ),
    ActionSpec(
        "choose_data_folder", "Choose data folder…", "Train", also=("pictures", "images", "load data", "import data")
    ),
    ActionSpec(
        "kind_help", "About this kind of layer", "Help", "Shift+F1", also=("documentation", "manual", "formula")
    ),
    ActionSpec("begin_tour", "Take the tour", "Help", also=("tutorial", "introduction")),
    ActionSpec("greet", "Show the start panel", "Help", also=("welcome",)),
    ActionSpec("show_shortcuts", "Keyboard shortcuts", "Help", "F1", "help", also=("keys", "hotkeys")),
    ActionSpec("show_about", "About Convograph", "Help", also=("version", "licence")),
)

LONGEST_TITLE = 60
_ROLES = {"quit": QAction.MenuRole.QuitRole, "show_about": QAction.MenuRole.AboutRole}
"""What macOS has its own places for; it would take "About this kind of layer" for the other."""


def build_actions(window: QWidget, handlers: Mapping[str, Callable[[], object]]) -> dict[str, QAction]:
    """Make the actions of a window and give it their shortcuts.

    Parameters
    ----------
    window : QWidget
    handlers : mapping of str to callable
        What to do, by action id; bound methods.
    """
    actions = {}
    for spec in ACTIONS:
        action = QAction(spec.title, window)
        action.setObjectName(spec.id)
        action.setMenuRole(_ROLES.get(spec.id, QAction.MenuRole.NoRole))
        if spec.shortcut:
            action.setShortcut(QKeySequence(spec.shortcut))
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        native = QKeySequence(spec.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{spec.title.rstrip('…')} ({native})" if native else spec.title.rstrip("…"))
        action.triggered.connect(_without_argument(handlers[spec.id]))
        window.addAction(action)
        actions[spec.id] = action
    return actions


def _without_argument(handler: Callable[[], object]) -> Callable[[], None]:
    """Keep the `checked` that `triggered` carries away from handlers that take nothing."""

    def call() -> None:
        handler()

    return call


def enable_actions(actions: Mapping[str, QAction], conditions: Mapping[str, bool]) -> None:
    """Enable the actions whose conditions hold."""
    for spec in ACTIONS:
        if spec.needs:
            actions[spec.id].setEnabled(all(conditions[need] for need in spec.needs.split()))


def name_step(action: QAction, verb: str, label: str | None) -> None:
    """Say what undo or redo would do."""
    title = f"{verb} {label}" if label else verb
    title = title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"
    action.setText(theme.button_text(title))
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(f"{title} ({keys})")


def paint_icons(actions: Mapping[str, QAction]) -> None:
    """Draw the actions' icons in the colours of the current theme."""
    for spec in ACTIONS:
        if spec.icon:
            actions[spec.id].setIcon(theme.icon(spec.icon))


def fill_menu_bar(bar: QMenuBar, actions: Mapping[str, QAction]) -> dict[str, QMenu]:
    """Put a menu for each group of actions into a menu bar; return the menus by the name in the table."""
    menus: dict[str, QMenu] = {}
    for spec in ACTIONS:
        if spec.menu not in menus:
            outer, _, title = spec.menu.rpartition("/")
            menus[spec.menu] = menus[outer].addMenu(title) if outer else bar.addMenu(f"&{title}")
        elif spec.line_before:
            menus[spec.menu].addSeparator()
        menus[spec.menu].addAction(actions[spec.id])
    return menus


def offer_workspaces(window: QWidget, actions: Mapping[str, QAction], workspaces: Container[Workspace]) -> None:
    """Let one of the workspaces that can be shown be chosen; the others are not offered."""
    group = QActionGroup(window)
    for workspace in WORKSPACES:
        action = group.addAction(actions[f"workspace_{workspace.name}"])
        action.setCheckable(True)
        action.setVisible(workspace in workspaces)
    group.actions()[0].setChecked(True)
