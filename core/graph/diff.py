"""What differs between two documents, layer by layer instead of line by line."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any, Final, TypeAlias

from core.graph.training import Training
from core.graph.values import Block, Document, Graph, Layer, Layout, Unreadable, with_unique_ids
from core.graph.wiring import owner, topological_order


class Absent(Enum):
    """The type of `ABSENT`, which stands for a value on the side that has no such setting."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT

References: TypeAlias = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ValueChange:
    """A value that differs between the sides; `ABSENT` where a side has none."""

    name: str
    before: Any
    after: Any

    def as_json(self) -> dict[str, Any]:
        """Return the form that `diff --json` prints; a side that has no such value is left out."""
        sides = {"from": self.before, "to": self.after}
        return {"name": self.name} | {side: value for side, value in sides.items() if value is not ABSENT}


@dataclass(frozen=True, slots=True)
class LayerChange:
    """A layer that both sides have, with what differs about it.

    Attributes
    ----------
    settings : tuple of ValueChange
        Including defaults, which files leave out; where the kind was replaced, only what the files say.
    inputs : pair of tuples of str, or None
        Its sources before and after, all under their new names; None where they are the same.
    """

    before: Layer
    after: Layer
    settings: tuple[ValueChange, ...] = ()
    inputs: tuple[References, References] | None = None

    @property
    def kind_replaced(self) -> bool:
        """Whether it has become a layer of another kind."""
        return self.before.kind != self.after.kind

    def as_json(self) -> dict[str, Any]:
        """Return the form that `diff --json` prints."""
        entry: dict[str, Any] = {"id": self.after.id}
        if self.kind_replaced:
            entry["kind"] = {"from": self.before.kind, "to": self.after.kind}
        entry["settings"] = [setting.as_json() for setting in self.settings]
        if self.inputs is not None:
            entry["inputs"] = {"from": self.inputs[0], "to": self.inputs[1]}
        return entry


@dataclass(frozen=True, slots=True)
class LayersDifference:
    """What differs between the layers of two graphs, or of two states of a block.

    Attributes
    ----------
    renamed : mapping of str to str
        New names by old ones, where that is evident: the same settings and the same neighbours.
    changed : tuple of LayerChange
    ends : tuple of ValueChange
        The outputs and, of a block, the inputs, under their new names.
    reordered : bool
        Whether layers that both sides have are in a different order in the file.
    """

    added: tuple[Layer, ...] = ()
    removed: tuple[Layer, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    changed: tuple[LayerChange, ...] = ()
    ends: tuple[ValueChange, ...] = ()
    reordered: bool = False

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.removed or self.renamed or self.changed or self.ends or self.reordered)

    def as_json(self) -> dict[str, Any]:
        """Return the form that `diff --json` prints."""
        return {
            "added": [_entry(layer) for layer in self.added],
            "removed": [_entry(layer) for layer in self.removed],
            "renamed": [{"from": before, "to": after} for before, after in self.renamed.items()],
            "changed": [change.as_json() for change in self.changed],
            "ends": [change.as_json() for change in self.ends],
            "reordered": self.reordered,
        }


