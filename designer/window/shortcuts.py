"""Every key of the window: those of the actions follow from their table, those of its parts stand here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from PySide6.QtGui import QAction, QKeySequence

from designer.window.actions import ACTIONS

PART_KEYS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "On the canvas": (
        ("Delete", "Delete layers or wires"),
        ("F2", "Rename the layer; write the note"),
        ("C", "Connect two layers"),
        ("Arrows", "Go along the wires"),
        ("Shift+Arrows", "Select along the wires"),
        ("Ctrl+Arrows", "Move the selection"),
        ("Ctrl+Shift+Arrows", "Make a note larger or smaller"),
        ("Alt+drag", "Copy the selection"),
        ("Drag a wire", "Lead it through a point"),
        ("F", "Fit"),
        ("Double-click", "Add a layer there; rename; write; open a block"),
        ("Enter", "Open a block; write the note"),
        ("Esc", "Give up; deselect; leave a block"),
        ("Space+drag, middle button", "Move the view"),
        ("Ctrl+wheel", "Zoom about the pointer"),
    ),
    "In the strip of the other workspaces": (
        ("Left, Right", "Go to the layer before, or after"),
        ("Up, Down", "Go to the other lane"),
        ("Home, End", "Go to the first layer, or the last"),
        ("Enter, double-click", "Show the layer on the canvas"),
    ),
    "Among the samples of Data": (
        ("Arrows", "Go to the sample beside"),
        ("Page Up, Page Down", "Go a page up, or down"),
        ("Enter, double-click", "Take the sample as probe"),
    ),
    "In the list of runs": (
        ("Space", "Show or hide the curves of the run"),
        ("Enter, double-click", "Look at the run"),
        ("F2", "Rename the run"),
        ("Delete", "Delete the run"),
    ),
    "In the time machine": (
        ("Left, Right", "Go to the moment before, or after"),
        ("Page Up, Page Down", "Go to the epoch before, or after"),
        ("Home, End", "Go to the first moment, or to now"),
        ("X", "Swap A and B"),
        ("D", "Show B − A, or both"),
        ("Esc", "Compare no longer"),
    ),
    "In the layers of Inside": (
        ("Arrows", "Go to the value beside"),
        ("[ ]", "Go to the map before, or after"),
        ("Page Up, Page Down", "Go to the layer before, or after"),
        ("Enter, double-click", "Show where the value comes from"),
        ("B", "Forwards or backwards"),
        ("Space", "Look at the next sample"),
        ("Esc", "Choose no value"),
    ),
}
"""What parts of the window do with keys and mouse while they have the focus."""


def shortcut_table(actions: Mapping[str, QAction]) -> str:
    """Write the page of shortcuts, of the actions that are offered, as HTML."""
    everywhere = []
    for spec in ACTIONS:
        if spec.shortcut and actions[spec.id].isVisible():
            keys = QKeySequence(spec.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
            _, *submenu = spec.menu.split("/")
            everywhere.append((keys, ": ".join([*submenu, spec.title.rstrip("…")])))
    parts = "".join(_table(title, keys) for title, keys in PART_KEYS.items())
    columns = f"<td width='45%'>{_table('Everywhere', everywhere)}</td><td width='4%'></td><td>{parts}</td>"
    return f"<table><tr>{columns}</tr></table>"


def _table(title: str, keys: Iterable[tuple[str, str]]) -> str:
    rows = (f"<tr><td>{escape(does)}</td><td><b>{escape(key)}</b></td></tr>" for key, does in keys)
    return f"<p><b>{escape(title)}</b></p><table cellpadding=3 width='100%'>{''.join(rows)}</table>"
