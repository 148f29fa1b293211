"""How far each export of each shipped network is from Convograph, as a table in Markdown.

`python -m tests.benchmarks.proofs [NETWORK…]`, where PyTorch, Keras with JAX, ONNX and ONNX Runtime are installed.
docs/proofs.md holds its last run.
"""

import importlib.machinery
import importlib.util
import os
import sys
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("KERAS_BACKEND", "jax")

import numpy as np

from core.analysis.check import check
from core.engine.network import Network
from core.errors import ConvographError
from core.export.exporter import Subject
from core.export.exporters import EXPORTERS
from core.export.onnx.model import onnx_model
from core.export.proof.proving import prove, telling
from core.export.proof.samples import drawn_samples
from core.export.pytorch.exporter import code_of
from core.export.pytorch.state import state_names, state_of
from core.graph.edits import set_config
from core.io.templates import load_template, template_names
from tests.interop.keras_in_double import largest_difference

NONE = "–"
MOST_TRAINED = 5_000_000
"""Parameters; larger networks are compared in inference alone."""
STOCHASTIC = {"Dropout", "SpatialDropout"}
HEAD = (
    *("network", "PyTorch float32", "PyTorch float64", "PyTorch training, float64"),
    *("Keras float32", "Keras float64", "ONNX float32", "ONNX float64"),
)


def difference(ours, theirs):
    """Return the largest difference, relative to our largest value where that is above 1."""
    return float(np.abs(np.asarray(theirs) - ours).max(initial=0) / max(1.0, np.abs(ours).max(initial=0)))


def channels_last(array):
    return array.transpose(0, 2, 3, 1) if array.ndim == 4 else array


def channels_first(array):
    return np.ascontiguousarray(array.transpose(0, 3, 1, 2) if array.ndim == 4 else array)


def loaded(path):
    loader = importlib.machinery.SourceFileLoader(path.stem, str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(path.stem, loader))
    loader.exec_module(module)
    return module


def single(format, subject):
    """Run the proof that every export can be asked for; a failure is written in bold."""
    name = f"net{EXPORTERS[format].ending}"
    outcome, _ = prove(EXPORTERS[format], Subject(subject.report, subject.weights, name=name))
    text = NONE if outcome.largest_difference is None else f"{outcome.largest_difference:.1e}"
    return text if outcome.passed else f"**{text}, from {outcome.first_beyond} on**"


def in_pytorch(subject, training):
    """Compare outputs in float64; in training also all gradients and moving statistics."""
    import torch

    network = Network(subject.report.document, "float64", report=subject.report)
    network.weights.update(subject.weights)
    code = code_of(Subject(subject.report, subject.weights))
    with TemporaryDirectory() as folder:
        path = Path(folder, "net.py")
        path.write_text(code.text, encoding="utf-8")
        model = getattr(loaded(path), code.name)().double()
    state = state_of(code.scope, network.weights, subject.beside)
    model.load_state_dict({name: torch.from_numpy(array) for name, array in state.items()})
    model.train(training)
    xs = {id: x.astype("float64") for id, x in drawn_samples(network.program).items()}
    inputs = [network.program.nodes[index].id for index in network.program.read_inputs]
    with torch.set_grad_enabled(training):
        theirs = model(*(torch.from_numpy(channels_first(xs[id])) for id in inputs))
    theirs = theirs if isinstance(theirs, tuple) else (theirs,)
    found = network.forward(xs, training)
    ours = found if isinstance(found, dict) else {network.output_ids[0]: found}
    differences = [difference(y, channels_last(z.detach().numpy())) for y, z in zip(ours.values(), theirs, strict=True)]
    if training:
        rng = np.random.default_rng(0)
        dys = {id: rng.standard_normal(y.shape) for id, y in ours.items()}
        gradients = network.backward(dys)
        torch.autograd.backward(theirs, [torch.from_numpy(channels_first(dy)) for dy in dys.values()])
        names, parameters, arrays = state_names(code.scope), dict(model.named_parameters()), model.state_dict()
        turned_back = state_of(code.scope, {**network.weights, **gradients.weights}, subject.beside)
        moved = state_of(code.scope, network.weights, subject.beside)
        learned = [names[name] for name in gradients.weights]
        differences += [difference(turned_back[name], parameters[name].grad.numpy()) for name in learned]
        differences += [difference(moved[theirs], arrays[theirs].numpy()) for theirs in names.values()]
    return f"{max(differences):.1e}"


def in_keras(subject):
    """Compare outputs in float64, of the code that builds the model."""
    return f"{largest_difference(subject):.1e}"


def in_onnx(subject):
    """Compare outputs in float64, where ONNX Runtime has it: it has no such convolutions."""
    import onnxruntime
    from onnxruntime.capi.onnxruntime_pybind11_state import NotImplemented as Lacking

    program = subject.program
    model = onnx_model(subject.report.document, program, subject.arrays, subject.beside, dtype="float64")
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    except Lacking:
        return NONE
    network = Network(subject.report.document, "float64", report=subject.report)
    network.weights.update(subject.weights)
    xs = {id: x.astype("float64") for id, x in drawn_samples(program).items()}
    theirs = session.run(None, {value.name: channels_first(xs[value.name]) for value in session.get_inputs()})
    found = network.forward(xs)
    ours = found.values() if isinstance(found, dict) else [found]
    return f"{max(difference(y, channels_last(z)) for y, z in zip(ours, theirs, strict=True)):.1e}"


def without_chance(document):
    """Return a document whose layers drop nothing: what is drawn there cannot be drawn alike here."""
    for layer in document.graph.layers:
        if layer.kind in STOCHASTIC:
            document = set_config(document, layer.id, {"rate": 0})
    return document


def row(name):
    document = load_template(name)
    subject = telling(Subject(check(document)))
    is_small = (subject.report.totals.parameters or 0) < MOST_TRAINED
    trained = Subject(check(without_chance(document)), subject.weights)
    cells = [
        lambda: single("pytorch", subject),
        lambda: in_pytorch(subject, training=False),
        lambda: in_pytorch(trained, training=True) if is_small else NONE,
        lambda: single("keras", subject),
        lambda: in_keras(subject),
        lambda: single("onnx", subject),
        lambda: in_onnx(subject),
    ]
    return [name, *(tried(cell) for cell in cells)]


def tried(cell):
    """Return what a comparison comes to, or the first words of why there is none."""
    try:
        return cell()
    except ConvographError as error:
        return f"refused: {str(error).split('. ', maxsplit=1)[0]}"


def main(names):
    libraries = ", ".join(f"{name} {version(name)}" for name in ("torch", "keras", "jax", "onnx", "onnxruntime"))
    print(f"Python {sys.version.split()[0]}, NumPy {np.__version__}, {libraries}.\n")
    print(f"| {' | '.join(HEAD)} |")
    print(f"|{'---|' * len(HEAD)}", flush=True)
    for name in names:
        print(f"| {' | '.join(row(name))} |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or sorted(template_names(), key=lambda name: check(load_template(name)).totals.parameters or 0))
