"""Patterns that repeat along a network, folded into blocks: a ResNet's stages, a DenseNet's layers.

A network is cut where all data passes through one layer. What lies between two cuts is a link; where a few links
follow each other several times with equal settings and equal wiring, they are copies of a block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from core.graph.edits import takes_input
from core.graph.folding import Redrawn
from core.graph.names import can_be_name, free_name, numbered_name
from core.graph.values import BLOCK_KIND, Block, BlockUse, Document, Graph, Layer, Layout, make_spec

LEAST_LAYERS = 4
"""Of a block: less is read more easily than a name for it."""
MOST_COPIES = 1000
"""Of one use of a block."""
LONGEST_PATTERN = 24
"""Links of a block."""


@dataclass(frozen=True, slots=True)
class _Run:
    """Copies that follow each other: `repeat` times so many links, from one on."""

    first: int
    period: int
    repeat: int


def fold_repeats(document: Document) -> Redrawn:
    """Fold what repeats exactly into blocks; weights are renamed by the result's `weights`.

    Nothing is folded in a document that uses blocks already, and no layer that is an output by itself.

    Examples
    --------
    >>> from core.io.templates import load_template
    >>> from core.graph.folding import unfold
    >>> flat = unfold(load_template("resnet20_cifar"), "stage1").document
    >>> sum(layer.kind == "Block" for layer in flat.graph.layers)
    4
    """
    graph = document.graph
    if graph.blocks or any(isinstance(layer.spec, BlockUse) for layer in graph.layers):
        return Redrawn(document, (), {})
    links = list(_links(graph))
    numbers: dict[tuple[object, ...], int] = {}
    marks = [numbers.setdefault(_mark(before, link), len(numbers)) for before, link in links]
    folding = _Folding(graph)
    done = 0
    for run in _runs(marks, [link for _, link in links], set(graph.outputs or ())):
        for _, link in links[done : run.first]:
            folding.keep(link)
        done = run.first + run.period * run.repeat
        parts = [link for _, link in links[run.first : done]]
        before = links[run.first][0]
        folding.fold(before, [_joined(parts[i : i + run.period]) for i in range(0, len(parts), run.period)])
    for _, link in links[done:]:
        folding.keep(link)
    if not folding.uses:
        return Redrawn(document, (), {})
    after = Graph(tuple(folding.layers), folding.outputs(), folding.blocks)
    return Redrawn(replace(document, graph=after, layout=Layout()), tuple(folding.uses), folding.names)


def _links(graph: Graph) -> Iterator[tuple[str, tuple[Layer, ...]]]:
    """Cut a graph; yield the layer before each link, and the link. Of a link only its last layer is read."""
    place = {layer.id: i for i, layer in enumerate(graph.layers)}
    last_read = list(range(len(place)))
    for i, layer in enumerate(graph.layers):
        for source in layer.inputs:
            if source in place:
                last_read[place[source]] = max(last_read[place[source]], i)
    start, reached, before = 0, -1, ""
    for i, layer in enumerate(graph.layers):
        if reached <= i:
            yield before, graph.layers[start : i + 1]
            start, before = i + 1, layer.id
        reached = max(reached, last_read[i])
    if start < len(graph.layers):
        yield before, graph.layers[start:]


def _mark(before: str, link: Sequence[Layer]) -> tuple[object, ...]:
    """Describe a link without names: equal links have equal marks."""
    place = {before: -1, **{layer.id: i for i, layer in enumerate(link)}}
    return tuple(
        (layer.spec, layer.trainable, layer.initializer, tuple(place.get(source, source) for source in layer.inputs))
        if takes_input(layer.kind) and not layer.extra and not layer.unread
        else layer.id
        for layer in link
    )


def _runs(marks: Sequence[int], links: Sequence[Sequence[Layer]], outputs: set[str]) -> Iterator[_Run]:
    """Find copies from left to right: of those that begin at a link, the run with most layers and shortest pattern."""
    i = 0
    while i < len(marks):
        best, most = None, 0
        for period in range(1, LONGEST_PATTERN + 1):
            run = _Run(i, period, _repeat(marks, i, period))
            n_layers = sum(map(len, links[i : i + period]))
            covered = n_layers * run.repeat
            if run.repeat > 1 and n_layers >= LEAST_LAYERS and covered > most:
                best, most = run, covered
        if best is not None:
            best = _begun_well(best, marks, links)
            inside = links[best.first : best.first + best.period * best.repeat]
            if outputs & {layer.id for link in inside for layer in link}:
                best = None
        if best is None:
            i += 1
        else:
            yield best
            i = best.first + best.period * best.repeat


def _repeat(marks: Sequence[int], first: int, period: int) -> int:
    """Count how often a pattern stands there."""
    pattern, n = marks[first : first + period], 1
    while (
        n < MOST_COPIES and len(pattern) == period and marks[first + n * period : first + (n + 1) * period] == pattern
    ):
        n += 1
    return n


def _begun_well(run: _Run, marks: Sequence[int], links: Sequence[Sequence[Layer]]) -> _Run:
    """Return the same run begun later, if as many copies then begin with something else than an activation."""
    for first in range(run.first, run.first + run.period):
        starts_with = links[first][0].spec
        plain = getattr(starts_with, "elementwise", False)
        if not plain and _repeat(marks, first, run.period) >= run.repeat:
            return replace(run, first=first)
    return run


def _joined(links: Sequence[Sequence[Layer]]) -> tuple[Layer, ...]:
    return tuple(layer for link in links for layer in link)


class _Folding:
    """The graph as it is drawn anew."""

    def __init__(self, graph: Graph) -> None:
        self._before = graph
        self._taken = {layer.id for layer in graph.layers}
        self._ends: dict[str, str] = {}
        self._known: dict[tuple[object, ...], str] = {}
        self.layers: list[Layer] = []
        self.blocks: dict[str, Block] = {}
        self.uses: list[str] = []
        self.names: dict[str, str] = {}
        self._number = 1

    def keep(self, link: Sequence[Layer]) -> None:
        """Draw layers as they are, fed by the blocks that stand before them now."""
        self.layers += [replace(layer, inputs=tuple(self._ends.get(s, s) for s in layer.inputs)) for layer in link]

    def fold(self, before: str, copies: Sequence[Sequence[Layer]]) -> None:
        """Draw a use of a block in the place of its copies."""
        mark, (first, *_) = _mark(before, copies[0]), copies
        own = _own_names(first)
        if mark not in self._known:
            self._known[mark] = f"block{len(self.blocks) + 1}"
            inside = tuple(
                replace(layer, id=own[layer.id], inputs=tuple(own.get(s, "x") for s in layer.inputs)) for layer in first
            )
            self.blocks[self._known[mark]] = Block(("x",), inside, (inside[-1].id,))
        name = self._known[mark]
        inner = [layer.id for layer in self.blocks[name].layers]
        use = self._use_name(copies)
        spec, _ = make_spec(BLOCK_KIND, {"block": name, "repeat": len(copies)})
        self.layers.append(Layer(use, spec, (self._ends.get(before, before),)))
        self.uses.append(use)
        self._ends[copies[-1][-1].id] = use
        for number, copy in enumerate(copies, 1):
            self.names |= {layer.id: f"{use}/{number}/{id}" for layer, id in zip(copy, inner, strict=True)}

    def outputs(self) -> tuple[str, ...] | None:
        """Return the graph's outputs by the names of now."""
        ends = self._before.outputs
        return None if ends is None else tuple(self._ends.get(id, id) for id in ends)

    def _use_name(self, copies: Sequence[Sequence[Layer]]) -> str:
        """Return what the names of all copies begin with, or else the next free number."""
        heads = {_prefix([layer.id for layer in copy]).rpartition(".")[0] for copy in copies}
        head = heads.pop() if len(heads) == 1 else ""
        name = free_name(head, self._taken) if can_be_name(head) else numbered_name("block", self._taken, self._number)
        self._number += not can_be_name(head)
        self._taken.add(name)
        return name


def _prefix(ids: Sequence[str]) -> str:
    """Return the folder that the dotted names among some lie in: `layer1.0` of `layer1.0.conv1`, `layer1.0.bn1`."""
    parts = [id.split(".")[:-1] for id in ids if "." in id]
    if not parts:
        return ""
    common = parts[0]
    for other in parts[1:]:
        n = next(
            (i for i, (a, b) in enumerate(zip(common, other, strict=False)) if a != b), min(len(common), len(other))
        )
        common = common[:n]
    return ".".join(common)


def _own_names(copy: Sequence[Layer]) -> dict[str, str]:
    """Return names inside the block: those of its first copy, without the folder that they all lie in."""
    prefix = _prefix([layer.id for layer in copy])
    own: dict[str, str] = {}
    for layer in copy:
        short = layer.id.removeprefix(f"{prefix}.") if prefix else layer.id
        own[layer.id] = free_name(short if can_be_name(short) else layer.id, {*own.values(), "x"})
    return own
