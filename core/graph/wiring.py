"""Who feeds whom: indices over a graph's layers, and their topological order."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from heapq import heapify, heappop, heappush

from core.graph.values import Graph, Layer


def consumers(layers: Iterable[Layer]) -> dict[str, list[str]]:
    """Return, for each source, the ids of the layers that it feeds, once per port."""
    layers = tuple(layers)
    ids = {layer.id for layer in layers}
    fed: dict[str, list[str]] = {}
    for layer in layers:
        for source in layer.inputs:
            fed.setdefault(owner(source, ids), []).append(layer.id)
    return fed


def source_id(reference: str) -> str:
    """Return the layer that an input refers to: `stage1` for `stage1/add`, an output of a block."""
    return reference.partition("/")[0]


def owner(reference: str, ids: Container[str]) -> str:
    """Return the layer that an input refers to, where a file may hold ids that are no names, such as `a/b`."""
    return reference if reference in ids else source_id(reference)


def topological_order(inputs: Mapping[str, Sequence[str]]) -> tuple[list[str], list[str]]:
    """Order layers so that sources come before what they feed; otherwise as they came.

    Parameters
    ----------
    inputs : mapping of str to sequence of str
        The sources of each layer; sources that are not layers are ignored.

    Returns
    -------
    ordered, rest : list of str
        `rest` holds the layers of cycles and those after them, in their given order.
    """
    waiting = {id: sum(source in inputs for source in set(sources)) for id, sources in inputs.items()}
    feeds: dict[str, list[str]] = {}
    for id, sources in inputs.items():
        for source in dict.fromkeys(sources):
            feeds.setdefault(source, []).append(id)
    ordered: list[str] = []
    # A file whose layers are already in order keeps that order exactly: take the first ready layer each time.
    ready = [id for id, n in waiting.items() if n == 0]
    if len(ready) == len(waiting):
        return ready, []
    place = {id: i for i, id in enumerate(inputs)}
    heap = [place[id] for id in ready]
    names = list(inputs)
    heapify(heap)
    while heap:
        id = names[heappop(heap)]
        ordered.append(id)
        for fed in feeds.get(id, ()):
            waiting[fed] -= 1
            if waiting[fed] == 0:
                heappush(heap, place[fed])
    done = set(ordered)
    return ordered, [id for id in inputs if id not in done]


def reaches(graph: Graph, start: str, goal: str) -> bool:
    """Say whether data flows from `start` to `goal`, which may be the same layer."""
    feeds = consumers(graph.layers)
    seen, frontier = {start}, [start]
    while frontier:
        id = frontier.pop()
        if id == goal:
            return True
        new = [fed for fed in feeds.get(id, ()) if fed not in seen]
        seen.update(new)
        frontier.extend(new)
    return False
