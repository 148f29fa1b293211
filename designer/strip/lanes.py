"""Where the layers of a network stand in a row: one behind the other, and side by side where it branches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from core.graph.values import Layer
from core.graph.wiring import owner, topological_order


@dataclass(frozen=True, slots=True)
class Place:
    """Where a layer stands.

    Attributes
    ----------
    column : int
    lane : int or None
        From 0, the upper one; None where the layer has the column to itself.
    n_lanes : int
        How many there are side by side.
    """

    column: int
    lane: int | None
    n_lanes: int = field(default=2, repr=False)


def places(layers: Iterable[Layer]) -> dict[str, Place]:
    """Place layers in a row, in topological order; those of a cycle come last, in their given order.

    Layers that are equally far behind the inputs are on different branches; there are two of them in a column.

    Examples
    --------
    >>> from core.io.templates import load_template
    >>> list(places(load_template("lenet5").graph.layers).items())[:2]
    [('input', Place(column=0, lane=None)), ('conv1', Place(column=1, lane=None))]
    """
    _, levels, rest = _levels(layers)
    columns = [pair for level in levels for pair in _groups(level, 2)]
    columns.extend((id,) for id in rest)
    return {
        id: Place(column, lane if len(pair) > 1 else None)
        for column, pair in enumerate(columns)
        for lane, id in enumerate(pair)
    }


def branches(layers: Iterable[Layer], most: int) -> dict[str, Place]:
    """Place layers in a row as `places` does, but with so many lanes that each branch can keep to its own.

    Parameters
    ----------
    layers : iterable of Layer
    most : int
        Lanes; where there are more branches, some of them stand behind others.

    Examples
    --------
    >>> from core.graph.values import Layer
    >>> from core.layers import KINDS
    >>> relu = KINDS["ReLU"]()
    >>> ends = {
    ...     "in": (),
    ...     "a": ("in",),
    ...     "b": ("in",),
    ...     "c": ("in",),
    ...     "c2": ("c",),
    ...     "b2": ("b",),
    ...     "out": ("a", "b2", "c2"),
    ... }
    >>> found = branches([Layer(id, relu, inputs) for id, inputs in ends.items()], 4)
    >>> [(id, place.lane) for id, place in found.items() if place.lane is not None]
    [('a', 0), ('b', 1), ('c', 2), ('c2', 2), ('b2', 1)]
    """
    sources, levels, rest = _levels(layers)
    columns = [group for level in levels for group in _groups(level, most)]
    columns.extend((id,) for id in rest)
    lanes: dict[str, int] = {}
    for group in columns:
        if len(group) > 1:
            _choose_lanes(group, sources, lanes, most)
    found: dict[str, Place] = {}
    section: list[tuple[int, str]] = []
    for column, group in enumerate((*columns, ())):
        if len(group) > 1:
            section += [(column, id) for id in group]
            continue
        n_lanes = max((lanes[id] + 1 for _, id in section), default=1)
        found |= {id: Place(at, lanes[id], n_lanes) for at, id in section}
        section = []
        found |= {id: Place(column, None) for id in group}
    return found


def _choose_lanes(group: tuple[str, ...], sources: Mapping[str, list[str]], lanes: dict[str, int], most: int) -> None:
    """Let each layer of a column stand behind the one that feeds it; where another does, in a lane that is free."""
    taken: set[int] = set()
    waiting = []
    for id in group:
        own = next((lanes[source] for source in sources[id] if source in lanes and lanes[source] not in taken), None)
        if own is None:
            waiting.append(id)
        else:
            lanes[id] = own
            taken.add(own)
    free = (lane for lane in range(most) if lane not in taken)
    lanes |= dict(zip(waiting, free, strict=False))


def _levels(layers: Iterable[Layer]) -> tuple[dict[str, list[str]], list[list[str]], list[str]]:
    """Return what feeds each layer, the layers by how far they are behind the inputs, and those of cycles."""
    known = {layer.id: layer for layer in layers}
    sources = {id: [owner(source, known) for source in layer.inputs] for id, layer in known.items()}
    ordered, rest = topological_order(sources)
    depths: dict[str, int] = {}
    for id in ordered:
        depths[id] = max((depths[source] + 1 for source in sources[id] if source in depths), default=0)
    levels: dict[int, list[str]] = {}
    for id in ordered:
        levels.setdefault(depths[id], []).append(id)
    return sources, [levels[depth] for depth in sorted(levels)], list(rest)


def _groups(ids: list[str], most: int) -> list[tuple[str, ...]]:
    return [tuple(ids[i : i + most]) for i in range(0, len(ids), most)]
