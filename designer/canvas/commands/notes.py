"""What the menus do with notes and frames, and with the ways of wires."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF

from core.graph.edits import move_layers
from core.graph.layouts import add_note, change_notes, remove_notes, set_route
from core.graph.values import Note
from designer.canvas.canvas import Canvas
from designer.canvas.commands.note_places import ROOM, framing
from designer.canvas.drawing.node_content import spoken
from designer.canvas.drawing.placing import snapped
from designer.canvas.gestures.noting import note_name

SIZE = (192.0, 96.0)
"""Of a new note."""


def write_note(canvas: Canvas) -> None:
    """Draw an empty note where the mouse is, or else where there is room for it, and let the user write it."""
    canvas.view.give_up()
    centre = canvas.view.under_mouse() or canvas.view.visible_rect().center()
    at = snapped(centre.x() - SIZE[0] / 2, centre.y() - SIZE[1] / 2)
    if canvas.scene.nodes_in(QRectF(*at, *SIZE)):
        at = snapped(at[0], canvas.scene.bounds().bottom() + ROOM)
    note = Note(at, SIZE, color="amber")
    document, key = add_note(canvas.session.document, "cards", note)
    canvas.session.edit("add note", document, select=())
    canvas.view.selection.select_notes([key])
    canvas.edit_note()


def frame_selection(canvas: Canvas) -> None:
    """Draw a frame around the selected layers and let the user name it."""
    canvas.view.give_up()
    ids = canvas.session.selection
    if not ids:
        return
    rects = [canvas.scene.nodes[id].rect for id in ids]
    frame = framing(Note((0, 0), (1, 1), color="blue"), rects)
    document = move_layers(canvas.session.document, canvas.view.places_to_keep())
    document, key = add_note(document, "frames", frame)
    canvas.session.edit(f"frame {spoken(ids)}", document)
    canvas.view.selection.select_notes([key])
    canvas.edit_note()


def colour_notes(canvas: Canvas, color: str) -> None:
    """Give the selected notes a hue."""
    items = canvas.scene.notes.items
    chosen = {key: items[key] for key in canvas.view.selection.notes}
    document = change_notes(
        canvas.session.document, {key: replace(item.note, color=color) for key, item in chosen.items()}
    )
    name = note_name(next(iter(chosen.values()))) if len(chosen) == 1 else f"{len(chosen)} notes"
    canvas.session.edit(f"colour {name}", document)


def delete_notes(canvas: Canvas) -> None:
    """Take the selected notes away; what lies in a frame stays."""
    keys = canvas.view.selection.notes
    name = note_name(canvas.scene.notes.items[keys[0]]) if len(keys) == 1 else f"{len(keys)} notes"
    canvas.session.edit(f"delete {name}", remove_notes(canvas.session.document, keys))


def straighten_wires(canvas: Canvas) -> None:
    """Let the selected wires run as they do by themselves."""
    canvas.view.give_up()
    document = canvas.session.document
    wires = [canvas.scene.wires[key] for key in canvas.view.selection.wires]
    for wire in wires:
        document = set_route(document, wire.layer, wire.reference, ())
    canvas.session.edit("straighten the wire" if len(wires) == 1 else "straighten wires", document)
