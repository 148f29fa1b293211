"""Blocks unfolded: the plain graph that analysis, engine and exporters see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from operator import is_

from core.graph.values import Block, BlockUse, Graph, Layer
from core.graph.wiring import owner, topological_order
from core.problems import OWN, Connect, Fix, Problem, Remove, SetConfig, key_path, set_fix
from core.text import counted, excerpt, listing, nearest_name, number_text

MOST_LAYERS = 100_000
"""A use of a block that would unfold to more layers is a problem, and stays folded."""
DEEPEST = 32
"""Blocks within blocks."""


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """A graph without blocks.

    Attributes
    ----------
    layers : tuple of Layer
        A block's layers are called `use/copy/layer`; copies are counted from 1.
    paths : mapping of str to str
        For layers from a block, their place in the file.
    outputs : mapping of str to str
        What a reference to a use of a block (`stage1`, or `stage1/add`) stands for.
    broken : set of str
        The uses of blocks that could not be unfolded.
    problems : tuple of Problem
        What is wrong with the blocks and their uses.
    """

    layers: tuple[Layer, ...]
    paths: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    _graph: Graph = Graph()
    _parts: Mapping[str, _Part] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """What one layer of the drawn graph stands for, and what that follows from.

    Attributes
    ----------
    blocks : tuple of Block
        All that are in it.
    drawn, layers : tuple of Layer
        With inputs as the blocks have them, and with those replaced by the layers that they stand for.
    sources : tuple of str
        What its own inputs stand for.
    whole : bool
        Whether nothing in it is broken.
    """

    layer: Layer
    blocks: tuple[Block, ...]
    drawn: tuple[Layer, ...]
    layers: tuple[Layer, ...]
    sources: tuple[str, ...]
    paths: Mapping[str, str]
    outputs: Mapping[str, str]
    whole: bool


def flatten(graph: Graph, previous: Flat | None = None) -> Flat:
    """Unfold every use of a block.

    Parameters
    ----------
    graph : Graph
    previous : Flat, optional
        An earlier result, whose layer objects are reused where nothing about them changed.
    """
    if not any(isinstance(layer.spec, BlockUse) for layer in graph.layers):
        return Flat(graph.layers, _graph=graph)
    if previous is not None and previous._graph == graph:
        return previous
    unfolding = _Unfolding(graph.blocks, {} if previous is None else previous._parts)
    for index, layer in enumerate(graph.layers):
        unfolding.begin(layer, f"$.layers[{index}]")
    parts = [unfolding.resolved(part) for part in unfolding.parts]
    return Flat(
        tuple([layer for part in parts for layer in part.layers]),
        {id: path for part in parts for id, path in part.paths.items()},
        unfolding.outputs,
        frozenset(unfolding.broken),
        tuple(unfolding.problems.values()),
        graph,
        {part.layer.id: part for part in parts},
    )


def unfolded_size(graph: Graph) -> int:
    """Count the layers of a graph as if all of its blocks could be unfolded, without unfolding any."""
    sizes, _ = _sizes(graph.blocks)
    uses = [layer.spec for layer in graph.layers if isinstance(layer.spec, BlockUse)]
    return len(graph.layers) + sum(use.repeat * sizes.get(use.block, 0) for use in uses)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a layer is unfolded to: its place in the file, and what holds for all layers of its copy of a block."""

    path: str
    prefix: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    trainable: bool = True


