"""Where the layers of a network stand in a row: one behind the other, and side by side where it branches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.graph.values import Layer
from core.graph.wiring import owner, topological_order


@dataclass(frozen=True, slots=True)
class Place:
    """Where a layer stands.

    Attributes
    ----------
    column : int
    lane : int or None
        0 for the upper lane, 1 for the lower one; None where the layer has the column to itself.
    """

    column: int
    lane: int | None


def places(layers: Iterable[Layer]) -> dict[str, Place]:
    """Place layers in a row, in topological order; those of a cycle come last, in their given order.

    Layers that are equally far behind the inputs are on different branches; there are two of them in a column.

    Examples
    --------
    >>> from core.io.templates import load_template
    >>> list(places(load_template("lenet5").graph.layers).items())[:2]
    [('input', Place(column=0, lane=None)), ('conv1', Place(column=1, lane=None))]
    """
    known = {layer.id: layer for layer in layers}
    sources = {id: [owner(source, known) for source in layer.inputs] for id, layer in known.items()}
    ordered, rest = topological_order(sources)
    depths: dict[str, int] = {}
    for id in ordered:
        depths[id] = max((depths[source] + 1 for source in sources[id] if source in depths), default=0)
    levels: dict[int, list[str]] = {}
    for id in ordered:
        levels.setdefault(depths[id], []).append(id)
    columns = [pair for depth in sorted(levels) for pair in _pairs(levels[depth])]
    columns.extend((id,) for id in rest)
    return {
        id: Place(column, lane if len(pair) > 1 else None)
        for column, pair in enumerate(columns)
        for lane, id in enumerate(pair)
    }


def _pairs(ids: list[str]) -> list[tuple[str, ...]]:
    return [tuple(ids[i : i + 2]) for i in range(0, len(ids), 2)]
