"""From the JSON of a document to its values; whatever can't be understood is kept word for word beside them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast, get_args

from core.graph.names import composed
from core.graph.training import Training, read_training
from core.graph.values import (
    BLOCK_KIND,
    FARTHEST,
    Block,
    Document,
    Graph,
    Layer,
    Layout,
    LayoutDirection,
    Note,
    Position,
    Unreadable,
    make_spec,
    nameless_id,
    read_initializer,
    with_unique_ids,
)

T = TypeVar("T")

_KEYS = ("format", "version", "name", "notes", "layers", "outputs", "blocks", "layout", "training")


def parse_document(raw: Mapping[str, Any]) -> Document:
    """Read a document from parsed JSON that is known to be one, with a list of layers. Never raises."""
    unread = {key: value for key, value in raw.items() if key not in _KEYS}

    def read(key: str, reader: Callable[[Any], T | None], default: T) -> T:
        value = reader(raw[key]) if key in raw else default
        if value is None:
            unread[key] = raw[key]
            return default
        return value

    layers = with_unique_ids(tuple(parse_layer(entry, index) for index, entry in enumerate(raw["layers"])))
    none: tuple[str, ...] = ()
    outputs = read("outputs", _names, none)
    given = "outputs" in raw and "outputs" not in unread
    graph = Graph(layers, outputs if given else None, read("blocks", _blocks, {}))
    layout = read("layout", _layout, Layout())
    training = read("training", lambda value: read_training(value) if isinstance(value, dict) else None, Training())
    return Document(graph, layout, training, read("name", _text, ""), read("notes", _text, ""), unread)


_ENTRY_KEYS = ("id", "kind", "inputs", "config", "trainable", "initializer")


def parse_layer(entry: Any, index: int) -> Layer:
    """Read a layer; one without an id is called after its place in the list."""
    nameless = nameless_id(index)
    if not isinstance(entry, dict):
        return Layer(nameless, Unreadable("", {}), instead=(entry,))
    unread = {key: entry[key] for key in entry if key not in _ENTRY_KEYS}
    id, kind, config = entry.get("id"), entry.get("kind"), entry.get("config", {})
    inputs, trainable = entry.get("inputs", []), entry.get("trainable", True)
    if not isinstance(id, str) or not id:
        unread |= {"id": id} if "id" in entry else {}
        id = nameless
    id = composed(id)
    if not isinstance(kind, str) or not kind:
        unread |= {"kind": kind} if "kind" in entry else {}
        kind = ""
    if not isinstance(config, dict):
        unread["config"] = config
        config = {}
    if kind == BLOCK_KIND and isinstance(config.get("block"), str):
        config = config | {"block": composed(config["block"])}
    if not _is_names(inputs):
        unread["inputs"] = inputs
        inputs = []
    if not isinstance(trainable, bool):
        unread["trainable"] = trainable
        trainable = True
    initializer, refused = read_initializer(entry.get("initializer"))
    unread |= refused
    spec, extra = make_spec(kind, config)
    return Layer(id, spec, tuple(map(composed, inputs)), trainable, extra, unread, initializer=initializer)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _names(value: Any) -> tuple[str, ...] | None:
    return tuple(map(composed, value)) if _is_names(value) else None


def _blocks(value: Any) -> dict[str, Block] | None:
    return {name: _block(raw) for name, raw in _by_name(value).items()} if isinstance(value, dict) else None


def _block(raw: Any) -> Block:
    if not isinstance(raw, dict):
        return Block(instead=(raw,))
    unread = {key: value for key, value in raw.items() if key not in ("inputs", "layers", "outputs")}
    names: dict[str, tuple[str, ...]] = {}
    for key in ("inputs", "outputs"):
        value = raw.get(key, [])
        names[key] = _names(value) or ()
        unread |= {} if _is_names(value) else {key: value}
    layers = raw.get("layers", [])
    if not isinstance(layers, list):
        unread["layers"] = layers
        layers = []
    parsed = with_unique_ids(tuple(parse_layer(entry, index) for index, entry in enumerate(layers)))
    return Block(names["inputs"], parsed, names["outputs"], unread)


def _by_name(entries: Mapping[str, Any]) -> dict[str, Any]:
    """Compose the names of entries; of several spellings of one name, one at most is composed, so that none is lost."""
    named: dict[str, Any] = {}
    for name, entry in entries.items():
        key = composed(name)
        named[name if key in named or key in entries else key] = entry
    return named


def _layout(value: Any) -> Layout | None:
    if not isinstance(value, dict):
        return None
    known = ("positions", "routes", "frames", "cards", "direction")
    unread = {key: part for key, part in value.items() if key not in known}
    positions = _named(value, "positions", _position, unread)
    routes = _named(value, "routes", _way, unread)
    frames, cards = _notes(value, "frames", unread), _notes(value, "cards", unread)
    return Layout(positions, routes, frames, cards, unread, _direction(value, unread))


def _direction(layout: Mapping[str, Any], unread: dict[str, Any]) -> LayoutDirection:
    direction = layout.get("direction", "right")
    for known in get_args(LayoutDirection):
        if direction == known:
            return cast(LayoutDirection, known)
    unread["direction"] = direction
    return "right"


def _named(
    layout: Mapping[str, Any], key: str, reader: Callable[[Any], T | None], unread: dict[str, Any]
) -> dict[str, T]:
    """Read the entries of an object; what is refused goes to `unread`."""
    entries = layout.get(key, {})
    if not isinstance(entries, dict):
        unread[key] = entries
        return {}
    entries = _by_name(entries)
    read = {name: value for name, entry in entries.items() if (value := reader(entry)) is not None}
    if len(read) < len(entries):
        unread[key] = {name: entry for name, entry in entries.items() if name not in read}
    return read


def _notes(layout: Mapping[str, Any], key: str, unread: dict[str, Any]) -> tuple[Note, ...]:
    """Read a list of notes; what is refused goes to `unread`."""
    entries = layout.get(key, [])
    if not isinstance(entries, list):
        unread[key] = entries
        return ()
    read = [(entry, _note(entry)) for entry in entries]
    if refused := [entry for entry, note in read if note is None]:
        unread[key] = refused
    return tuple(note for _, note in read if note is not None)


def _way(value: Any) -> tuple[Position, ...] | None:
    points = [_position(point) for point in value] if isinstance(value, list) else [None]
    known = tuple(point for point in points if point is not None)
    return known if known and len(known) == len(points) else None


def _note(value: Any) -> Note | None:
    if not isinstance(value, dict):
        return None
    at, size = _position(value.get("at")), _position(value.get("size"))
    words = {key: value[key] for key in ("text", "color", "block") if key in value}
    if at is None or size is None or min(size) <= 0 or not all(isinstance(word, str) for word in words.values()):
        return None
    known = ("at", "size", *words)
    words |= {"block": composed(words["block"])} if "block" in words else {}
    return Note(at, size, **words, unread={key: part for key, part in value.items() if key not in known})


def _position(value: Any) -> Position | None:
    if not isinstance(value, list) or len(value) != 2 or not all(_is_coordinate(part) for part in value):
        return None
    return (float(value[0]), float(value[1]))


def _is_coordinate(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= FARTHEST
