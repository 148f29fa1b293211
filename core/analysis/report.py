"""What `check` found: per layer and in total, as frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, field
from functools import cached_property
from typing import Any

from core.analysis.reading.layers import spec_problems
from core.graph.values import Document, Layer, Unreadable
from core.layers import Kind, ReceptiveField, Weight
from core.layers.explanation import Explanation
from core.problems import Problem
from core.shapes import VALUE_BYTES, Shape, count


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """What follows from a layer's settings and the shapes of its inputs alone; shared by all identical layers.

    `None` is unknown.
    """

    shape: Shape | None
    weights: Mapping[str, Weight] | None
    parameters: int | None
    macs: int | None
    problems: tuple[Problem, ...] = ()


NOTHING_KNOWN = Facts(None, None, None, None)


@dataclass(frozen=True, slots=True)
class Flow:
    """What a layer passes on to those that it feeds.

    Attributes
    ----------
    receptive_field : ReceptiveField or None
        None for the whole input, where the shape is unknown, and beyond numbers that can be reckoned with.
    reached : bool
        Whether an Input leads here.
    """

    shape: Shape | None
    receptive_field: ReceptiveField | None
    reached: bool


@dataclass(frozen=True, eq=False)
class LayerReport:
    """What is known about one layer; stays the same object until something that it follows from changes.

    Attributes
    ----------
    layer : Layer
        With the id it has in the flattened graph: `stage1/2/conv1` inside a block.
    inputs : tuple of Flow or None
        What its sources pass on; None where a source is missing or part of a cycle.
    """

    layer: Layer
    inputs: tuple[Flow | None, ...]
    facts: Facts
    flow: Flow

    @property
    def faulty(self) -> bool:
        """Whether anything is wrong with the layer itself."""
        layer = self.layer
        return bool(layer.extra or layer.unread or isinstance(layer.spec, Unreadable) or self.facts.problems)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with it, located: with the layer's name; the paths begin at the layer's place in the file."""
        found = [problem.located(self.id, "", self.layer.inputs) for problem in self.facts.problems]
        return (*spec_problems(self.layer), *found)

    @property
    def id(self) -> str:
        """The layer's id in the flattened graph."""
        return self.layer.id

    @property
    def shape(self) -> Shape | None:
        """The shape of its output, without the batch."""
        return self.flow.shape

    @property
    def receptive_field(self) -> ReceptiveField | None:
        """What one output value sees; None for the whole input, and where the shape is unknown."""
        return self.flow.receptive_field

    @property
    def parameters(self) -> int | None:
        """How many parameters it learns."""
        return self.facts.parameters

    @property
    def macs(self) -> int | None:
        """Multiply–accumulates of one forward pass of one sample."""
        return self.facts.macs

    @property
    def activation_values(self) -> int | None:
        """How many values its output has, for one sample."""
        return None if self.shape is None else count(self.shape)

    @property
    def activation_bytes(self) -> int | None:
        """The memory of its output, for one sample."""
        return None if self.shape is None else count(self.shape) * VALUE_BYTES

    @property
    def input_shapes(self) -> tuple[Shape, ...]:
        """The shapes of its inputs; meaningful where `shape` is known."""
        return tuple(flow.shape for flow in self.inputs if flow is not None and flow.shape is not None)

    @property
    def explanation(self) -> tuple[str, ...]:
        """The formulas of shape and parameters with the numbers in them; empty where the shape is unknown."""
        if self.shape is None or not isinstance(self.layer.spec, Kind):
            return ()
        return tuple(self.layer.spec.explain(self.input_shapes))

    @property
    def explanations(self) -> tuple[Explanation, ...]:
        """All that can be said about it, topic by topic; empty where the shape is unknown."""
        if self.shape is None or not isinstance(self.layer.spec, Kind):
            return ()
        fields = [flow.receptive_field for flow in self.inputs if flow is not None]
        return tuple(self.layer.spec.explain_more(self.input_shapes, fields))


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all layers; None where a part is unknown."""

    layers: int
    parameters: int | None
    trainable_parameters: int | None
    macs: int | None
    activation_values: int | None

    def changed(self, before: Totals, after: Totals) -> Totals:
        """Return the sums when some layers change whose own sums were `before` and are `after`.

        >>> Totals(3, 50, 50, 90, 7).changed(Totals(1, 20, 20, 30, 2), Totals(1, 25, 0, 30, 2))
        Totals(layers=3, parameters=55, trainable_parameters=30, macs=90, activation_values=7)
        """
        rows = (astuple(totals) for totals in (self, before, after))
        return Totals(*(now - old + new for now, old, new in zip(*rows, strict=True)))

    def as_json(self) -> dict[str, Any]:
        """Return the form that `check --json` prints."""
        return {
            "layers": self.layers,
            "parameters": self.parameters,
            "trainable_parameters": self.trainable_parameters,
            "macs": self.macs,
            "activation_values": self.activation_values,
            "activation_bytes": None if self.activation_values is None else self.activation_values * VALUE_BYTES,
            "parameter_bytes": None if self.parameters is None else self.parameters * VALUE_BYTES,
        }


def totals_of(reports: Iterable[LayerReport]) -> Totals:
    """Sum over layers; the values of Inputs do not count as outputs."""
    layers = list(reports)
    parameters = trainable = macs = values = 0
    for report in layers:
        facts = report.facts
        if facts.parameters is None or facts.macs is None or facts.shape is None:
            return Totals(len(layers), None, None, None, None)
        parameters += facts.parameters
        macs += facts.macs
        if report.layer.trainable:
            trainable += facts.parameters
        if report.inputs:
            values += count(facts.shape)
    return Totals(len(layers), parameters, trainable, macs, values)


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What `check` found in a document.

    Attributes
    ----------
    document : Document
    layers : mapping of str to LayerReport
        In topological order, by id in the flattened graph; layers of a cycle come last.
    outputs : tuple of str
        Ids (in the flattened graph) of the network's outputs.
    problems : tuple of Problem
        All of them: first errors, then advice, then notes, each in layer order.
    block_outputs : mapping of str to str
        For each use of a block, the id of the layer in `layers` that is its output.
    trace
        What the next check reuses; meaningless to anything else.
    """

    document: Document
    layers: Mapping[str, LayerReport]
    outputs: tuple[str, ...]
    problems: tuple[Problem, ...]
    totals: Totals
    block_outputs: Mapping[str, str]
    trace: Any = field(repr=False, default=None)

    @property
    def valid(self) -> bool:
        """Whether nothing prevents the network from running."""
        return not any(problem.severity == "error" for problem in self.problems)

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that prevent the network from running."""
        return tuple(problem for problem in self.problems if problem.severity == "error")

    @property
    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every array that the network of a document without errors has, by its name."""
        return {
            f"{id}/{name}": weight.shape
            for id, layer in self.layers.items()
            for name, weight in (layer.facts.weights or {}).items()
        }

    def problems_of(self, layer_id: str) -> tuple[Problem, ...]:
        """Return the problems of a layer of the drawn graph; a block's are those of all its layers."""
        inside = f"{layer_id}/"
        return tuple(
            p for p in self.problems if p.layer is not None and (p.layer == layer_id or p.layer.startswith(inside))
        )

    def of(self, layer_id: str) -> LayerReport | None:
        """Return the report of a layer of the drawn graph; for a block, that of its output."""
        return self.layers.get(self.block_outputs.get(layer_id, layer_id))

    def inside(self, layer_id: str) -> Iterator[LayerReport]:
        """Yield the reports of all layers that a layer of the drawn graph stands for."""
        if layer_id in self.layers:
            yield self.layers[layer_id]
        else:
            inside = f"{layer_id}/"
            yield from (report for id, report in self.layers.items() if id.startswith(inside))
