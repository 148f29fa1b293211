"""ONNX models read into documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path

from core.errors import ModelError
from core.importing.finishing import finished
from core.importing.importer import Imported
from core.importing.onnx.curves import Curve
from core.importing.onnx.elementwise import as_signal
from core.importing.onnx.model import Entrance, Model, Node, open_model
from core.importing.onnx.operators import OPERATORS
from core.importing.onnx.order import straight
from core.importing.onnx.reading import ANY_BATCH, Given, Reading, Step
from core.importing.onnx.restored import restored
from core.importing.onnx.signals import Signal, first_dims, is_counting, upright
from core.importing.onnx.spelled_out import with_normalisations
from core.io.failures import shown

_GENERATED = ("main_graph", "main", "graph", "torch-jit-export", "torch_jit", "tf2onnx", "onnx_graph", "")
"""Names that exporters give to any graph."""


def read_onnx(path: Path) -> Imported:
    """Read an ONNX model.

    Raises
    ------
    ModelError
        If it can't be read, or holds what Convograph's kinds can't say exactly; the text names it.
    """
    try:
        import_module("onnx")
    except ImportError as error:
        raise ModelError(
            f"{shown(path)} is an ONNX model; to read it, Convograph needs onnx, which is not installed here. "
            "Install it with: python -m pip install onnx"
        ) from error
    try:
        model = open_model(path)
        return restored(model) or document_of(with_normalisations(model), path.stem)
    except ModelError as error:
        raise ModelError(f"{shown(path)} cannot be imported: {error}") from error


def document_of(
    model: Model, name: str, operators: Mapping[str, Callable[[Step], Given]] = OPERATORS, changes: Iterable[str] = ()
) -> Imported:
    """Make a document of a model whose nodes are ONNX's, or others that the table of operators holds.

    Parameters
    ----------
    name : str
        Of the document, where the model has none.
    changes : iterable of str
        What the report begins with.

    Raises
    ------
    ModelError
        If Convograph's kinds can't say it exactly; the text is a sentence about "it", or about a node.
    """
    reading = Reading(model)
    for change in changes:
        reading.drawing.say(change)
    _enter(reading)
    for node in model.nodes:
        reading.take(node, operators.get(node.op))
    makers = {value: node for node in model.nodes for value in node.outputs}
    outputs = [_ended(reading, end, makers) for end in model.outputs]
    drawing = reading.drawing
    reading.say_shared()
    if any(len(drawing.shape(entrance)) == 3 for entrance in reading.entrances):
        drawing.changes.insert(0, "Channels first → last: in images, kernels and outputs.")
    if model.n_left_out:
        drawing.say(f"{model.n_left_out:,} nodes that lead to no output are left out.")
    own = name if model.name in _GENERATED else shown(model.name)
    return finished(drawing, own, outputs)


def _enter(reading: Reading) -> None:
    """Draw what the graph is given."""
    model = reading.model
    if not model.inputs:
        raise ModelError("nothing goes into its graph.")
    readers: dict[str, list[Node]] = {name: [] for name in model.outputs}
    for node in model.nodes:
        for name in node.inputs:
            readers.setdefault(name, []).append(node)
    batches = set()
    for entrance in model.inputs:
        if entrance.name not in readers:
            reading.drawing.say(f"{shown(entrance.name)} is read by nothing, and left out.")
            continue
        batch, dims = _sides(entrance)
        batches.add(batch)
        last = len(dims) == 3 and _is_turned_first(readers[entrance.name])
        shape = dims if last or len(dims) == 1 else (*dims[1:], dims[0])
        id = reading.drawing.draw("Input", (), wish=entrance.name, called=shown(entrance.name), config={"shape": shape})
        reading.entrances.append(id)
        signal = Signal(id, shape, first_dims(shape))
        reading.give(entrance.name, signal.moved(signal.places.transpose(1, 2, 0)) if last else signal)
    fixed = batches - {None}
    if len(fixed) > 1 or (fixed and None in batches):
        raise ModelError("its inputs are for batches of different sizes.")
    reading.batch = fixed.pop() or ANY_BATCH if fixed else ANY_BATCH


def _sides(entrance: Entrance) -> tuple[int | None, tuple[int, ...]]:
    """Return the batch and the other dimensions of an input."""
    called, dims = shown(entrance.name), entrance.dims
    if len(dims) not in (2, 4):
        raise ModelError(
            f"its input {called} has {len(dims)} dimensions; Convograph's are images, N×C×H×W, or features, N×C."
        )
    batch, *sides = dims
    known = tuple(side for side in sides if side is not None and side > 0)
    if len(known) < len(sides):
        raise ModelError(
            f"its input {called} leaves a side open; Convograph computes with known sizes. Export it with a fixed "
            "height, width and number of channels."
        )
    return batch, known


def _is_turned_first(readers: Sequence[Node]) -> bool:
    """Say whether all that reads an input turns its last axis, the channels, to the front."""
    return bool(readers) and all(
        node.op == "Transpose" and list(node.attributes.get("perm", ())) == [0, 3, 1, 2] for node in readers
    )


def _ended(reading: Reading, name: str, makers: Mapping[str, Node]) -> str:
    """Draw an output and return its layer."""
    value = reading.values.get(name)
    if not isinstance(value, Signal | Curve):
        raise ModelError(f"its output {shown(name)} does not depend on its inputs.")
    signal = as_signal(reading, value)
    found, _ = upright(signal)
    if len(signal.dims) > 1 and len(signal.shape) == 1 and is_counting(signal.places):
        dims = "×".join(map(str, signal.dims))
        reading.drawing.say(f"{signal.layer}: the output {shown(name)}, {dims} there, is a row of features here.")
        return signal.layer
    if found.order is None:
        return found.layer
    return straight(Step(reading, makers[name], ()), signal).layer
