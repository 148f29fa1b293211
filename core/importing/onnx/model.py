"""A model as it is read: its nodes in order, its arrays, and what goes in and comes out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.errors import ModelError
from core.export.onnx.model import PRODUCER
from core.graph.wiring import topological_order
from core.importing.onnx.fields import require_bounded
from core.importing.onnx.tensors import Constants, text_of
from core.io.failures import reason, shown
from core.io.regular_files import open_file
from core.limits import MOST_IMPORTED
from core.text import bytes_text, counted, excerpt, listing

if TYPE_CHECKING:
    from onnx import ModelProto, NodeProto, ValueInfoProto

OLDEST, NEWEST = 7, 25
"""The operator sets that are read. Since 23 they changed the types that operators take, not what they compute."""
LARGEST_MODEL: Final = (1 << 31) - 1
"""Bytes: no protobuf may be larger."""
_DOMAINS: Final = ("", "ai.onnx")


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A node of the graph.

    Attributes
    ----------
    name : str
        "" where it has none.
    inputs, outputs : tuple of str
        Names of values; "" for one that is left out.
    attributes : mapping
        By name: numbers, texts, lists of them, or tensors.
    proto : NodeProto, optional
        The node as the file has it; None where the file is no ONNX.
    said : str
        What messages call it, where that is something else than operator and name.
    """

    name: str
    op: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    proto: NodeProto | None = None
    said: str = ""

    @property
    def called(self) -> str:
        """What messages call it."""
        return self.said or f"{self.op} {shown(self.name or self.outputs[0])}"