class _Unfolding:
    def __init__(self, blocks: Mapping[str, Block], known: Mapping[str, _Part]) -> None:
        self.blocks = blocks
        self.sizes, self.depths = _sizes(blocks)
        self.known = known
        self.parts: list[_Part] = []
        self.n_layers = 0
        self.layers: list[Layer] = []
        self.paths: dict[str, str] = {}
        self.outputs: dict[str, str] = {}
        self.broken: set[str] = set()
        self.problems: dict[tuple[str, str], Problem] = {}

    def begin(self, layer: Layer, path: str) -> None:
        """Find what a layer of the drawn graph stands for; its inputs can be resolved once all others are known."""
        part = self.known.get(layer.id)
        blocks = self._blocks_in(layer)
        if part is None or not self._holds(part, layer, blocks):
            n_outputs, n_broken = len(self.outputs), len(self.broken)
            self.layers, self.paths = [], {}
            self.add(layer, _Place(path))
            outputs = dict(islice(self.outputs.items(), n_outputs, None))
            drawn = tuple(self.layers)
            part = _Part(layer, blocks, drawn, (), (), self.paths, outputs, len(self.broken) == n_broken)
        self.outputs.update(part.outputs)
        self.n_layers += len(part.drawn)
        self.parts.append(part)

    def _blocks_in(self, layer: Layer) -> tuple[Block, ...]:
        if not isinstance(layer.spec, BlockUse):
            return ()
        names = used_blocks(Graph((layer,), blocks=self.blocks))
        return tuple([self.blocks[name] for name in sorted(names)])

    def _holds(self, part: _Part, layer: Layer, blocks: tuple[Block, ...]) -> bool:
        """Say whether a layer still stands for what it stood for."""
        if not part.whole or (part.layer is not layer and part.layer != layer) or len(part.blocks) != len(blocks):
            return False
        if isinstance(layer.spec, BlockUse) and self._too_many(layer.spec):
            return False
        return all(map(is_, part.blocks, blocks))

    def _too_many(self, use: BlockUse) -> bool:
        return self.n_layers + len(self.layers) + use.repeat * self.sizes[use.block] > MOST_LAYERS

    def resolved(self, part: _Part) -> _Part:
        """Replace references to blocks by the layers they stand for; what has not changed stays the same object."""
        sources = tuple(map(self._resolve, part.layer.inputs))
        if part.layers and part.sources == sources:
            return part
        old = self.known.get(part.layer.id)
        known = {} if old is None else {layer.id: layer for layer in old.layers}
        layers = []
        for layer in part.drawn:
            inputs = tuple(map(self._resolve, layer.inputs))
            resolved = layer if inputs == layer.inputs else _renamed(layer, layer.id, inputs)
            same = known.get(layer.id)
            layers.append(same if same == resolved else resolved)
        return replace(part, layers=tuple(layers), sources=sources)

    def _resolve(self, reference: str) -> str:
        for _ in range(DEEPEST):  # a block's output may be a block's output
            if reference not in self.outputs:
                break
            reference = self.outputs[reference]
        return reference

    def add(self, layer: Layer, at: _Place) -> None:
        """Add a layer, or all that a use of a block stands for."""
        id = at.prefix + layer.id
        if at.prefix:
            inputs = tuple([at.names.get(source, at.prefix + source) for source in layer.inputs])
            layer = _renamed(layer, id, inputs, layer.trainable and at.trainable)
        if not isinstance(layer.spec, BlockUse):
            self.layers.append(layer)
            if at.prefix:
                self.paths[id] = at.path
            return
        problem = self._problem(layer, layer.spec)
        if problem is None:
            self._unfold(layer, layer.spec)
        else:
            self.broken.add(id)
            problem = problem.located(id, at.path)
            self.problems.setdefault((problem.path, problem.code), problem)  # all copies share it

    def _unfold(self, layer: Layer, use: BlockUse) -> None:
        block = self.blocks[use.block]
        feeding = layer.inputs
        place = key_path("$.blocks", use.block)
        paths = [f"{place}.layers[{index}]" for index in range(len(block.layers))]
        for copy in range(1, use.repeat + 1):
            inside = f"{layer.id}/{copy}/"
            names = dict(zip(block.inputs, feeding, strict=False))
            for inner, path in zip(block.layers, paths, strict=True):
                self.add(inner, _Place(path, inside, names, layer.trainable))
            feeding = tuple(inside + output for output in block.outputs)
        self.outputs[layer.id] = feeding[0]
        for output, source in zip(block.outputs, feeding, strict=True):
            self.outputs[f"{layer.id}/{output}"] = source

    def _problem(self, layer: Layer, use: BlockUse) -> Problem | None:
        """Say why a use cannot be unfolded; its fixes are tried by whoever offers them."""
        name, block = use.block, self.blocks.get(use.block)
        remove, once = Fix("Remove the layer", (Remove(OWN),)), set_fix("Use it once", repeat=1)
        if block is None:
            meant = nearest_name(name, self.blocks)
            why = f"The document's blocks are {listing(self.blocks)}." if self.blocks else "The document has no blocks."
            fixes = [Fix(f"Use the block {meant}", (SetConfig(OWN, {"block": meant}),))] if meant else []
            return _block_problem(
                "BLOCK-UNKNOWN", f"there is no block called {excerpt(name)}", why, "block", *fixes, remove
            )
        if name not in self.sizes:
            chain = " → ".join(self._endless(name))
            return _block_problem(
                "BLOCK-CYCLE",
                f"unfolding the block {name} would never end",
                f"A block is inside itself: {chain}.",
                "block",
                remove,
            )
        if self.depths[name] > DEEPEST:
            what = f"the block {name} nests blocks {self.depths[name]} deep"
            return _block_problem("BLOCK-DEPTH", what, f"At most {DEEPEST} levels can be unfolded.", "block", remove)
        if self._too_many(use):
            what = f"the document would unfold to more than {MOST_LAYERS:,} layers"
            size, copies = self.sizes[name], use.repeat
            total = f"{number_text(copies)} × {number_text(size)} = {number_text(copies * size)}"
            why = f"Here the block {name} stands for {total} of them."
            return _block_problem("BLOCK-SIZE", what, why, "repeat", once, remove)
        if use.repeat > 1 and (len(block.inputs) != 1 or len(block.outputs) != 1):
            counts = f"{counted(len(block.inputs), 'input')} and {counted(len(block.outputs), 'output')}"
            why = "Each copy feeds the next, which takes exactly one of each."
            return _block_problem(
                "BLOCK-REPEAT", f"the block {name} has {counts}, so it cannot repeat", why, "repeat", once
            )
        if len(layer.inputs) != len(block.inputs):
            has = len(layer.inputs) or "none"
            what = f"the block {name} takes {counted(len(block.inputs), 'input')}, but has {has} here"
            why = f"Its inputs are {listing(block.inputs)}." if block.inputs else "It has none of its own."
            surplus = tuple(Connect(None, OWN, port) for port in reversed(range(len(block.inputs), len(layer.inputs))))
            drop = (Fix("Drop the surplus", surplus),) if surplus else ()
            return _block_problem("BLOCK-INPUTS", what, why, None, *drop, remove)
        ids = dict.fromkeys(inner.id for inner in block.layers)
        missing = [output for output in block.outputs if owner(output, ids) not in ids]
        if missing or not block.outputs:
            what = f"has no layer {excerpt(missing[0])} to be its output" if missing else "has no output"
            why = f"Its layers are {listing(ids)}." if ids else "It has no layers."
            return _block_problem("BLOCK-OUTPUT", f"the block {name} {what}", why, "block", remove)
        return None

    def _endless(self, name: str) -> list[str]:
        """Return the blocks from this one to the first that repeats."""
        chain: list[str] = []
        while name not in chain:
            chain.append(name)
            name = next(inner for inner in _used(self.blocks[name]) if inner in self.blocks and inner not in self.sizes)
        return [*chain, name]