@dataclass(frozen=True, slots=True)
class DocumentDifference:
    """What differs between two documents.

    Attributes
    ----------
    layers : LayersDifference
    blocks : mapping of str to LayersDifference
        Of the blocks that both have and that differ.
    blocks_added, blocks_removed : tuple of str
    training : tuple of ValueChange
        An optimiser's settings are called `optimizer.learning_rate`.
    about : tuple of ValueChange
        The document's name, its notes and whatever else is at the top level of the file.
    moved : tuple of str
        Layers of both documents that stand elsewhere on the canvas.
    layout : tuple of ValueChange
        What else of the layout differs: routes, frames, cards.
    """

    layers: LayersDifference = LayersDifference()
    blocks: Mapping[str, LayersDifference] = field(default_factory=dict)
    blocks_added: tuple[str, ...] = ()
    blocks_removed: tuple[str, ...] = ()
    training: tuple[ValueChange, ...] = ()
    about: tuple[ValueChange, ...] = ()
    moved: tuple[str, ...] = ()
    layout: tuple[ValueChange, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return self.in_meaning or bool(self.moved or self.layout)

    @property
    def in_meaning(self) -> bool:
        """Whether more than the layout differs."""
        return bool(
            self.layers or self.blocks or self.blocks_added or self.blocks_removed or self.training or self.about
        )

    def as_json(self) -> dict[str, Any]:
        """Return the form that `diff --json` prints."""
        return {
            "layers": self.layers.as_json(),
            "blocks": {
                "added": self.blocks_added,
                "removed": self.blocks_removed,
                "changed": {name: difference.as_json() for name, difference in self.blocks.items()},
            },
            "training": [change.as_json() for change in self.training],
            "about": [change.as_json() for change in self.about],
            "layout": {"moved": self.moved, "changed": [change.as_json() for change in self.layout]},
        }


def diff(before: Document, after: Document) -> DocumentDifference:
    """Find what differs between two documents; either may be wrong in any way.

    Examples
    --------
    >>> from core.graph.edits import add_layer, set_config
    >>> one, _ = add_layer(Document(), "Conv2D", {"filters": 6, "kernel_size": 5})
    >>> (change,) = diff(one, set_config(one, "conv1", {"filters": 8})).layers.changed
    >>> change.after.id, change.settings
    ('conv1', (ValueChange(name='filters', before=6, after=8),))
    """
    old, new = before.graph, after.graph
    layers = _graph_difference(old, new)
    shared = {name: _block_difference(old.blocks[name], new.blocks[name]) for name in old.blocks if name in new.blocks}
    return DocumentDifference(
        layers=layers,
        blocks={name: difference for name, difference in shared.items() if difference},
        blocks_added=tuple(name for name in new.blocks if name not in old.blocks),
        blocks_removed=tuple(name for name in old.blocks if name not in new.blocks),
        training=tuple(_changes(_training_values(before.training), _training_values(after.training))),
        about=tuple(_changes(_about(before), _about(after))),
        moved=tuple(_moved(before.layout, after.layout, layers)),
        layout=tuple(_changes(_drawn(before.layout), _drawn(after.layout))),
    )


def _entry(layer: Layer) -> dict[str, Any]:
    return {"id": layer.id, "kind": layer.kind, "inputs": layer.inputs, "config": layer.config}


def _graph_difference(before: Graph, after: Graph) -> LayersDifference:
    ends = ({"outputs": before.outputs}, {"outputs": after.outputs})
    return _layers_difference(with_unique_ids(before.layers), with_unique_ids(after.layers), *ends)


def _block_difference(before: Block, after: Block) -> LayersDifference:
    ends = (
        {"inputs": block.inputs, "outputs": block.outputs, **block.unread, **_instead(block)}
        for block in (before, after)
    )
    return _layers_difference(with_unique_ids(before.layers), with_unique_ids(after.layers), *ends)


def _layers_difference(
    before: Sequence[Layer], after: Sequence[Layer], ends_before: Mapping[str, Any], ends_after: Mapping[str, Any]
) -> LayersDifference:
    old, new = {layer.id: layer for layer in before}, {layer.id: layer for layer in after}
    renamed = _renamed(old, new)

    def named(references: References) -> References:
        return tuple(map(_renaming(old, renamed), references))

    pairs = [(layer, new[renamed.get(id, id)]) for id, layer in old.items() if renamed.get(id, id) in new]
    names = {id: None for id in new if id in old} | dict.fromkeys(renamed.values())
    mapped = {
        end: named(value) if end == "outputs" and isinstance(value, tuple) else value
        for end, value in ends_before.items()
    }
    return LayersDifference(
        added=tuple(layer for layer in after if layer.id not in names),
        removed=tuple(layer for layer in before if renamed.get(layer.id, layer.id) not in new),
        renamed=renamed,
        changed=tuple(_changed(pairs, named)),
        ends=tuple(_changes(mapped, ends_after)),
        reordered=[kept.id for _, kept in pairs] != [layer.id for layer in after if layer.id in names],
    )


def _changed(pairs: Sequence[tuple[Layer, Layer]], named: Callable[[References], References]) -> Iterator[LayerChange]:
    for before, after in pairs:
        inputs = named(before.inputs)
        wires = None if inputs == after.inputs else (inputs, after.inputs)
        in_files = before.kind != after.kind or any(isinstance(x.spec, Unreadable) for x in (before, after))
        settings = tuple(_changes(_values(before, in_files), _values(after, in_files)))
        if wires is not None or settings or before.kind != after.kind:
            yield LayerChange(before, after, settings, wires)


def _values(layer: Layer, in_files: bool) -> dict[str, Any]:
    """Return all that can be set about a layer, apart from its wires; with defaults, or as it stands in a file."""
    spec = layer.spec
    if in_files or isinstance(spec, Unreadable):
        values = layer.config
    else:
        values = {name: getattr(spec, name) for name in type(spec).model_fields} | dict(layer.extra)
    own = {"trainable": layer.trainable, "initializer": _initializer(layer)}
    return values | own | dict(layer.unread) | _instead(layer)


def _initializer(layer: Layer) -> Any:
    return None if layer.initializer is None else layer.initializer.written()


def _drawn(layout: Layout) -> dict[str, Any]:
    """Return all of a layout except the places of layers."""
    drawn: dict[str, Any] = {"routes": layout.routes}
    drawn |= {
        key: [asdict(note) for note in notes] for key, notes in (("frames", layout.frames), ("cards", layout.cards))
    }
    drawn["direction"] = "" if layout.direction == "right" else layout.direction
    return {key: part for key, part in drawn.items() if part} | dict(layout.unread)


def _instead(part: Layer | Block) -> dict[str, Any]:
    return {"entry": part.instead[0]} if part.instead else {}


def _training_values(training: Training) -> dict[str, Any]:
    settings, optimizer = training.settings, training.optimizer
    values = settings.config(whole=True)
    entry = training.optimizer_as_json()
    chosen = {"optimizer": entry["kind"]}
    for name, value in entry.items():
        if name != "kind":
            chosen[f"optimizer.{name}"] = value
    for name in getattr(type(optimizer), "model_fields", ()):
        chosen[f"optimizer.{name}"] = getattr(optimizer, name)
    return values | chosen | dict(training.unread)


def _about(document: Document) -> dict[str, Any]:
    return {"name": document.name, "notes": document.notes, **document.unread}


def _moved(before: Layout, after: Layout, layers: LayersDifference) -> Iterator[str]:
    fresh = {layer.id for layer in layers.added}
    places = {layers.renamed.get(id, id): place for id, place in before.positions.items()}
    for id, place in after.positions.items():
        if id not in fresh and places.get(id) != place:
            yield id
    gone = {layer.id for layer in layers.removed}
    yield from (id for id in places if id not in after.positions and id not in gone)


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[ValueChange]:
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name, ABSENT), after.get(name, ABSENT)
        if old is not new and _written(old) != _written(new):
            yield ValueChange(name, old, new)


