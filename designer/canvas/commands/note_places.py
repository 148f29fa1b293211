"""Where notes and frames go when the layers around them are arranged."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from PySide6.QtCore import QRectF

from core.graph.layouts import NoteKey, change_notes
from core.graph.values import Document, Note
from designer.canvas.drawing.notes import TITLE, note_rect
from designer.canvas.drawing.placing import snapped

ROOM = 24.0
"""Between a frame and the layers that it is drawn around."""


def frames_moved(document: Document, before: Mapping[str, QRectF], after: Mapping[str, QRectF]) -> Document:
    """Draw frames outside of blocks anew around the layers that lay in them, when these go to other places."""
    changed: dict[NoteKey, Note] = {}
    for i, frame in enumerate(document.layout.frames):
        rect = note_rect(frame)
        framed = [] if frame.block else [id for id, layer in before.items() if rect.contains(layer)]
        if any(after[id] != before[id] for id in framed):
            changed["frames", i] = framing(frame, [after[id] for id in framed])
    return change_notes(document, changed)


def notes_aside(document: Document, before: Mapping[str, QRectF], after: Mapping[str, QRectF]) -> Document:
    """Draw notes outside of blocks that layers have come to lie below all that is there."""
    changed: dict[NoteKey, Note] = {}
    frames = [note_rect(frame) for frame in document.layout.frames if not frame.block]
    bottom = max((rect.bottom() for rect in [*after.values(), *frames]), default=0.0)
    for i, note in enumerate(document.layout.cards):
        rect = note_rect(note)
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
