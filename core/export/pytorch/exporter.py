"""PyTorch as a format."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from importlib.util import find_spec
from pprint import pformat

import numpy as np

from core.export.changes import channels_first, flattened, turned_axes
from core.export.exporter import Exporter, Later, Subject
from core.export.libraries import library
from core.export.option import YES_NO, Option
from core.export.proof.proof import Proof
from core.export.pytorch.code import Code, network_code
from core.export.pytorch.state import placed_lines, state_of
from core.export.pytorch.training_script import can_be_trained, training_script
from core.io.prepared import Beside
from core.io.weights import Array, weights_bytes
from core.preprocessing.step import Fitted

_FORMS = ("safetensors", "npz") if find_spec("safetensors") else ("npz", "safetensors")
FORM = Option("weights", "how the weights are written; npz needs no library but NumPy", _FORMS, needs_weights=True)
TRAINING = Option("training", "a script that trains it as the document says", YES_NO)
SHAPES = Option("shapes", "the shape of every value as a comment", YES_NO)


def code_of(subject: Subject) -> Code:
    """Write the file with the network; what it loads has the name that `beside` gives it."""
    beside = Beside(_steps(subject), subject.beside.classes)
    return network_code(
        subject.report, subject.program, beside, _weights_name(subject), with_shapes=SHAPES.is_on(subject)
    )


def pytorch_code(subject: Subject) -> str:
    """Write the network as a class of PyTorch's.

    Raises
    ------
    ExportError
        If PyTorch can't say a layer; the text names it.
    NetworkError
        If the document has errors.
    """
    return code_of(subject).text


def _steps(subject: Subject) -> tuple[Fitted, ...]:
    """Return the preprocessing; without weights nothing is known of its arrays but their shapes."""
    program, document = subject.program, subject.report.document
    if subject.weights is not None or len(program.read_inputs) != 1:
        return subject.beside.steps
    shape = program.nodes[program.read_inputs[0]].shape
    steps = document.training.settings.preprocessing
    return tuple(
        Fitted(step, shape, {name: np.zeros(size, np.float32) for name, size in step.array_shapes(shape).items()})
        for step in steps
    )


def _beside(subject: Subject) -> Mapping[str, Later]:
    files: dict[str, Later] = {}
    if subject.weights is not None:
        files[_ending(subject)] = partial(_weights_file, subject, subject.weights)
    if TRAINING.is_on(subject) and can_be_trained(subject.program, subject.report.document.training):
        files["_train.py"] = partial(_training_file, subject)
    return files


def _training_file(subject: Subject) -> str:
    name, weights = subject.name, _weights_name(subject)
    return training_script(subject.report.document, subject.program, _steps(subject), code_of(subject), name, weights)


def _weights_file(subject: Subject, weights: Mapping[str, Array]) -> bytes:
    state = state_of(code_of(subject).scope, weights, subject.beside)
    if FORM.of(subject) == "npz":
        return weights_bytes(state)
    content: bytes = library("safetensors.numpy", "safetensors", "safetensors").save(dict(state), {"format": "pt"})
    return content


def _weights_name(subject: Subject) -> str:
    return "" if subject.weights is None else f"{subject.stem}{_ending(subject)}"


def _ending(subject: Subject) -> str:
    """Return how the name of the file with the weights ends: not as the names of our own do, which hold others."""
    return f"_weights.{FORM.of(subject)}"


_PROOF = """\
import importlib.machinery
import importlib.util

import torch

LIBRARY = f"torch {{torch.__version__}}"
# Of each layer: the path of the module whose forward computes it, and what its value is called there.
PLACES = {places}


def exported():
    loader = importlib.machinery.SourceFileLoader("exported", str(HERE / {name!r}))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("exported", loader))
    loader.exec_module(module)
    return module


def compute(samples):
    model = exported().load()
    paths = {{id(module): path for path, module in model.named_modules()}}
    codes = {{type(module).forward.__code__ for module in model.modules()}}
    found = {{}}

    def look(frame, event, _):
        if event == "return" and frame.f_code in codes:
            found[paths.get(id(frame.f_locals.get("self")))] = dict(frame.f_locals)

    inputs = [torch.from_numpy(samples[id]) for id in {inputs}]
    if len(inputs) == 1:
        inputs = [model.prepare(inputs[0])]
    else:
        inputs = [x.permute(0, 3, 1, 2) if x.ndim == 4 else x for x in inputs]
    sys.setprofile(look)
    with torch.inference_mode():
        model(*inputs)
    sys.setprofile(None)
    values = {{id: found[path][name] for id, (path, name) in PLACES.items()}}
    return {{id: (x.permute(0, 2, 3, 1) if x.ndim == 4 else x).numpy() for id, x in values.items()}}
"""


def _proof_script(subject: Subject) -> str:
    scope, program = code_of(subject).scope, subject.program
    inputs = [program.nodes[index].id for index in program.read_inputs]
    places = {id: ("", name) for id, name in zip(inputs, scope.inputs, strict=True)}
    for path, line in placed_lines(scope):
        if line.node is not None:
            module, _, name = path.rpartition(".")
            places[line.node.id] = module, name
    return _PROOF.format(places=pformat(places, width=100, sort_dicts=False), name=subject.name, inputs=inputs)


def _changes(subject: Subject) -> Iterator[str]:
    scope = code_of(subject).scope
    yield from channels_first(subject)
    spoken = [(line.node, line.said) for _, line in placed_lines(scope) if line.node and line.said]
    yield from turned_axes((f"{node.id}/kernel", said.axes) for node, said in spoken if said.axes)
    yield from flattened(subject, "a permute")
    if any("moving_mean" in said.arrays for _, said in spoken):
        yield "BatchNorm's momentum is the share of the old value here, of the new one there: 0.9 here is 0.1 there."


PYTORCH = Exporter(
    "pytorch",
    "PyTorch",
    "network",
    "the network as readable code, its weights, and a script that trains it",
    ".py",
    pytorch_code,
    _beside,
    Proof(("torch",), "torch", _proof_script, prepares=True),
    (FORM, TRAINING, SHAPES),
    _changes,
    code_of,
)
