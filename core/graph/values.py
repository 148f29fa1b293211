"""Layers, graphs and documents: immutable values, which may have errors; `core.analysis` finds them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from math import isnan
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import ValidationError

from core.declare import Declared, hyper
from core.graph.training import Training
from core.kinds import kind_form, read_kind
from core.layers import KINDS, Kind
from core.learning.initializers import INITIALIZERS, Initializer

BLOCK_KIND = "Block"
"""The kind name under which a document uses one of its own blocks."""

Position: TypeAlias = tuple[float, float]

FARTHEST = 1e6
"""No position lies beyond it: no canvas reaches that far, and no file is read that says so."""


class BlockUse(Declared):
    """Stands for the layers of one of the document's blocks, `repeat` times in a row."""

    block: str = hyper(help="The block's name.")
    repeat: int = hyper(1, ge=1, le=1000, help="How many copies follow each other.")


class Weights(Declared):
    """How a layer's weights begin, and whether training changes them: beside its kind's settings."""

    trainable: bool = hyper(True, help="Off: frozen; training leaves its weights as they are.")
    initializer: Annotated[Initializer, *kind_form(INITIALIZERS)] | None = hyper(
        None, help="How its kernel is drawn; none: as the training settings say."
    )


OWN_INITIALIZER = Weights.settings()["initializer"]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A kind that this version does not know, or settings that it refuses, kept word for word."""

    kind: str
    config: Mapping[str, Any]


Spec: TypeAlias = Kind | BlockUse | Unreadable


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer of a graph.

    Attributes
    ----------
    id : str
    spec : Kind, BlockUse or Unreadable
        Its kind, with its hyperparameters.
    inputs : tuple of str
        The ids of its sources, in the order of its ports.
    trainable : bool
        False freezes its weights.
    extra : mapping
        Keys of its `config` that its kind doesn't know, word for word.
    unread : mapping
        Other keys of its entry that are unknown or whose values were refused, word for word.
    instead : tuple
        What the file has instead of an entry, where that is not an object: one value, or none.
    initializer : Initializer or None
        How its kernel is drawn, where not as the training settings say.
    """

    id: str
    spec: Spec
    inputs: tuple[str, ...] = ()
    trainable: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)
    unread: Mapping[str, Any] = field(default_factory=dict)
    instead: tuple[Any, ...] = ()
    initializer: Initializer | None = None

    @property
    def kind(self) -> str:
        """The name of its kind as it stands in a file."""
        return spec_kind(self.spec)

    @property
    def config(self) -> dict[str, Any]:
        """Its settings as they stand in a file, with those that its kind doesn't know."""
        known = dict(self.spec.config) if isinstance(self.spec, Unreadable) else self.spec.config()
        return known | dict(self.extra)


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of graph with a name, to be used several times.

    Attributes
    ----------
    inputs : tuple of str
        Names that its layers use as sources; the port order of the block's uses.
    outputs : tuple of str
        Ids of its layers that can be read from outside.
    unread : mapping
        Keys that are unknown or whose values were refused, word for word.
    instead : tuple
        What the file has instead of a block, where that is not an object: one value, or none.
    """

    inputs: tuple[str, ...] = ()
    layers: tuple[Layer, ...] = ()
    outputs: tuple[str, ...] = ()
    unread: Mapping[str, Any] = field(default_factory=dict)
    instead: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Graph:
    """Layers and how they are wired; `outputs=None` stands for all that an Input reaches and nothing consumes."""

    layers: tuple[Layer, ...] = ()
    outputs: tuple[str, ...] | None = None
    blocks: Mapping[str, Block] = field(default_factory=dict)


PLAIN = "grey"
"""The hue of a note that names none."""


def _within_border(places: Iterable[Position]) -> bool:
    return all(-FARTHEST <= x <= FARTHEST and -FARTHEST <= y <= FARTHEST for x, y in places)


def _at_border(place: Position) -> Position:
    """Return the nearest place within the canvas; what is no number is 0."""
    x, y = (0.0 if isnan(part) else max(-FARTHEST, min(FARTHEST, part)) for part in place)
    return (x, y)


@dataclass(frozen=True, slots=True)
class Note:
    """A rectangle with words on the canvas: a card to be read, or a frame behind layers with its title.

    Attributes
    ----------
    at, size : (x, y), (width, height)
    text : str
    color : str
        The name of a hue; one that the canvas doesn't know is drawn grey.
    block : str
        The name of the block inside which it is drawn; "" for the whole document.
    unread : mapping
        Keys that are unknown, word for word.
    """

    at: Position
    size: Position
    text: str = ""
    color: str = PLAIN
    block: str = ""
    unread: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Keep the rectangle within the canvas, and a pixel of it at least."""
        if not _within_border((self.at, self.size)) or min(self.size) <= 0:
            wide, high = (side if side > 0 else 1.0 for side in _at_border(self.size))
            object.__setattr__(self, "at", _at_border(self.at))
            object.__setattr__(self, "size", (wide, high))


