"""Blocks unfolded: the plain graph that analysis, engine and exporters see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from core.graph.values import Block, BlockUse, Graph, Layer
from core.graph.wiring import source_id
from core.problems import Connect, Fix, Problem, Remove, set_fix
from core.text import counted, excerpt, listing, nearest_name

MOST_LAYERS = 100_000
"""A document whose blocks unfold to more is not checked further."""


@dataclass(frozen=True, slots=True, eq=False)
class Flat:
    """A graph without blocks.

    Attributes
    ----------
    layers : tuple of Layer
        A block's layers are called `use/copy/layer`; copies are counted from 1.
    paths : mapping of str to str
        For layers that come from a block, their place in the file.
    outputs : mapping of str to str
        What a reference to a use of a block (`stage1`, or `stage1/add`) stands for.
    problems : tuple of Problem
        What is wrong with the blocks and their uses.
    """

    layers: tuple[Layer, ...]
    paths: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    _graph: Graph = Graph()


def flatten(graph: Graph, previous: Flat | None = None) -> Flat:
    """Unfold every use of a block.

    Parameters
    ----------
    graph : Graph
    previous : Flat, optional
        An earlier result, whose layer objects are used again where nothing about them changed.
    """
    if not any(isinstance(layer.spec, BlockUse) for layer in graph.layers):
        return Flat(graph.layers, _graph=graph)
    if previous is not None and previous._graph == graph:
        return previous
    known = {layer.id: layer for layer in previous.layers} if previous is not None else {}
    found = _Unfolding(graph.blocks, known)
    for index, layer in enumerate(graph.layers):
        found.add(layer, "", {}, f"$.layers[{index}]", ())
        if len(found.layers) > MOST_LAYERS:
            return Flat((), problems=(_too_many(layer, index),), _graph=graph)
    layers = tuple(
        replace(layer, inputs=inputs) if inputs != layer.inputs else layer for layer, inputs in found.resolved()
    )
    same = tuple(known[layer.id] if known.get(layer.id) == layer else layer for layer in layers)
    return Flat(same, found.paths, found.outputs, tuple(found.problems), graph)


class _Unfolding:
    def __init__(self, blocks: Mapping[str, Block], known: Mapping[str, Layer]) -> None:
        self.blocks = blocks
        self.known = known
        self.layers: list[Layer] = []
        self.paths: dict[str, str] = {}
        self.outputs: dict[str, str] = {}
        self.problems: list[Problem] = []

    def resolved(self) -> Iterator[tuple[Layer, tuple[str, ...]]]:
        """Give each layer with its sources, references to blocks replaced by the layers they stand for."""
        for layer in self.layers:
            yield layer, tuple(self._resolve(source) for source in layer.inputs)

    def _resolve(self, reference: str) -> str:
        for _ in range(64):  # a block's output may be a block's output
            if reference not in self.outputs:
                break
            reference = self.outputs[reference]
        return reference

    def add(self, layer: Layer, prefix: str, names: Mapping[str, str], path: str, within: tuple[str, ...]) -> None:
        """Add a layer, or all that a use of a block stands for; `names` maps the block's inputs to their sources."""
        id = prefix + layer.id
        inputs = tuple(names.get(source, prefix + source) for source in layer.inputs)
        if not isinstance(layer.spec, BlockUse):
            self.layers.append(layer if not prefix else replace(layer, id=id, inputs=inputs))
            if prefix:
                self.paths.setdefault(id, path)
            return
        block = self.blocks.get(layer.spec.block)
        problem = self._problem(layer, block, within)
        if problem is not None:
            self.problems.append(problem.located(id, path))
        elif block is not None:
            self._unfold(layer.spec, block, id, inputs, within)

    def _unfold(self, use: BlockUse, block: Block, id: str, inputs: tuple[str, ...], within: tuple[str, ...]) -> None:
        feeding = inputs
        for copy in range(1, use.repeat + 1):
            inside = f"{id}/{copy}/"
            names = dict(zip(block.inputs, feeding, strict=False))
            for index, layer in enumerate(block.layers):
                place = f"$.blocks.{use.block}.layers[{index}]"
                self.add(layer, inside, names, place, (*within, use.block))
                if len(self.layers) > MOST_LAYERS:
                    return
            feeding = tuple(inside + output for output in block.outputs)
        self.outputs[id] = feeding[0]
        for output, source in zip(block.outputs, feeding, strict=True):
            self.outputs[f"{id}/{output}"] = source

    def _problem(self, use: Layer, block: Block | None, within: tuple[str, ...]) -> Problem | None:
        if not isinstance(use.spec, BlockUse):
            return None
        name, repeat = use.spec.block, use.spec.repeat
        remove = Fix("Remove the layer", (Remove(use.id),)) if not within else None
        fixes: Iterable[Fix | None]
        if block is None:
            meant = nearest_name(name, self.blocks)
            fixes = (set_fix(f"Use the block {meant}", block=meant) if meant else None, remove)
            return _block_problem("BLOCK-UNKNOWN", f"there is no block called {excerpt(name)}", "", "block", fixes)
        if name in within:
            chain = " → ".join((*within[within.index(name) :], name))
            return _block_problem(
                "BLOCK-CYCLE", f"the block {name} contains itself", f"{chain} would never end.", "block", ()
            )
        if repeat > 1 and (len(block.inputs) != 1 or len(block.outputs) != 1):
            counts = f"{counted(len(block.inputs), 'input')} and {counted(len(block.outputs), 'output')}"
            once = set_fix("Use it once", repeat=1)
            why = "Each copy feeds the next, which takes exactly one of each."
            return _block_problem(
                "BLOCK-REPEAT", f"the block {name} has {counts}, so it cannot repeat", why, "repeat", (once,)
            )
        if len(use.inputs) != len(block.inputs):
            what = f"the block {name} needs {counted(len(block.inputs), 'input')}, but {use.id} has {len(use.inputs)}"
            surplus = range(len(use.inputs) - 1, len(block.inputs) - 1, -1)
            drop = Fix("Drop the surplus", tuple(Connect(None, use.id, port) for port in surplus)) if surplus else None
            return _block_problem(
                "BLOCK-INPUTS", what, f"Its inputs are {listing(block.inputs)}.", None, (drop, remove)
            )
        ids = {layer.id for layer in block.layers}
        missing = [output for output in block.outputs if source_id(output) not in ids]
        if missing or not block.outputs:
            what = (
                f"the block {name} has no layer {missing[0]} for its output"
                if missing
                else f"the block {name} has no output"
            )
            return _block_problem("BLOCK-OUTPUT", what, f"Its layers are {listing(sorted(ids))}.", "block", (remove,))
        return None


def _too_many(layer: Layer, index: int) -> Problem:
    what, why = f"the blocks unfold to more than {MOST_LAYERS:,} layers", "Blocks within blocks multiply their repeats."
    fixes = (set_fix("Use it once", repeat=1), Fix("Remove the layer", (Remove(layer.id),)))
    return _block_problem("BLOCK-SIZE", what, why, "repeat", fixes).located(layer.id, f"$.layers[{index}]")


def _block_problem(code: str, what: str, why: str, field: str | None, fixes: Iterable[Fix | None]) -> Problem:
    # Braces in the user's names must survive the filling in of source names.
    what, why = (text.replace("{", "{{").replace("}", "}}") for text in (what, why))
    return Problem(code, what=what, why=why, field=field, fixes=tuple(fix for fix in fixes if fix is not None))
