"""The engine against PyTorch in float64: outputs, gradients and trajectories from the same weights."""

import numpy as np
import pytest

from core.engine.network import Network
from core.learning.optimizers import OPTIMIZERS, SGD, Adadelta, Adagrad, Adam, AdamW, RMSProp
from tests.core.engine.graphs import lenet
from tests.drawing import chain, document, layer

try:
    import torch
    from torch.nn import functional
except ImportError:  # then every test below is skipped, and counted
    torch = functional = None

pytestmark = pytest.mark.torch

CLOSE = 1e-8
N_STEPS = 50


@pytest.fixture(autouse=True)
def _one_thread():
    """Leave the other processors alone: these networks are small, and pools of threads wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def images(array):
    """Turn a batch of images N×H×W×C into one of PyTorch, N×C×H×W; rows of features stay."""
    tensor = torch.from_numpy(np.array(array, dtype=np.float64))
    return tensor.permute(0, 3, 1, 2).contiguous() if tensor.ndim == 4 else tensor


def flattened(x):
    """Flatten in the order of the files: height, width, channels."""
    return x.permute(0, 2, 3, 1).flatten(1)


class Parameters:
    """A network's parameters as PyTorch's, in the files' layout; they are turned where they are used."""

    def __init__(self, net):
        self.tensors = {name: torch.tensor(net.weights[name], requires_grad=True) for name in net.weights}

    def conv(self, id, x, **how):
        return functional.conv2d(x, self.tensors[f"{id}/kernel"].permute(3, 2, 0, 1), self.tensors[f"{id}/bias"], **how)

    def dense(self, id, x):
        return x @ self.tensors[f"{id}/kernel"] + self.tensors[f"{id}/bias"]


def mlp_document():
    return chain((64,), ("Dense", {"units": 30}), "ReLU", ("Dense", {"units": 10}))


def mlp(p, x):
    return p.dense("fc3", functional.relu(p.dense("fc1", x)))


def lenet_scores(p, x):
    x = functional.max_pool2d(functional.relu(p.conv("conv1", x, padding=2)), 2)
    x = flattened(functional.max_pool2d(functional.relu(p.conv("conv4", x)), 2))
    return p.dense("fc12", functional.relu(p.dense("fc10", functional.relu(p.dense("fc8", x)))))


