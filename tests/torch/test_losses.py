"""Losses against PyTorch in float64: values, gradients, and what a hundred steps with them lead to."""

import numpy as np
import pytest

from core.engine.network import Network
from core.graph.edits import set_training
from core.learning.losses import LOSSES
from core.learning.optimizers import SGD
from tests.drawing import chain

try:
    import torch
    from torch.nn import functional
except ImportError:  # then every test below is skipped, and counted
    torch = functional = None

pytestmark = pytest.mark.torch

CLOSE = 1e-12
N_STEPS = 100
C = 5
WEIGHTS = np.array([0.5, 1.0, 3.0, 0.25, 2.0])


def one_hot(labels):
    return functional.one_hot(labels, C).double()


def weighted(per_sample, labels, weights):
    """Take the mean that divides by the sum of weights, where PyTorch's own loss has none."""
    if weights is None:
        return per_sample.mean()
    return (per_sample * weights[labels]).sum() / weights[labels].sum()


THEIRS = {
    "cross_entropy": (
        {"label_smoothing": 0.1},
        lambda o, y, w, s: functional.cross_entropy(o, y, weight=w, label_smoothing=s.get("label_smoothing", 0.0)),
    ),
    "hinge": (
        {"margin": 0.7},
        lambda o, y, w, s: weighted(
            C * functional.multi_margin_loss(o, y, margin=s.get("margin", 1.0), reduction="none"), y, w
        ),
    ),
    "squared_hinge": (
        {"margin": 0.7},
        lambda o, y, w, s: weighted(
            C * functional.multi_margin_loss(o, y, p=2, margin=s.get("margin", 1.0), reduction="none"), y, w
        ),
    ),
    "binary_cross_entropy": (
        {},
        lambda o, y, w, s: weighted(
            functional.binary_cross_entropy_with_logits(o, one_hot(y), reduction="none").mean(1), y, w
        ),
    ),
    "mse": ({}, lambda o, y, w, s: weighted(functional.mse_loss(o, one_hot(y), reduction="none").mean(1), y, w)),
    "mae": ({}, lambda o, y, w, s: weighted(functional.l1_loss(o, one_hot(y), reduction="none").mean(1), y, w)),
}
CASES = [(name, {}) for name in THEIRS] + [(name, other) for name, (other, _) in THEIRS.items() if other]


def test_every_loss_is_compared():
    assert set(THEIRS) == set(LOSSES)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "weighted"])
@pytest.mark.parametrize(("name", "settings"), CASES, ids=str)
def test_values_and_gradients(name, settings, weights):
    rng = np.random.default_rng(0)
    outputs, labels = rng.standard_normal((16, C)), rng.integers(0, C, 16)
    theirs = torch.tensor(outputs, requires_grad=True)
    given = None if weights is None else torch.tensor(weights)
    expected = THEIRS[name][1](theirs, torch.tensor(labels), given, settings)
    expected.backward()
    loss, doutputs = LOSSES[name](**settings).measure(outputs, labels, weights)
    assert loss == pytest.approx(expected.item(), rel=CLOSE)
    np.testing.assert_allclose(doutputs, theirs.grad.numpy(), rtol=0, atol=CLOSE)


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "weighted"])
@pytest.mark.parametrize(("name", "settings"), CASES, ids=str)
def test_trajectories_of_the_engine(name, settings, weights):
    rng = np.random.default_rng(0)
    drawn = chain((6,), ("Dense", {"units": 7}), "Tanh", ("Dense", {"units": C}))
    net = Network(set_training(drawn, {"loss": {"kind": name, **settings}}), "float64")
    net.class_weights = weights
    given = None if weights is None else torch.tensor(weights)
    parameters = {key: torch.tensor(net.weights[key], requires_grad=True) for key in net.weights}
    theirs = torch.optim.SGD(list(parameters.values()), lr=0.05)
    (k1, b1), (k2, b2) = ([parameters[f"{id}/{part}"] for part in ("kernel", "bias")] for id in ("fc1", "fc3"))
    ours, moments, scratch = SGD(learning_rate=0.05), (np.zeros_like(net.parameters),), np.empty_like(net.parameters)
    for step in range(1, N_STEPS + 1):
        x, labels = rng.standard_normal((16, 6)), rng.integers(0, C, 16)
        theirs.zero_grad()
        outputs = torch.tanh(torch.tensor(x) @ k1 + b1) @ k2 + b2
        expected = THEIRS[name][1](outputs, torch.tensor(labels), given, settings)
        expected.backward()
        theirs.step()
        loss, _ = net.loss_and_gradient(x, labels)
        ours.update(net.parameters, net.gradients, moments, step, scratch)
        assert loss == pytest.approx(expected.item(), rel=CLOSE, abs=CLOSE)
    for key, tensor in parameters.items():
        np.testing.assert_allclose(net.weights[key], tensor.detach().numpy(), rtol=0, atol=CLOSE)