LayoutDirection: TypeAlias = Literal["right", "down"]
"""Where data flows in a drawing: wires leave layers on the right, or below."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What is only drawn, in pixels at 100 %. What is inside a block is named after it, as in `residual/conv1`.

    Attributes
    ----------
    direction : {"right", "down"}
        Of the whole document, its blocks included.
    positions : mapping of str to (x, y)
        The corners of layers.
    routes : mapping of str to tuple of (x, y)
        The points that a wire passes through, by `core.graph.layouts.route_key`.
    frames, cards : tuple of Note
    unread : mapping
        Unknown keys, and what was refused of the others, word for word.
    """

    positions: Mapping[str, Position] = field(default_factory=dict)
    routes: Mapping[str, tuple[Position, ...]] = field(default_factory=dict)
    frames: tuple[Note, ...] = ()
    cards: tuple[Note, ...] = ()
    unread: Mapping[str, Any] = field(default_factory=dict)
    direction: LayoutDirection = "right"

    def __post_init__(self) -> None:
        """Keep every place within the canvas: whatever an edit asks for, what is written can be read."""
        if not _within_border(self.positions.values()):
            object.__setattr__(self, "positions", {id: _at_border(at) for id, at in self.positions.items()})
        if not all(map(_within_border, self.routes.values())):
            ways = {key: tuple(map(_at_border, way)) for key, way in self.routes.items()}
            object.__setattr__(self, "routes", ways)


@dataclass(frozen=True, slots=True)
class Document:
    """What one file holds.

    `unread` keeps its top-level keys that are unknown or whose values were refused, word for word.
    """

    graph: Graph = Graph()
    layout: Layout = Layout()
    training: Training = Training()
    name: str = ""
    notes: str = ""
    unread: Mapping[str, Any] = field(default_factory=dict)


def spec_kind(spec: Spec) -> str:
    """Return the kind name of a spec as it stands in a file."""
    if isinstance(spec, Unreadable):
        return spec.kind
    return BLOCK_KIND if isinstance(spec, BlockUse) else type(spec).__name__


def spec_class(kind: str) -> type[Kind] | type[BlockUse] | None:
    """Return the class that a kind name stands for, or None where it is unknown."""
    return BlockUse if kind == BLOCK_KIND else KINDS.get(kind)


def make_spec(kind: str, config: Mapping[str, Any]) -> tuple[Spec, dict[str, Any]]:
    """Make a spec from a kind name and a config; also return the settings that the kind doesn't know.

    A config that is refused, or an unknown kind, gives an `Unreadable`. Equal specs are one object.
    """
    cls = spec_class(kind)
    if cls is None:
        return Unreadable(kind, dict(config)), {}
    try:
        spec = _shared(cls.read(config))
    except ValidationError:
        return Unreadable(kind, dict(config)), {}
    return spec, {key: config[key] for key in cls.unknown_settings(config)}


def read_initializer(written: Any) -> tuple[Initializer | None, dict[str, Any]]:
    """Read a layer's own initializer; also return it as it is, under its key, where it is refused."""
    try:
        return None if written is None else read_kind(INITIALIZERS, written), {}
    except (ValueError, ValidationError):
        return None, {"initializer": written}


@lru_cache(maxsize=65_536)
def _shared(spec: Kind | BlockUse) -> Kind | BlockUse:
    """Return the one object for all equal specs: reports can then be reused without comparing settings."""
    return spec


def nameless_id(index: int) -> str:
    """Name a layer that has no id after its place in the list; no id of a file's own contains a tilde."""
    return f"~{index}"


def with_unique_ids(layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Call the second layer with an id `id~2`, the third `id~3`; references mean the first."""
    taken = {layer.id for layer in layers}
    if len(taken) == len(layers):
        return layers
    numbers: dict[str, int] = {}
    unique = []
    for layer in layers:
        name, n = layer.id, numbers.get(layer.id, 0)
        while n and name in taken:
            n += 1
            name = f"{layer.id}~{n}"
        numbers[layer.id] = n or 1
        taken.add(name)
        unique.append(layer if name == layer.id else replace(layer, id=name))
    return tuple(unique)


def layers_by_id(graph: Graph) -> dict[str, Layer]:
    """Index a graph's layers; of two with the same id, the first counts."""
    index: dict[str, Layer] = {}
    for layer in graph.layers:
        index.setdefault(layer.id, layer)
    return index
