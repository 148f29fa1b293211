"""ONNX as a format."""

from __future__ import annotations

from collections.abc import Sequence
from pprint import pformat

from core.export.changes import channels_first, flattened, turned_axes
from core.export.exporter import Exporter, Subject
from core.export.libraries import library
from core.export.onnx.drawing import BASE, IR_VERSIONS
from core.export.onnx.model import drawn, onnx_model
from core.export.option import Option
from core.export.proof.proof import Proof

TYPE = Option("type", "the type of all numbers, inputs and outputs included", ("float32", "float16"))
OPSET = Option(
    "opset",
    "the operator set, where no layer needs a later one",
    ("lowest", *(str(opset) for opset in IR_VERSIONS if opset > BASE)),
)


def onnx_file(subject: Subject) -> bytes:
    """Write the network with its weights.

    Raises
    ------
    ExportError
        If ONNX can't say a layer, or the library is not installed.
    NetworkError
        If the document has errors.
    """
    library("onnx", "ONNX", "onnx")
    model = onnx_model(
        subject.report.document,
        subject.program,
        subject.arrays,
        subject.beside,
        opset=BASE if OPSET.of(subject) == OPSET.default else int(OPSET.of(subject)),
        dtype=TYPE.of(subject),
    )
    content: bytes = model.SerializeToString(deterministic=True)
    return content


_PROOF = """\
import onnx
import onnxruntime

LIBRARY = f"onnxruntime {{onnxruntime.__version__}}"


def compute(samples):
    model = onnx.load(HERE / {name!r})
    outputs = [value.name for value in model.graph.output]
    wanted = list(dict.fromkeys({layers}))
    seen = [id for id in wanted if id not in outputs and id not in {inputs}]
    model.graph.output.extend(onnx.helper.make_empty_tensor_value_info(id) for id in seen)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    given = {{id: samples[id].astype({type!r}) for id in {inputs}}}
    given = {{id: x.transpose(0, 3, 1, 2) if x.ndim == 4 else x for id, x in given.items()}}
    found = dict(zip(outputs + seen, session.run(outputs + seen, given)))
    found = {{id: x.transpose(0, 2, 3, 1) if x.ndim == 4 else x for id, x in found.items()}}
    return found | {{id: samples[id] for id in {inputs}}}
"""


def _proof_script(subject: Subject) -> str:
    program = subject.program
    needed = program.ancestors(program.outputs)
    inputs = [program.nodes[index].id for index in program.read_inputs]
    layers = [node.id for node in program.nodes if node.index in needed]
    wanted = pformat(layers, width=100, compact=True)
    return _PROOF.format(type=TYPE.of(subject), name=subject.name, layers=wanted, inputs=inputs)


def _changes(subject: Subject) -> Sequence[str]:
    library("onnx", "ONNX", "onnx")
    places = [place for place, _ in drawn(subject.program).drawing.places.values()]
    turned = [(place.weight, place.axes) for place in places if list(place.axes) != sorted(place.axes)]
    return [*channels_first(subject), *turned_axes(turned), *flattened(subject, "a Transpose")]


ONNX = Exporter(
    "onnx",
    "ONNX",
    "network",
    "the network with its weights, for ONNX Runtime and whatever else reads ONNX",
    ".onnx",
    onnx_file,
    proof=Proof(("onnxruntime", "onnx"), "onnxruntime onnx", _proof_script),
    options=(TYPE, OPSET),
    changes=_changes,
)
