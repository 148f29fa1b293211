"""ONNX as a format."""

from __future__ import annotations

from pprint import pformat

from core.export.exporter import Exporter, Subject
from core.export.libraries import library
from core.export.onnx.model import onnx_model
from core.export.proof.proof import Proof


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
    model = onnx_model(subject.report.document, subject.program, subject.arrays, subject.beside)
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
    given = {{id: samples[id] for id in {inputs}}}
    given = {{id: x.transpose(0, 3, 1, 2) if x.ndim == 4 else x for id, x in given.items()}}
    found = dict(zip(outputs + seen, session.run(outputs + seen, given)))
    found.update(given)
    return {{id: x.transpose(0, 2, 3, 1) if x.ndim == 4 else x for id, x in found.items()}}
"""


def _proof_script(subject: Subject) -> str:
    program = subject.program
    needed = program.ancestors(program.outputs)
    inputs = [program.nodes[index].id for index in program.read_inputs]
    layers = [node.id for node in program.nodes if node.index in needed]
    return _PROOF.format(name=subject.name, layers=pformat(layers, width=100, compact=True), inputs=inputs)


ONNX = Exporter(
    "onnx",
    "the network with its weights, for ONNX Runtime and whatever else reads ONNX",
    ".onnx",
    onnx_file,
    proof=Proof(("onnxruntime", "onnx"), "onnxruntime onnx", _proof_script),
)