@dataclass(frozen=True, slots=True, eq=False)
class Entrance:
    """A value that the graph is given: its dimensions, with None for one that is left open."""

    name: str
    dims: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What a file holds.

    Attributes
    ----------
    nodes : tuple of Node
        Those that lead to an output, each after all that it reads.
    n_left_out : int
        Nodes that lead nowhere.
    constants : mapping of str to array
    notes : mapping of str to str
        What else is said of it.
    is_ours : bool
        Whether Convograph wrote it.
    """

    name: str
    opset: int
    nodes: tuple[Node, ...]
    n_left_out: int
    constants: Mapping[str, Any]
    inputs: tuple[Entrance, ...]
    outputs: tuple[str, ...]
    folder: Path
    notes: Mapping[str, str]
    is_ours: bool


def open_model(path: Path) -> Model:
    """Read a file.

    Raises
    ------
    ModelError
        If it cannot be read, is damaged, or holds no plain graph; the text is a sentence about "it".
    """
    proto = _unpacked(_bytes(path))
    opset = _opset(proto)
    proto = _without_functions(proto)
    graph = proto.graph
    if not graph.output:
        raise ModelError("it has no graph with an output. Fetch or export it once more.")
    if len(graph.node) > MOST_IMPORTED:
        raise ModelError(f"it has {counted(len(graph.node), 'node')}; Convograph reads up to {MOST_IMPORTED:,}.")
    if graph.sparse_initializer:
        raise ModelError("it has sparse weights, for which Convograph has no kind. Save them dense.")
    tensors = {text_of(tensor.name): tensor for tensor in graph.initializer}
    inputs = tuple(_entrance(value) for value in graph.input if text_of(value.name) not in tensors)
    outputs = tuple(dict.fromkeys(text_of(value.name) for value in graph.output))
    nodes = [_node(node, opset) for node in graph.node]
    ordered = _ordered(nodes, {*tensors, *(entrance.name for entrance in inputs)}, outputs)
    return Model(
        text_of(graph.name),
        opset,
        ordered,
        len(nodes) - len(ordered),
        Constants(tensors, path.parent),
        inputs,
        outputs,
        path.parent,
        {text_of(note.key): text_of(note.value) for note in proto.metadata_props},
        proto.producer_name == PRODUCER,
    )


def _bytes(path: Path) -> bytes:
    try:
        with open_file(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > LARGEST_MODEL:
                raise ModelError(
                    f"it has {bytes_text(size)}, more than the {bytes_text(LARGEST_MODEL)} that the format allows."
                )
            return file.read()
    except OSError as error:
        raise ModelError(f"it cannot be opened: {reason(error)}.") from error


def _unpacked(data: bytes) -> ModelProto:
    from google.protobuf.message import DecodeError
    from onnx import ModelProto

    require_bounded(data)
    try:
        return ModelProto.FromString(data)
    except DecodeError as error:
        raise ModelError("it is cut short or damaged. Fetch or export it once more.") from error


def _opset(proto: ModelProto) -> int:
    versions = [opset.version for opset in proto.opset_import if opset.domain in _DOMAINS]
    if not versions:
        raise ModelError("it does not say which set of operators it uses. Export it once more.")
    if not OLDEST <= versions[0] <= NEWEST:
        raise ModelError(
            f"it uses ONNX's operator set {versions[0]}; Convograph knows {OLDEST} to {NEWEST}. Convert it: "
            f"onnx.version_converter.convert_version(model, {min(max(versions[0], 17), 21)})."
        )
    return int(versions[0])


def _without_functions(proto: ModelProto) -> ModelProto:
    """Put the nodes of functions in the place of their calls, unless that would make too many."""
    if not proto.functions:
        return proto
    from onnx.inliner import inline_local_functions

    own = {(function.domain, function.name): function.node for function in proto.functions}
    sizes: dict[tuple[str, str], int] = {}

    def size(key: tuple[str, str], above: tuple[tuple[str, str], ...]) -> int:
        if key in above or len(above) > 50:
            raise ModelError(f"its function {shown(key[1])} calls itself.")
        if key not in sizes:
            sizes[key] = _total(own[key], (*above, key))
        return sizes[key]

    def _total(nodes: Iterable[NodeProto], above: tuple[tuple[str, str], ...]) -> int:
        keys = ((node.domain, node.op_type) for node in nodes)
        return sum(size(key, above) if key in own else 1 for key in keys)

    n_nodes = _total(proto.graph.node, ())
    if n_nodes > MOST_IMPORTED:
        raise ModelError(f"its functions stand for {n_nodes:,} nodes; Convograph reads up to {MOST_IMPORTED:,}.")
    try:
        return inline_local_functions(proto)
    except (RuntimeError, ValueError) as error:
        raise ModelError("its functions are damaged. Export it once more.") from error


def _entrance(value: ValueInfoProto) -> Entrance:
    dims = value.type.tensor_type.shape.dim if value.type.tensor_type.HasField("shape") else ()
    return Entrance(text_of(value.name), tuple(dim.dim_value if dim.HasField("dim_value") else None for dim in dims))


def _node(node: NodeProto, opset: int) -> Node:
    from onnx import AttributeProto, helper

    op, domain = text_of(node.op_type), text_of(node.domain)
    named = op if domain in _DOMAINS else f"{domain}.{op}"
    inputs, outputs = (tuple(map(text_of, names)) for names in (node.input, node.output))
    made = Node(text_of(node.name), named, inputs, outputs, {}, node)
    attributes = {}
    for attribute in node.attribute:
        if attribute.type in (AttributeProto.GRAPH, AttributeProto.GRAPHS):
            raise ModelError(f"{made.called} decides or repeats at run time; a drawing of layers has no such thing.")
        try:
            value = helper.get_attribute_value(attribute)
        except ValueError as error:
            raise ModelError(f"{made.called} has a setting {excerpt(attribute.name)} that cannot be read.") from error
        attributes[text_of(attribute.name)] = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    _require_sound(made, opset)
    return replace(made, attributes=attributes)


def _require_sound(node: Node, opset: int) -> None:
    """Raise where a node has other settings than its operator, or of another type."""
    from onnx import checker, defs

    try:
        deprecated = defs.get_schema(node.op, opset).deprecated
    except defs.SchemaError:
        return  # it is no operator of ONNX, and refused by its name
    if deprecated:  # the checker refuses what exporters still write, and runtimes run
        return
    context = checker.C.CheckerContext()
    context.ir_version, context.opset_imports = 8, {"": opset}
    try:
        checker.check_node(node.proto, context)
    except (checker.ValidationError, UnicodeDecodeError) as error:
        raise ModelError(f"{node.called} has not the inputs and settings that {node.op} has in ONNX.") from error


def _ordered(nodes: list[Node], given: set[str], outputs: tuple[str, ...]) -> tuple[Node, ...]:
    """Return the nodes that lead to an output, each after those that it reads."""
    made = set(given)
    for number, node in enumerate(nodes):
        if not any(node.outputs):
            raise ModelError(f"its node {shown(node.name) or number + 1} ({node.op}) gives nothing.")
        for value in filter(None, node.outputs):
            if value in made:
                raise ModelError(f"its value {shown(value)} is made twice, so what reads it is not clear.")
            made.add(value)
    needed = needed_nodes(nodes, outputs)
    missing = {value: "the graph" for value in outputs if value not in made}
    for node in needed:
        missing.update((value, node.called) for value in node.inputs if value and value not in made)
    if missing:
        value, reader = next(iter(missing.items()))
        more = f" ({len(missing) - 1:,} more values are missing)" if len(missing) > 1 else ""
        raise ModelError(
            f"{reader} needs {shown(value)}, which nothing in the file gives{more}. Export the model with its weights."
        )
    return needed


def needed_nodes(nodes: Sequence[Node], outputs: tuple[str, ...]) -> tuple[Node, ...]:
    """Return the nodes that lead to some values, each after those that it reads.

    Raises
    ------
    ModelError
        If data goes in a circle.
    """
    maker = {value: number for number, node in enumerate(nodes) for value in node.outputs if value}
    needed: set[int] = set()
    frontier = [maker[value] for value in outputs if value in maker]
    while frontier:
        number = frontier.pop()
        if number not in needed:
            needed.add(number)
            frontier.extend(maker[value] for value in nodes[number].inputs if value in maker)
    ids = {str(number): nodes[number] for number in sorted(needed)}
    sources = {id: [str(maker[value]) for value in node.inputs if value in maker] for id, node in ids.items()}
    order, rest = topological_order(sources)
    if rest:
        raise ModelError(f"data goes in a circle through {listing(ids[id].called for id in rest)}.")
    return tuple(ids[id] for id in order)
