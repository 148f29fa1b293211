"""Blocks unfolded: the plain graph that analysis, engine and exporters see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from operator import is_
from typing import Any

from core.graph.values import Block, BlockUse, Graph, Layer, Unreadable
from core.graph.wiring import owner, topological_order
from core.learning.initializers import Initializer
from core.limits import DEEPEST_BLOCKS, MOST_LAYERS, MOST_OF_A_KIND, MOST_UNFOLDED_LETTERS
from core.problems import OWN, Connect, Fix, Problem, Remove, SetConfig, key_path, set_fix
from core.text import counted, excerpt, listing, nearest_name, number_text


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
    sizes, *_ = _sizes(graph.blocks)
    uses = [layer.spec for layer in graph.layers if isinstance(layer.spec, BlockUse)]
    return len(graph.layers) + sum(use.repeat * sizes.get(use.block, 0) for use in uses)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a layer is unfolded to: its place in the file, and what holds for all layers of its copy of a block."""

    path: str
    prefix: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    trainable: bool = True
    initializer: Initializer | None = None


class _Unfolding:
    def __init__(self, blocks: Mapping[str, Block], known: Mapping[str, _Part]) -> None:
        self.blocks = blocks
        self.sizes, self.depths, self.letters = _sizes(blocks)
        self.known = known
        self.parts: list[_Part] = []
        self.n_layers = 0
        self.n_letters = 0
        self.layers: list[Layer] = []
        self.paths: dict[str, str] = {}
        self.part_outputs: dict[str, str] = {}
        self.used_by: dict[str, tuple[Block, ...]] = {}
        self.blocks_listed = listing(blocks)
        self.missing: dict[str, list[str]] = {}
        self.outputs: dict[str, str] = {}
        self.broken: set[str] = set()
        self.problems: dict[tuple[str, str], Problem] = {}

    def begin(self, layer: Layer, path: str) -> None:
        """Find what a layer of the drawn graph stands for; its inputs can be resolved once all others are known."""
        part = self.known.get(layer.id)
        blocks = self._blocks_in(layer)
        if part is None or not self._holds(part, layer, blocks):
            n_broken = len(self.broken)
            self.layers, self.paths, self.part_outputs = [], {}, {}
            self.add(layer, _Place(path))
            outputs = self.part_outputs
            drawn = tuple(self.layers)
            part = _Part(layer, blocks, drawn, (), (), self.paths, outputs, len(self.broken) == n_broken)
        self.outputs.update(part.outputs)
        self.n_layers += len(part.drawn)
        if isinstance(layer.spec, BlockUse) and part.drawn:
            self.n_letters += self._letters(layer.id, layer.spec)
        self.parts.append(part)

    def _blocks_in(self, layer: Layer) -> tuple[Block, ...]:
        if not isinstance(layer.spec, BlockUse):
            return ()
        name = layer.spec.block
        if name not in self.used_by:
            names = used_blocks(Graph((layer,), blocks=self.blocks))
            self.used_by[name] = tuple([self.blocks[used] for used in sorted(names)])
        return self.used_by[name]

    def _holds(self, part: _Part, layer: Layer, blocks: tuple[Block, ...]) -> bool:
        """Say whether a layer still stands for what it stood for."""
        if not part.whole or (part.layer is not layer and part.layer != layer) or len(part.blocks) != len(blocks):
            return False
        if isinstance(layer.spec, BlockUse) and (self._too_many(layer.spec) or self._too_long(layer.id, layer.spec)):
            return False
        return all(map(is_, part.blocks, blocks))

    def _too_many(self, use: BlockUse) -> bool:
        return self.n_layers + len(self.layers) + use.repeat * self.sizes[use.block] > MOST_LAYERS

    def _letters(self, id: str, use: BlockUse) -> int:
        """Count the letters of what a use stands for, written out."""
        return use.repeat * (self.letters[use.block] + self.sizes[use.block] * 2 * len(id))

    def _too_long(self, id: str, use: BlockUse) -> bool:
        return self.n_letters + self._letters(id, use) > MOST_UNFOLDED_LETTERS

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
        for _ in range(DEEPEST_BLOCKS):  # a block's output may be a block's output
            if reference not in self.outputs:
                break
            reference = self.outputs[reference]
        return reference

    def add(self, layer: Layer, at: _Place) -> None:
        """Add a layer, or all that a use of a block stands for."""
        id = at.prefix + layer.id
        if at.prefix:
            inputs = tuple([at.names.get(source, at.prefix + source) for source in layer.inputs])
            initializer = layer.initializer or at.initializer
            layer = _renamed(layer, id, inputs, layer.trainable and at.trainable, initializer)
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
            if len(self.problems) <= MOST_OF_A_KIND:  # the others are only counted
                problem = problem.located(id, at.path)
            self.problems.setdefault((at.path, problem.code), problem)  # all copies share it

    def _unfold(self, layer: Layer, use: BlockUse) -> None:
        block = self.blocks[use.block]
        feeding = layer.inputs
        place = key_path("$.blocks", use.block)
        paths = [f"{place}.layers[{index}]" for index in range(len(block.layers))]
        for copy in range(1, use.repeat + 1):
            inside = f"{layer.id}/{copy}/"
            names = dict(zip(block.inputs, feeding, strict=False))
            for inner, path in zip(block.layers, paths, strict=True):
                self.add(inner, _Place(path, inside, names, layer.trainable, layer.initializer))
            feeding = tuple(inside + output for output in block.outputs)
        outputs = {f"{layer.id}/{output}": source for output, source in zip(block.outputs, feeding, strict=True)}
        self.part_outputs |= {layer.id: feeding[0]} | outputs
        self.outputs |= {layer.id: feeding[0]} | outputs

    def _problem(self, layer: Layer, use: BlockUse) -> Problem | None:
        """Say why a use cannot be unfolded; its fixes are tried by whoever offers them."""
        name, block = use.block, self.blocks.get(use.block)
        counted_only = len(self.problems) >= MOST_OF_A_KIND  # then nobody reads what it says
        remove, once = Fix("Remove the layer", (Remove(OWN),)), set_fix("Use it once", repeat=1)
        if block is None and counted_only:
            return _block_problem("BLOCK-UNKNOWN", "there is no such block", "", "block")
        if block is None:
            meant = nearest_name(name, self.blocks)
            why = f"The document's blocks are {self.blocks_listed}." if self.blocks else "The document has no blocks."
            fixes = [Fix(f"Use the block {meant}", (SetConfig(OWN, {"block": meant}),))] if meant else []
            return _block_problem(
                "BLOCK-UNKNOWN", f"there is no block called {excerpt(name)}", why, "block", *fixes, remove
            )
        if name not in self.sizes:
            chain = " → ".join([] if counted_only else self._endless(name))
            return _block_problem(
                "BLOCK-CYCLE",
                f"unfolding the block {name} would never end",
                f"A block is inside itself: {chain}.",
                "block",
                remove,
            )
        if self.depths[name] > DEEPEST_BLOCKS:
            what = f"the block {name} nests blocks {self.depths[name]} deep"
            return _block_problem(
                "BLOCK-DEPTH", what, f"At most {DEEPEST_BLOCKS} levels can be unfolded.", "block", remove
            )
        if self._too_many(use):
            what = f"the document would unfold to more than {MOST_LAYERS:,} layers"
            size, copies = self.sizes[name], use.repeat
            total = f"{number_text(copies)} × {number_text(size)} = {number_text(copies * size)}"
            why = f"Here the block {name} stands for {total} of them."
            return _block_problem("BLOCK-SIZE", what, why, "repeat", once, remove)
        if self._too_long(layer.id, use):
            what = f"written out, the document would have more than {MOST_UNFOLDED_LETTERS:,} letters"
            why = f"Here the block {name} stands for {number_text(self._letters(layer.id, use))} of them."
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
        if name not in self.missing:
            self.missing[name] = [output for output in block.outputs if owner(output, ids) not in ids]
        missing = self.missing[name]
        if missing or not block.outputs:
            what = f"has no layer {excerpt(missing[0])} to be its output" if missing else "has no output"
            why = f"Its layers are {listing(ids)}." if ids else "It has no layers."
            return _block_problem("BLOCK-OUTPUT", f"the block {name} {what}", why, "block", remove)
        return None

    def _endless(self, name: str) -> list[str]:
        """Return the blocks from this one to the first that repeats."""
        chain: dict[str, None] = {}
        while name not in chain and len(chain) < DEEPEST_BLOCKS:
            chain[name] = None
            name = next(inner for inner in _used(self.blocks[name]) if inner in self.blocks and inner not in self.sizes)
        return [*chain, name if name in chain else "…"]


