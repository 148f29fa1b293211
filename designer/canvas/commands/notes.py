"""What the menus do with notes and frames, and with the ways of wires."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from PySide6.QtCore import QRectF

from core.graph.edits import move_layers
from core.graph.layouts import NoteKey, add_note, change_notes, remove_notes, set_route
from core.graph.values import Document, Note
from designer.canvas.canvas import Canvas
from designer.canvas.drawing.node_content import spoken
from designer.canvas.drawing.notes import TITLE
from designer.canvas.drawing.placing import snapped
from designer.canvas.gestures.noting import note_name

SIZE = (192.0, 96.0)
"""Of a new note."""
ROOM = 24.0
"""Between a frame and the layers that it was drawn around."""


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


def frames_moved(document: Document, before: Mapping[str, QRectF], after: Mapping[str, QRectF]) -> Document:
    """Draw frames outside of blocks anew around the layers that lay in them, when these go to other places."""
    changed: dict[NoteKey, Note] = {}
    for i, frame in enumerate(document.layout.frames):
        rect = QRectF(*frame.at, *frame.size)
        framed = [] if frame.block else [id for id, layer in before.items() if rect.contains(layer)]
        if any(after[id] != before[id] for id in framed):
            changed["frames", i] = framing(frame, [after[id] for id in framed])
    return change_notes(document, changed)


def notes_aside(document: Document, before: Mapping[str, QRectF], after: Mapping[str, QRectF]) -> Document:
    """Draw notes outside of blocks that layers have come to lie below all that is there."""
    changed: dict[NoteKey, Note] = {}
    frames = [QRectF(*frame.at, *frame.size) for frame in document.layout.frames if not frame.block]
    bottom = max((rect.bottom() for rect in [*after.values(), *frames]), default=0.0)
    for i, note in enumerate(document.layout.cards):
        rect = QRectF(*note.at, *note.size)
        if note.block or not any(map(rect.intersects, after.values())) or any(map(rect.intersects, before.values())):
            continue
        at = snapped(note.at[0], bottom + ROOM)
        changed["cards", i] = replace(note, at=at)
        bottom = at[1] + note.size[1]
    return change_notes(document, changed)


def framing(note: Note, rects: Iterable[QRectF]) -> Note:
    """Give a frame the size of what lies in it."""
    rect = QRectF()
    for part in rects:
        rect = rect.united(part)
    rect.adjust(-ROOM, -TITLE - ROOM / 2, ROOM, ROOM)
    return replace(note, at=(rect.left(), rect.top()), size=(rect.width(), rect.height()))
