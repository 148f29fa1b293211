"""What was exported, loaded as its users load it, and compared with the engine in float64."""

import importlib.machinery
import importlib.util

import numpy as np
import torch

from core.analysis.check import check
from core.engine.network import Network
from core.export.exporter import Subject
from core.export.pytorch.exporter import PYTORCH
from core.export.pytorch.exporter import code_of as code_of_subject
from core.export.pytorch.state import state_names, state_of

CLOSE = 1e-8


def loaded(path):
    """Import a file by its path."""
    loader = importlib.machinery.SourceFileLoader("exported", str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("exported", loader))
    loader.exec_module(module)
    return module


def written(made, folder, weights, beside=None):
    """Export a document with weights; return the module that its file is."""
    subject = Subject(check(made), weights, *([] if beside is None else [beside]), name="net.py")
    for name, content in PYTORCH.files(subject).items():
        (folder / name).write_bytes(content)
    return loaded(folder / "net.py")


def channels_first(array):
    tensor = torch.from_numpy(np.array(array))
    return (tensor.permute(0, 3, 1, 2) if tensor.ndim == 4 else tensor).contiguous()


def channels_last(x):
    return x.permute(0, 2, 3, 1) if x.ndim == 4 else x


def random_weights(net, seed):
    """Give a network arrays in which nothing is as it begins."""
    rng = np.random.default_rng(seed)
    for name, array in net.weights.items():
        values = 0.5 * rng.standard_normal(array.shape)
        net.weights[name] = np.abs(values) + 0.1 if name.endswith(("variance", "gamma")) else values
    return rng


def assert_near(ours, theirs, name, close=CLOSE):
    scale = max(1.0, float(np.abs(theirs).max(initial=0)))
    np.testing.assert_allclose(ours, theirs, rtol=close, atol=close * scale, err_msg=name)


def compare(made, seed, training, folder, close=CLOSE):
    """Compare outputs, gradients of inputs and weights, and moving statistics, in float64.

    Arrays do not pass through a file, where they would be float32.
    """
    net = Network(made, "float64")
    rng = random_weights(net, seed)
    subject = Subject(check(made), dict(net.weights))
    code = code_of_subject(subject)
    (folder / "net.py").write_text(code.text, encoding="utf-8")
    model = getattr(loaded(folder / "net.py"), code.name)().double()
    state = {name: torch.from_numpy(array) for name, array in state_of(code.scope, net.weights, subject.beside).items()}
    model.load_state_dict(state)
    model.train(training)

    inputs = [net.program.nodes[index] for index in net.program.read_inputs]
    xs = {node.id: rng.standard_normal((3, *node.shape)) for node in inputs}
    theirs = [channels_first(xs[node.id]).requires_grad_() for node in inputs]
    outputs = model(*theirs)
    outputs = outputs if isinstance(outputs, tuple) else (outputs,)
    found = net.forward(xs, training)
    ys = found if isinstance(found, dict) else {net.output_ids[0]: found}
    dys = {id: rng.standard_normal(y.shape) for id, y in ys.items()}
    gradients = net.backward(dys)
    wanted = [(y, channels_first(dys[id])) for id, y in zip(ys, outputs, strict=True) if y.requires_grad]
    torch.autograd.backward([y for y, _ in wanted], [dy for _, dy in wanted])

    for (id, ours), y in zip(ys.items(), outputs, strict=True):
        assert_near(ours, channels_last(y).detach().numpy(), id, close)
    for node, x in zip(inputs, theirs, strict=True):
        dx = torch.zeros_like(x) if x.grad is None else x.grad
        assert_near(gradients.inputs[node.id], channels_last(dx).numpy(), f"the gradient of {node.id}", close)
    needed = net.program.ancestors(net.program.outputs)
    names = state_names(code.scope)
    parameters = dict(model.named_parameters())
    arrays = dict(model.state_dict())
    turned = state_of(code.scope, {**net.weights, **gradients.weights}, subject.beside)
    moved = state_of(code.scope, net.weights, subject.beside)
    for name, gradient in gradients.weights.items():
        if net.program.by_id[name.rpartition("/")[0]].index not in needed:
            assert not gradient.any()
            continue
        grad = parameters[names[name]].grad
        assert_near(turned[names[name]], np.zeros(gradient.shape) if grad is None else grad.numpy(), name, close)
    for name, theirs_name in names.items():
        assert_near(moved[theirs_name], arrays[theirs_name].detach().numpy(), name, close)
    learn = {names[name] for name in gradients.weights if name in names}
    assert learn == {name for name, array in parameters.items() if array.requires_grad}
