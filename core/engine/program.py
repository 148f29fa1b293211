"""What a document computes, in order: the part of a compiled network that depends on no batch size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from core.analysis.check import check
from core.analysis.report import Report
from core.errors import NetworkError
from core.graph.values import Document
from core.layers import Kind, Weight
from core.learning.initializers import Initializer
from core.learning.losses import CrossEntropy, Loss
from core.shapes import Shape
from core.text import counted


@dataclass(frozen=True, slots=True)
class Node:
    """A layer of the flattened graph.

    Attributes
    ----------
    index : int
        Its place in the order of computing.
    sources : tuple of int
        The indices of its sources, one for each port.
    inputs : tuple of shape
        The shapes of the sources' outputs, without the batch.
    initializer : Initializer or None
        How its kernel is drawn, where not as the training settings say.
    """

    index: int
    id: str
    kind: Kind
    sources: tuple[int, ...]
    inputs: tuple[Shape, ...]
    shape: Shape
    weights: Mapping[str, Weight]
    trainable: bool
    initializer: Initializer | None = None

    @property
    def learns(self) -> bool:
        """Whether training changes any of its weights."""
        return self.trainable and any(weight.role == "parameter" for weight in self.weights.values())


@dataclass(frozen=True)
class Program:
    """The layers of a network in the order of computing.

    Attributes
    ----------
    inputs, outputs : tuple of int
        Indices of the nodes where samples enter and results leave.
    loss : Loss
        What training makes small.
    """

    nodes: tuple[Node, ...]
    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    loss: Loss = CrossEntropy()

    @cached_property
    def by_id(self) -> Mapping[str, Node]:
        """The nodes by the ids of their layers."""
        return {node.id: node for node in self.nodes}

    @cached_property
    def read_inputs(self) -> tuple[int, ...]:
        """The inputs that an output depends on: a network can be computed without the others."""
        needed = self.ancestors(self.outputs)
        return tuple(index for index in self.inputs if index in needed)

    def ancestors(self, targets: Iterable[int]) -> frozenset[int]:
        """Return the indices of all nodes that are needed to compute some, with these themselves."""
        needed = set(targets)
        for node in reversed(self.nodes):
            if node.index in needed:
                needed.update(node.sources)
        return frozenset(needed)


def compile_program(document: Document, report: Report | None = None) -> Program:
    """Put the layers of a document in the order of computing.

    Parameters
    ----------
    document : Document
    report : Report, optional
        What `check` says about it, where that is known already; a report of any other document does not count.

    Raises
    ------
    NetworkError
        If the document has errors; the text is that of the first, and how many more there are.
    """
    if report is None or report.document is not document:
        report = check(document)
    _refuse_errors(report)
    nodes: list[Node] = []
    index: dict[str, int] = {}
    for layer in report.layers.values():
        shape, weights = layer.shape, layer.facts.weights
        if shape is None or weights is None or not isinstance(layer.layer.spec, Kind):
            continue  # not an error: nothing of the network hangs on it
        index[layer.id] = len(nodes)
        nodes.append(
            Node(
                index=len(nodes),
                id=layer.id,
                kind=layer.layer.spec,
                sources=tuple(index[source] for source in layer.layer.inputs),
                inputs=layer.input_shapes,
                shape=shape,
                weights=weights,
                trainable=layer.layer.trainable,
                initializer=layer.layer.initializer,
            )
        )
    program = Program(
        tuple(nodes),
        inputs=tuple(node.index for node in nodes if not node.sources),
        outputs=tuple(index[id] for id in report.outputs),
        loss=document.training.settings.loss,
    )
    if not program.inputs or not program.outputs:
        raise NetworkError(
            "The network has no layer between an input and an output. Draw an Input and a layer after it."
        )
    return program


def _refuse_errors(report: Report) -> None:
    if report.errors:
        first, *rest = report.errors
        more = f" There {'is' if len(rest) == 1 else 'are'} {counted(len(rest), 'more error')}." if rest else ""
        raise NetworkError(" ".join(part for part in (first.what, first.why) if part) + more)