def _written(value: Any) -> str:
    """Write a value so that equal text means equal: in Python 1 is True, and NaN is not itself."""
    return "" if value is ABSENT else json.dumps(value, sort_keys=True, default=repr)


def _renaming(old: Mapping[str, Layer], renamed: Mapping[str, str]) -> Callable[[str], str]:
    """Return the function that writes a reference with its owner's new name."""

    def name(reference: str) -> str:
        id = owner(reference, old)
        return renamed.get(id, id) + reference.removeprefix(id)

    return name


def _renamed(old: Mapping[str, Layer], new: Mapping[str, Layer]) -> dict[str, str]:
    """Pair layers that only one side has, if they are set alike, read the same and feed the same."""
    waiting: dict[References, list[Layer]] = {}
    for id, layer in old.items():
        if id not in new:
            waiting.setdefault(layer.inputs, []).append(layer)
    if not waiting:
        return {}
    feeds_old, feeds_new = _feeds(old, kept=new), _feeds(new, kept=old)
    former: dict[str, str] = {}
    back = _renaming(new, former)
    ordered, rest = topological_order({id: [owner(s, new) for s in layer.inputs] for id, layer in new.items()})
    for id in (*ordered, *rest):  # a layer whose source was renamed can be matched once its source is
        if id in old:
            continue
        candidates = waiting.get(tuple(map(back, new[id].inputs)), [])
        same = (
            layer for layer in candidates if _alike(layer, new[id]) and feeds_old.get(layer.id) == feeds_new.get(id)
        )
        match = next(same, None)
        if match is not None:
            former[id] = match.id
            candidates.remove(match)
    return {before: after for after, before in former.items()}


def _alike(one: Layer, other: Layer) -> bool:
    return (
        (one.spec is other.spec or one.spec == other.spec)
        and all(
            _written(getattr(one, name)) == _written(getattr(other, name)) for name in ("trainable", "extra", "unread")
        )
        and one.initializer == other.initializer
    )


def _feeds(layers: Mapping[str, Layer], kept: Mapping[str, Layer]) -> dict[str, set[tuple[str, int]]]:
    """Return the ports that each layer feeds; a layer that the other side doesn't have under this name has none."""
    ports: dict[str, set[tuple[str, int]]] = {}
    for id, layer in layers.items():
        for port, source in enumerate(layer.inputs):
            ports.setdefault(owner(source, layers), set()).add((id if id in kept else "", port))
    return ports
