"""From a document to the JSON text of its file: readable, stable, defaults left out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from core.graph.values import PLAIN, Block, Document, Layer, Layout, Note, Position, nameless_id

FORMAT = "convograph"
VERSION = 1
_WIDTH = 120


def document_as_json(document: Document) -> dict[str, Any]:
    """Return a document as it stands in a file."""
    graph = document.graph
    parts: dict[str, Any] = {"format": FORMAT, "version": VERSION}
    parts |= {"name": document.name} if document.name else {}
    parts |= {"notes": document.notes} if document.notes else {}
    parts["layers"] = _layers_as_json(graph.layers)
    parts |= {"outputs": list(graph.outputs)} if graph.outputs is not None else {}
    parts |= {"blocks": {name: _block_as_json(block) for name, block in graph.blocks.items()}} if graph.blocks else {}
    layout = _layout_as_json(document.layout)
    parts |= {"layout": layout} if layout else {}
    training = document.training.as_json()
    parts |= {"training": training} if training else {}
    return parts | dict(document.unread)


def _layers_as_json(layers: Iterable[Layer]) -> list[Any]:
    entries = []
    for index, layer in enumerate(layers):
        entry = layer_as_json(layer)
        if "id" in layer.unread and layer.id != nameless_id(index):
            entry["id"] = layer.id  # it has moved in the list; what it feeds knows it by this name
        entries.append(entry)
    return entries


def layer_as_json(layer: Layer) -> Any:
    """Return a layer as it stands in a file."""
    if layer.instead:
        return layer.instead[0]
    entry: dict[str, Any] = {"id": layer.id}
    entry |= {"kind": layer.kind} if layer.kind else {}
    entry |= {"inputs": list(layer.inputs)} if layer.inputs else {}
    entry |= {"config": layer.config} if layer.config else {}
    entry |= {} if layer.trainable else {"trainable": False}
    entry |= {} if layer.initializer is None else {"initializer": layer.initializer.written()}
    return entry | dict(layer.unread)


def _block_as_json(block: Block) -> Any:
    if block.instead:
        return block.instead[0]
    layers = _layers_as_json(block.layers)
    return {"inputs": list(block.inputs), "layers": layers, "outputs": list(block.outputs)} | dict(block.unread)


def _layout_as_json(layout: Layout) -> dict[str, Any]:
    """Write what was read, and beside it what was refused; where only one of them has room, what was read wins."""
    named: dict[str, dict[str, Any]] = {
        "positions": {id: _point(at) for id, at in layout.positions.items()},
        "routes": {key: [_point(at) for at in way] for key, way in layout.routes.items()},
    }
    listed = {among: [_note_as_json(note) for note in getattr(layout, among)] for among in ("frames", "cards")}
    written: dict[str, Any] = {} if layout.direction == "right" else {"direction": layout.direction}
    for key, entries in named.items():
        refused = layout.unread.get(key, {})
        written[key] = dict(refused) | entries if isinstance(refused, Mapping) else entries or refused
    for key, notes in listed.items():
        refused = layout.unread.get(key, [])
        written[key] = [*notes, *refused] if isinstance(refused, list) else notes or refused
    return {key: part for key, part in written.items() if part or key in layout.unread} | {
        key: part for key, part in layout.unread.items() if key not in written
    }


def _note_as_json(note: Note) -> dict[str, Any]:
    entry: dict[str, Any] = {"at": _point(note.at), "size": _point(note.size), "text": note.text}
    entry |= {"color": note.color} if note.color != PLAIN else {}
    entry |= {"block": note.block} if note.block else {}
    return entry | dict(note.unread)


def _point(at: Position) -> list[int | float]:
    return [_short(part) for part in at]


def _short(number: float) -> int | float:
    return int(number) if number == int(number) else number


def document_text(document: Document) -> str:
    """Write the text of a document's file: one line for what fits in one, such as a layer."""
    return json_text(document_as_json(document))


def json_text(value: Any) -> str:
    """Write JSON for people: one line for what fits in one."""
    return _written(value, "") + "\n"


def _written(value: Any, indent: str) -> str:
    if not isinstance(value, dict | list) or not value:
        return json.dumps(value, ensure_ascii=False)
    deeper = indent + "  "
    if isinstance(value, dict):
        parts = [f"{json.dumps(key, ensure_ascii=False)}: {_written(part, deeper)}" for key, part in value.items()]
        opening, closing = "{}"
    else:
        parts = [_written(part, deeper) for part in value]
        opening, closing = "[]"
    line = f"{opening}{', '.join(parts)}{closing}"
    if indent and "\n" not in line and len(indent) + len(line) <= _WIDTH:
        return line
    return f"{opening}\n" + ",\n".join(deeper + part for part in parts) + f"\n{indent}{closing}"