def _renamed(
    layer: Layer,
    id: str,
    inputs: tuple[str, ...],
    trainable: bool | None = None,
    initializer: Initializer | None = None,
) -> Layer:
    """Do what `dataclasses.replace` does, in a third of the time: a large network has thousands of layers."""
    trainable = layer.trainable if trainable is None else trainable
    own = layer.initializer if initializer is None else initializer
    return Layer(id, layer.spec, inputs, trainable, layer.extra, layer.unread, layer.instead, own)


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


def _sizes(blocks: Mapping[str, Block]) -> tuple[dict[str, int], dict[str, int], dict[str, int]]:
    """Count the layers of every block when unfolded, how deep its blocks lie, and its letters when written out.

    Endless blocks are left out.
    """
    sizes: dict[str, int] = {}
    depths: dict[str, int] = {}
    letters: dict[str, int] = {}
    ordered, _ = topological_order({name: _used(block) for name, block in blocks.items()})
    for name in ordered:
        uses = [layer.spec for layer in blocks[name].layers if isinstance(layer.spec, BlockUse)]
        depths[name] = 1 + max((depths.get(use.block, 0) for use in uses), default=0)
        size, written = len(blocks[name].layers), sum(map(len, (*blocks[name].inputs, *blocks[name].outputs)))
        for layer in blocks[name].layers:
            written += len(layer.id) + sum(len(source) + 4 for source in layer.inputs) + _unread_letters(layer)
            if isinstance(layer.spec, BlockUse) and layer.spec.block in sizes:
                n = layer.spec.repeat * sizes[layer.spec.block]
                size += n
                written += layer.spec.repeat * letters[layer.spec.block] + n * 2 * (len(layer.id) + 5)
        sizes[name], letters[name] = min(size, _COUNTLESS), min(written, _COUNTLESS)
    return sizes, depths, letters


_COUNTLESS = 10**100
"""Numbers of layers and letters are exact up to here, far beyond what can be unfolded."""


def _unread_letters(layer: Layer) -> int:
    """Estimate how much there is to read of what cannot be read of a layer: each copy has to be looked at."""
    config = layer.spec.config if isinstance(layer.spec, Unreadable) else {}
    return sum(map(_length, (*config.items(), *layer.extra.items(), *layer.unread.items(), *layer.instead)))


def _length(value: Any) -> int:
    if isinstance(value, Mapping):
        return sum(map(_length, value.items())) + 1
    if isinstance(value, list | tuple):
        return sum(map(_length, value)) + 1
    return len(value) if isinstance(value, str) else 1


def _block_problem(code: str, what: str, why: str, field: str | None, *fixes: Fix) -> Problem:
    # Braces in the user's names must survive when source names are filled in.
    fixes = tuple(replace(fix, label=_braced(fix.label)) for fix in fixes)
    return Problem(code, what=_braced(what), why=_braced(why), field=field, fixes=fixes)


def _braced(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
