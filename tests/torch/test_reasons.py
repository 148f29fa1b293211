"""Explanations of decisions against PyTorch's autograd in float64: LeNet-5 with the same weights."""

import numpy as np
import pytest

from core.engine.network import Network
from core.inside.filters import Filter
from core.inside.gradients import GradCAM, GuidedBackprop, IntegratedGradients, Saliency
from core.inside.occlusion import Occlusion, covers
from core.inside.reasons import EFFECTIVE_FIELD, MAXIMISATION, TOP_PATCHES
from core.inside.subject import Subject
from core.io.datasets import plain_dataset
from core.io.templates import load_template
from core.training.preparation import Preparation
from core.work import outcome_of

try:
    import torch
    from torch.nn import functional
except ImportError:  # then every test below is skipped, and counted
    torch = functional = None

pytestmark = pytest.mark.torch

CLOSE = 1e-5
LABEL = 3


@pytest.fixture(scope="module")
def net():
    net = Network(load_template("lenet5"), dtype="float64", seed=2)
    rng = np.random.default_rng(1)
    for name in net.weights:
        if name.endswith("bias"):
            net.weights[name] = rng.normal(0, 0.2, net.weights[name].shape)
    return net


@pytest.fixture(scope="module")
def x():
    return np.random.default_rng(7).random((28, 28, 1))


def theirs(net, x, guided=False):
    """Return LeNet-5's outputs by name, for a tensor N×1×28×28."""

    class Guided(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x.clamp(min=0)

        @staticmethod
        def backward(ctx, dy):
            return dy.clamp(min=0) * (ctx.saved_tensors[0] > 0)

    relu = Guided.apply if guided else functional.relu
    w = {name: torch.tensor(net.weights[name]) for name in net.weights}
    out = {}
    for number in (1, 2):
        kernel = w[f"conv{number}/kernel"].permute(3, 2, 0, 1)
        padding = 2 if number == 1 else 0
        out[f"conv{number}"] = functional.conv2d(out.get("pool1", x), kernel, w[f"conv{number}/bias"], padding=padding)
        out[f"relu{number}"] = relu(out[f"conv{number}"])
        out[f"pool{number}"] = functional.max_pool2d(out[f"relu{number}"], 2)
    y = out["pool2"].permute(0, 2, 3, 1).flatten(1)
    for number in (1, 2, 3):
        y = y @ w[f"fc{number}/kernel"] + w[f"fc{number}/bias"]
        out[f"fc{number}"] = y
        if number < 3:
            y = relu(y)
    return out


def tensor(x):
    return torch.tensor(x).permute(2, 0, 1)[None].requires_grad_()


def close(measured, expected):
    expected = np.asarray(expected)
    assert np.abs(expected).max() > 0
    np.testing.assert_allclose(measured, expected, atol=CLOSE * np.abs(expected).max(), rtol=CLOSE)


def test_the_twin_computes_the_same(net, x):
    outputs = theirs(net, tensor(x))
    close(net.activations(x[None], ["fc3"])["fc3"], outputs["fc3"].detach())


@pytest.mark.parametrize("guided", [False, True])
def test_gradients(net, x, guided):
    entry = tensor(x)
    theirs(net, entry, guided)["fc3"][0, LABEL].backward()
    reason = GuidedBackprop() if guided else Saliency()
    heat = outcome_of(reason.work(Subject(net, x, LABEL, np.zeros_like(x))))
    close(heat.values, entry.grad[0].abs().amax(0))


def test_grad_cam(net, x):
    outputs = theirs(net, tensor(x))
    outputs["relu2"].retain_grad()
    outputs["fc3"][0, LABEL].backward()
    alpha = outputs["relu2"].grad[0].mean((1, 2))
    expected = functional.relu((alpha[:, None, None] * outputs["relu2"][0]).sum(0)).detach()
    close(outcome_of(GradCAM().work(Subject(net, x, LABEL, np.zeros_like(x)))).values, expected)


def test_integrated_gradients(net, x):
    black = np.full_like(x, 0.2)
    total = torch.zeros(1, 28, 28, dtype=torch.float64)
    for t in (np.arange(64) + 0.5) / 64:
        entry = tensor(black + t * (x - black))
        theirs(net, entry)["fc3"][0, LABEL].backward()
        total += entry.grad[0] / 64
    expected = ((tensor(x) - tensor(black)).detach()[0] * total).sum(0)
    close(outcome_of(IntegratedGradients().work(Subject(net, x, LABEL, black))).values, expected)


def test_occlusion(net, x):
    places, side = covers(x.shape)
    with torch.no_grad():
        base = theirs(net, tensor(x))["fc3"].softmax(1)[0, LABEL]
        falls = []
        for row, column in places:
            other = x.copy()
            reach = side // 2
            other[max(row - reach, 0) : row + reach + 1, max(column - reach, 0) : column + reach + 1] = 0
            falls.append(base - theirs(net, tensor(other))["fc3"].softmax(1)[0, LABEL])
    heat = outcome_of(Occlusion().work(Subject(net, x, LABEL, np.zeros_like(x))))
    close(heat.values, torch.stack(falls).reshape(28, 28))


def test_effective_field(net):
    xs = np.random.default_rng(3).random((5, 28, 28, 1))
    total = torch.zeros(1, 28, 28, dtype=torch.float64)
    for x in xs:
        entry = tensor(x)
        theirs(net, entry)["conv2"][0, 4, 5, 5].backward()
        total += entry.grad[0].abs() / len(xs)
    close(outcome_of(EFFECTIVE_FIELD.work(Filter(net, "conv2", 4), xs)).values, total.sum(0))


def test_maximisation(net):
    x = torch.zeros(1, 1, 28, 28, dtype=torch.float64)
    for _ in range(MAXIMISATION.n_steps):
        x = x.detach().requires_grad_()
        theirs(net, x)["conv2"][0, 3].mean().backward()
        gradient = x.grad - MAXIMISATION.decay * x.detach()
        x = x + MAXIMISATION.step * gradient / gradient.square().mean().sqrt()
    wanted = outcome_of(MAXIMISATION.work(Filter(net, "conv2", 3), np.zeros((28, 28, 1))))
    close(wanted.x[..., 0], x.detach()[0, 0])


def test_top_patches(net):
    images = np.random.default_rng(3).random((40, 28, 28, 1)).astype(np.float32)
    with torch.no_grad():
        answers = theirs(net, torch.tensor(images.astype(np.float64)).permute(0, 3, 1, 2))["relu2"]
    strongest, order = answers.amax((2, 3)).sort(dim=0, descending=True)
    data = plain_dataset(images, np.zeros(40, int))
    patches = outcome_of(TOP_PATCHES.work(net, "relu2", data, Preparation(), np.arange(40)))
    close(patches.values, strongest[:9].T)
    alive = strongest[0] > 0
    assert np.array_equal(patches.samples[alive.numpy(), 0], order[0][alive])
