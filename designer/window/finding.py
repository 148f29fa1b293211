"""What can be found by typing beside layers, blocks and templates: menus and their entries, panels, settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDockWidget, QMenu, QMenuBar

from designer import theme
from designer.command_palette.questions import Findable
from designer.inspector import Inspector
from designer.palette.entries import Entry
from designer.window.actions import ACTIONS
from designer.window.menus import PanelsMenu
from designer.window.rails import unfold

_ALSO: Mapping[str, tuple[str, ...]] = {spec.id: spec.also for spec in ACTIONS}


def findables(bar: QMenuBar, inspector: Inspector, docks: Mapping[str, QDockWidget]) -> Iterator[Findable]:
    """Yield what the menus offer now, the settings of what is selected, and every panel."""
    yield from menu_findables(bar)
    yield from setting_findables(inspector, docks["inspector"])
    yield from panel_findables(docks.values())


def menu_findables(bar: QMenuBar) -> Iterator[Findable]:
    """Yield what the menus offer now, in their order, and at last the menus themselves."""
    menus = [(action, menu) for action in bar.actions() if isinstance(menu := action.menu(), QMenu)]
    for action, menu in menus:
        yield from _entries_of(menu, _title(action), ())
    for action, menu in menus:
        title = f"{_title(action)} menu"
        yield Findable(Entry("menu", title, title, detail="menu", names=(title,)), partial(_open, bar, action, menu))


def _title(action: QAction) -> str:
    """Return the name of a menu, without the mark of the letter that opens it."""
    return action.text().replace("&", "")


def _entries_of(menu: QMenu, title: str, inside: tuple[str, ...]) -> Iterator[Findable]:
    menu.aboutToShow.emit()  # some are filled, and actions enabled, only then
    for action in menu.actions():
        submenu = action.menu()
        text = theme.read_button_text(action.text())
        if isinstance(submenu, PanelsMenu) or action.isSeparator() or not action.isVisible():
            continue
        if isinstance(submenu, QMenu):
            yield from _entries_of(submenu, title, (*inside, text))
        else:
            yield Findable(_entry(action, text, title, inside), action.trigger)


def _entry(action: QAction, text: str, menu: str, inside: tuple[str, ...]) -> Entry:
    whole = " › ".join((*inside, text))
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    names = (text.rstrip("…"), *([f"{' '.join(inside)} {text}"] if inside else []), *_ALSO.get(action.objectName(), ()))
    entry = Entry("action", action.objectName() or whole, whole, "", keys, f"In the {menu} menu", names)
    return entry if action.isEnabled() else replace(entry, role="unable", detail="not now")


def _open(bar: QMenuBar, action: QAction, menu: QMenu) -> None:
    menu.popup(bar.mapToGlobal(bar.actionGeometry(action).bottomLeft()))


def panel_findables(docks: Iterable[QDockWidget]) -> Iterator[Findable]:
    """Yield every panel; one that is chosen comes to the front, whether it was closed or covered."""
    for dock in docks:
        title = theme.read_button_text(dock.windowTitle())
        entry = Entry(
            "panel", dock.objectName(), title, detail="panel", help="Shows the panel", names=(title, f"Panel {title}")
        )
        yield Findable(entry, partial(bring_forward, dock))


def bring_forward(dock: QDockWidget) -> None:
    """Show a panel before those that share its place."""
    dock.show()
    dock.raise_()


def setting_findables(inspector: Inspector, dock: QDockWidget) -> Iterator[Findable]:
    """Yield the settings of what is selected and those of the network; one that is chosen can be typed at once."""
    for setting in inspector.settings():
        title = setting.name.replace("_", " ")
        entry = Entry(
            "setting", setting.key, title.capitalize(), detail=setting.where, help=setting.help, names=(title,)
        )
        yield Findable(entry, partial(_go_to_setting, inspector, dock, setting.key))


def _go_to_setting(inspector: Inspector, dock: QDockWidget, key: str) -> None:
    bring_forward(dock)
    unfold(inspector)
    inspector.go_to_setting(key)