def _renamed(layer: Layer, id: str, inputs: tuple[str, ...], trainable: bool | None = None) -> Layer:
    """Do what `dataclasses.replace` does, in a third of the time: a large network has thousands of layers."""
    trainable = layer.trainable if trainable is None else trainable
    return Layer(id, layer.spec, inputs, trainable, layer.extra, layer.unread, layer.instead)


def used_blocks(graph: Graph) -> set[str]:
    """Name the blocks that the network is made of, directly or within other blocks."""
    used: set[str] = set()
    frontier = _used(graph)
    while frontier:
        name = frontier.pop()
        if name in graph.blocks and name not in used:
            used.add(name)
            frontier += _used(graph.blocks[name])
    return used


def _used(whole: Graph | Block) -> list[str]:
    return [layer.spec.block for layer in whole.layers if isinstance(layer.spec, BlockUse)]


def _sizes(blocks: Mapping[str, Block]) -> tuple[dict[str, int], dict[str, int]]:
    """Count the layers of every block when unfolded, and how deep its blocks lie; endless blocks are left out."""
    sizes: dict[str, int] = {}
    depths: dict[str, int] = {}
    ordered, _ = topological_order({name: _used(block) for name, block in blocks.items()})
    for name in ordered:
        uses = [layer.spec for layer in blocks[name].layers if isinstance(layer.spec, BlockUse)]
        sizes[name] = len(blocks[name].layers) + sum(use.repeat * sizes.get(use.block, 0) for use in uses)
        depths[name] = 1 + max((depths.get(use.block, 0) for use in uses), default=0)
    return sizes, depths


def _block_problem(code: str, what: str, why: str, field: str | None, *fixes: Fix) -> Problem:
    # Braces in the user's names must survive when source names are filled in.
    fixes = tuple(replace(fix, label=_braced(fix.label)) for fix in fixes)
    return Problem(code, what=_braced(what), why=_braced(why), field=field, fixes=fixes)


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
