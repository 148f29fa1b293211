"""The layers of a document scope by scope: what the network itself says, and what each copy of a block says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.analysis.report import Report
from core.engine.kernels.loss import scores_of
from core.engine.program import Node, Program
from core.export.pytorch.kinds import spelled
from core.export.pytorch.names import Names
from core.export.pytorch.spelling import Spelling
from core.graph.values import Block, BlockUse, Layer
from core.graph.wiring import owner, topological_order


@dataclass(frozen=True, slots=True)
class Line:
    """What a scope says of one of its layers.

    Attributes
    ----------
    id : str
        The layer's in its scope.
    name : str
        What its module is called, and its first value.
    inputs, outputs : tuple of str
        The names of the values that it takes and gives.
    node : Node or None
    said : Spelling or None
        Both None for a use of a block.
    copies : tuple of Scope
        What the copies of a block say.
    """

    id: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    node: Node | None = None
    said: Spelling | None = None
    copies: tuple[Scope, ...] = ()


@dataclass(frozen=True, slots=True)
class Scope:
    """The network, or one copy of a block.

    Attributes
    ----------
    block : str
        "" for the network itself.
    entering : tuple of str
        What it takes, as the document calls it: Inputs, or the inputs of a block.
    inputs, outputs : tuple of str
        The names of the values that it takes and gives.
    """

    block: str
    entering: tuple[str, ...]
    inputs: tuple[str, ...]
    lines: tuple[Line, ...]
    outputs: tuple[str, ...]


def network_scope(report: Report, program: Program) -> Scope:
    """Draw the network with its blocks as scopes of their own.

    All blocks are unfolded where samples enter or leave within one, or the loss looks under a layer in one.

    Raises
    ------
    ExportError
        If PyTorch can't say a layer.
    """
    graph = report.document.graph
    ids = {layer.id for layer in graph.layers}
    inputs = [program.nodes[index].id for index in program.read_inputs]
    drawn_of = {flat: drawn for drawn, flat in reversed([*report.block_outputs.items()])}
    outputs = [drawn_of.get(output, output) for output in report.outputs]
    drawing = _Drawing(program, graph.blocks)
    drawn = [*inputs, *(owner(output, ids) for output in outputs)]
    if len(outputs) == 1 and scores_of(program) != program.outputs[0]:
        drawn += report.outputs
    if ids.issuperset(drawn):
        return drawing.scope("", graph.layers, "", inputs, outputs)
    flat = [layer.layer for layer in report.layers.values()]
    return drawing.scope("", flat, "", inputs, report.outputs)


class _Drawing:
    def __init__(self, program: Program, blocks: Mapping[str, Block]) -> None:
        self.program, self.blocks = program, blocks
        self.needed: set[str] = set()
        """Needed layers and, with a stroke behind them, the uses of blocks that these are in."""
        for index in program.ancestors(program.outputs):
            parts = program.nodes[index].id.split("/")
            self.needed.add(program.nodes[index].id)
            self.needed.update("/".join(parts[:n]) + "/" for n in range(1, len(parts)))

    def scope(
        self, block: str, layers: Sequence[Layer], prefix: str, entering: Sequence[str], leaving: Sequence[str]
    ) -> Scope:
        """Draw a scope.

        Parameters
        ----------
        prefix : str
            What the ids of its layers begin with in the flattened graph.
        entering, leaving : sequence of str
            The references by which values enter and leave.
        """
        names = Names()
        by_id = {layer.id: layer for layer in layers}
        values = {reference: names.of(reference) for reference in entering}
        inputs = tuple(values.values())
        lines = []
        order, _ = topological_order({id: [owner(each, by_id) for each in layer.inputs] for id, layer in by_id.items()})
        for id in order:
            spec, name = by_id[id].spec, ""
            if id in values or not ({prefix + id, f"{prefix}{id}/"} & self.needed or id in leaving):
                continue
            sources, name = tuple(values[source] for source in by_id[id].inputs), names.of(id)
            values[id] = name
            if not isinstance(spec, BlockUse):
                node = self.program.by_id[prefix + id]
                lines.append(Line(id, name, sources, (name,), node, spelled(node)))
                continue
            used = self.blocks[spec.block]
            copies = tuple(
                self.scope(spec.block, used.layers, f"{prefix}{id}/{copy}/", used.inputs, used.outputs)
                for copy in range(1, spec.repeat + 1)
            )
            given = (name, *(names.of(f"{id}_{output}") for output in used.outputs[1:]))
            values |= {f"{id}/{output}": value for output, value in zip(used.outputs, given, strict=True)}
            lines.append(Line(id, name, sources, given, copies=copies))
        return Scope(block, tuple(entering), inputs, tuple(lines), tuple(values[reference] for reference in leaving))
