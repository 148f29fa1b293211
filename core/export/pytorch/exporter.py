"""PyTorch as a format."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from pprint import pformat

from core.export.exporter import Content, Exporter, Subject
from core.export.libraries import library
from core.export.proof.proof import Proof
from core.export.pytorch.code import Code, network_code
from core.export.pytorch.state import placed_lines, state_of
from core.io.weights import weights_bytes


def code_of(subject: Subject) -> Code:
    """Write the file with the network; what it loads has the name that `beside` gives it."""
    weights = "" if subject.weights is None else f"{subject.stem}{_ending()}"
    return network_code(subject.report, subject.program, subject.beside, weights)


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


def _beside(subject: Subject) -> Mapping[str, Content]:
    if subject.weights is None:
        return {}
    state = state_of(code_of(subject).scope, subject.weights, subject.beside)
    if _ending() == ".npz":
        return {".npz": weights_bytes(state)}
    return {".safetensors": library("safetensors.numpy", "safetensors", "safetensors").save(state, {"format": "pt"})}


def _ending() -> str:
    """Return that of the file with the weights: safetensors are what PyTorch's users expect, NumPy's need no extra."""
    return ".npz" if find_spec("safetensors") is None else ".safetensors"


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


PYTORCH = Exporter(
    "pytorch",
    "the network as readable code, with --weights its weights and a script that trains it",
    ".py",
    pytorch_code,
    _beside,
    Proof(("torch",), "torch", _proof_script, prepares=True),
)