def strided_document():
    return chain(
        (11, 9, 4),
        ("Conv2D", {"filters": 6, "kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0), "groups": 2}),
        "Tanh",
        ("Conv2D", {"filters": 5, "kernel_size": 3, "dilation": 2, "padding": 2}),
        "Sigmoid",
        ("MaxPool2D", {"pool_size": 3, "stride": 2, "padding": 1, "rounding": "floor"}),
        ("AvgPool2D", {"pool_size": 2, "stride": 1, "padding": 1, "count_padding": False}),
        "Flatten",
        ("Dense", {"units": 7}),
    )


def strided(p, x):
    x = torch.tanh(p.conv("conv1", x, stride=(2, 1), padding=(1, 0), groups=2))
    x = torch.sigmoid(p.conv("conv3", x, dilation=2, padding=2))
    x = functional.max_pool2d(x, 3, 2, 1)
    return p.dense("fc8", flattened(functional.avg_pool2d(x, 2, 1, 1, count_include_pad=False)))


def branched_document():
    conv = {"filters": 4, "kernel_size": 3, "padding": 1}
    return document(
        layer("input", "Input", shape=(8, 8, 4)),
        layer("conv1", "Conv2D", "input", **conv),
        layer("relu1", "ReLU", "conv1"),
        layer("conv2", "Conv2D", "relu1", **conv),
        layer("sum", "Add", ["conv2", "input", "conv2"]),
        layer("relu2", "ReLU", "sum"),
        layer("one", "Conv2D", "relu2", filters=3, kernel_size=1),
        layer("pool", "MaxPool2D", "relu2", pool_size=3, stride=1, padding=1),
        layer("joined", "Concat", ["one", "pool", "relu2"]),
        layer("flat", "Flatten", "joined"),
        layer("fc", "Dense", "flat", units=5),
        layer("softmax", "Softmax", "fc"),
    )


def branched(p, x):
    twice = p.conv("conv2", functional.relu(p.conv("conv1", x, padding=1)), padding=1)
    x = functional.relu(twice + x + twice)
    return p.dense("fc", flattened(torch.cat([p.conv("one", x), functional.max_pool2d(x, 3, 1, 1), x], 1)))


GRAPHS = {
    "mlp": (mlp_document, mlp),
    "lenet": (lenet, lenet_scores),
    "strided": (strided_document, strided),
    "branched": (branched_document, branched),
}
"""Each graph as a document, and as a function of PyTorch that gives the scores before a final Softmax."""


def assert_near(found, tensor):
    np.testing.assert_allclose(found, tensor.detach().numpy(), rtol=CLOSE, atol=CLOSE)


@pytest.fixture(params=GRAPHS, name="pair")
def _pair(request):
    drawn, scores = GRAPHS[request.param]
    net = Network(drawn(), "float64", seed=11)
    rng = np.random.default_rng(12)
    for name in net.weights:
        if name.endswith("bias"):
            net.weights[name] = 0.1 * rng.standard_normal(net.weights[name].shape)
    batch = rng.standard_normal((6, *net.program.nodes[0].shape))
    labels = rng.integers(0, net.program.nodes[-1].shape[0], 6)
    return net, scores, batch, labels


def test_outputs_and_all_gradients(pair):
    net, scores, batch, _ = pair
    parameters = Parameters(net)
    x = images(batch).requires_grad_()
    y = scores(parameters, x)
    if net.output_ids[0].startswith("softmax"):
        y = functional.softmax(y, 1)
    dy = np.random.default_rng(13).standard_normal(y.shape)
    y.backward(torch.from_numpy(dy))

    assert_near(net.forward(batch), y)
    found = net.backward(dy)
    dx = x.grad.permute(0, 2, 3, 1) if x.ndim == 4 else x.grad
    assert_near(found.inputs["input"], dx)
    assert set(found.weights) == set(parameters.tensors)
    for name, tensor in parameters.tensors.items():
        assert_near(found.weights[name], tensor.grad)


def test_loss_and_gradient(pair):
    net, scores, batch, labels = pair
    parameters = Parameters(net)
    expected = functional.cross_entropy(scores(parameters, images(batch)), torch.from_numpy(labels))
    expected.backward()
    loss, _ = net.loss_and_gradient(batch, labels)
    assert loss == pytest.approx(expected.item(), rel=1e-12)
    assert_near(net.gradients, torch.cat([tensor.grad.ravel() for tensor in parameters.tensors.values()]))


TWINS = {
    "sgd": (SGD(learning_rate=0.05), "SGD", {"lr": 0.05}),
    "momentum": (SGD(learning_rate=0.02, momentum=0.9), "SGD", {"lr": 0.02, "momentum": 0.9}),
    "nesterov": (
        SGD(learning_rate=0.02, momentum=0.9, nesterov=True),
        "SGD",
        {"lr": 0.02, "momentum": 0.9, "nesterov": True},
    ),
    "adagrad": (Adagrad(), "Adagrad", {}),
    "rmsprop": (RMSProp(learning_rate=0.001), "RMSprop", {"lr": 0.001}),
    "adadelta": (Adadelta(), "Adadelta", {}),
    "adam": (Adam(learning_rate=0.003), "Adam", {"lr": 0.003}),
    "adamw": (AdamW(learning_rate=0.003), "AdamW", {"lr": 0.003}),
}
"""Our optimiser and PyTorch's; where nothing is set, the defaults agree too."""


def test_every_optimizer_is_compared():
    assert {type(ours) for ours, _, _ in TWINS.values()} == set(OPTIMIZERS.values())


@pytest.mark.parametrize("weight_decay", [None, 0.0, 0.02])
@pytest.mark.parametrize("name", TWINS)
def test_trajectories(pair, name, weight_decay):
    net, scores, batch, labels = pair
    parameters = Parameters(net)
    ours, theirs, how = TWINS[name]
    if weight_decay is not None:
        ours = type(ours)(**ours.model_dump() | {"weight_decay": weight_decay})
        how = how | {"weight_decay": weight_decay}
    optimizer = getattr(torch.optim, theirs)(list(parameters.tensors.values()), **how)
    moments = tuple(np.zeros_like(net.parameters) for _ in range(ours.n_moments))
    scratch = np.empty_like(net.parameters)
    for step in range(1, N_STEPS + 1):
        optimizer.zero_grad()
        expected = functional.cross_entropy(scores(parameters, images(batch)), torch.from_numpy(labels))
        expected.backward()
        optimizer.step()
        loss, _ = net.loss_and_gradient(batch, labels)
        ours.update(net.parameters, net.gradients, moments, step, scratch)
        assert loss == pytest.approx(expected.item(), rel=CLOSE)
    for weight, tensor in parameters.tensors.items():
        assert_near(net.weights[weight], tensor)
