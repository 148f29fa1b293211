"""The order of a flat graph's layers, and which of them to look at again when some have changed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import compress
from operator import is_not

from core.graph.flatten import Flat
from core.graph.values import Layer
from core.graph.wiring import topological_order


@dataclass(frozen=True, eq=False)
class Wiring:
    """The topological order of a flat graph.

    `rest` holds the layers of cycles and those after them, `sinks` those that nothing consumes.
    """

    layers: tuple[Layer, ...]
    ordered: tuple[str, ...]
    rest: tuple[str, ...]
    sinks: tuple[str, ...]

    @cached_property
    def feeds(self) -> _Feeds:
        """Return who feeds whom."""
        return _Feeds(self)

    @property
    def is_simple(self) -> bool:
        """Whether there are no cycles, and no two layers with the same name."""
        return len(self.ordered) == len(self.layers)

    def with_layers(self, layers: tuple[Layer, ...]) -> Wiring:
        """Return the same wires between other layers."""
        wiring = replace(self, layers=layers)
        if self.is_simple:
            vars(wiring)["feeds"] = self.feeds  # computed once for all documents with these wires
        return wiring

    def look_again(self, changed: Collection[str], look: Callable[[str], bool]) -> list[str]:
        """Look at layers, sources first, and at those that they feed wherever `look` says that it makes a difference.

        Returns
        -------
        list of str
            All layers that were looked at.
        """
        places, consumers = self.feeds.places, self.feeds.consumers
        waiting = {places[id] for id in changed}
        heap = list(waiting)
        heapify(heap)
        looked = []
        while heap:
            id = self.ordered[heappop(heap)]
            looked.append(id)
            if look(id):
                for place in consumers.get(id, ()):
                    if place not in waiting:
                        waiting.add(place)
                        heappush(heap, place)
        return looked


class _Feeds:
    """The place of each layer in the order, and by a layer's id the places of those that it feeds."""

    def __init__(self, wiring: Wiring) -> None:
        self.places: Mapping[str, int] = {id: place for place, id in enumerate(wiring.ordered)}
        self.consumers: dict[str, list[int]] = {}
        for layer in wiring.layers:
            for source in layer.inputs:
                self.consumers.setdefault(source, []).append(self.places[layer.id])


def wire(flat: Flat, previous: Wiring | None) -> tuple[Wiring, tuple[Layer, ...] | None]:
    """Order the layers of a flat graph.

    Returns
    -------
    wiring : Wiring
        The earlier one, with other layers, where no wire changed.
    changed : tuple of Layer, or None
        The layers that are not those of the earlier wiring; None where more than layers has changed.
    """
    if previous is not None and len(previous.layers) == len(flat.layers):
        differ = list(map(is_not, previous.layers, flat.layers))
        old, new = tuple(compress(previous.layers, differ)), tuple(compress(flat.layers, differ))
        if all(a.id == b.id and a.inputs == b.inputs for a, b in zip(old, new, strict=True)):
            return (previous.with_layers(flat.layers), new) if new else (previous, new)
    ordered, rest = topological_order({layer.id: layer.inputs for layer in flat.layers})
    consumed = {source for layer in flat.layers for source in layer.inputs}
    sinks = tuple(id for id in ordered if id not in consumed)
    return Wiring(flat.layers, tuple(ordered), tuple(rest), sinks), None
