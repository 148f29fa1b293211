"""Optimisers: each parameter by itself, without memory of their own, and a few steps by hand."""

import numpy as np
import pytest

from core.learning.optimizers import OPTIMIZERS, SGD, Adadelta, Adagrad, AdamW, RMSProp

EACH = [
    *(kind() for kind in OPTIMIZERS.values()),
    *(kind(weight_decay=0.1) for kind in OPTIMIZERS.values()),
    SGD(momentum=0.9),
    SGD(momentum=0.9, nesterov=True),
]


def walk(optimizer, parameters, gradients, parts, dtype="float64"):
    """Take a step for each gradient, the arrays cut into parts that are updated one after the other."""
    w = np.array(parameters, dtype)
    moments = tuple(np.zeros_like(w) for _ in range(optimizer.n_moments))
    scratch = np.empty_like(w)
    for step, gradient in enumerate(gradients, 1):
        g = np.array(gradient, dtype)
        for part in parts:
            optimizer.update(w[part], g[part], tuple(moment[part] for moment in moments), step, scratch[part])
    return w


@pytest.mark.parametrize("optimizer", EACH, ids=repr)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_parts_of_the_parameters_are_updated_like_the_whole(optimizer, dtype):
    rng = np.random.default_rng(3)
    w, gradients = rng.standard_normal(37), rng.standard_normal((6, 37))
    whole = walk(optimizer, w, gradients, [slice(0, 37)], dtype)
    assert whole.dtype == dtype
    assert whole.tobytes() == walk(optimizer, w, gradients, [slice(0, 11), slice(11, 37)], dtype).tobytes()
    assert not np.array_equal(whole, w.astype(dtype))


@pytest.mark.parametrize("optimizer", EACH, ids=repr)
def test_a_network_without_parameters_is_no_trouble(optimizer):
    assert walk(optimizer, [], [[]], [slice(0, 0)]).size == 0


@pytest.mark.parametrize("optimizer", EACH, ids=repr)
def test_every_optimizer_finds_the_bottom_of_a_bowl(optimizer):
    w = np.array([3.0, -2.0])
    moments, scratch = tuple(np.zeros_like(w) for _ in range(optimizer.n_moments)), np.empty_like(w)
    start = float(w @ w)
    for step in range(1, 400):
        optimizer.update(w, 2 * w, moments, step, scratch)
    assert w @ w < start


@pytest.mark.parametrize(
    ("optimizer", "expected"),
    [
        (SGD(learning_rate=0.1, weight_decay=0.5), 1 - 0.1 * (2 + 0.5)),
        (SGD(learning_rate=0.1, momentum=0.25, nesterov=True), 1 - 0.1 * (2 + 0.25 * 2)),
        (Adagrad(learning_rate=0.1), 1 - 0.1),
        (RMSProp(learning_rate=0.1, decay=0.75), 1 - 0.1 / 0.5),
        (Adadelta(decay=0.75, epsilon=0.01), 1 - 0.1 / np.sqrt(1.01) * 2),
        (AdamW(learning_rate=0.1, weight_decay=0.5), 1 - 0.1 * 0.5 - 0.1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_first_step_by_hand(optimizer, expected):
    """From w = 1 with g = 2."""
    assert walk(optimizer, [1.0], [[2.0]], [slice(0, 1)]) == pytest.approx([expected], rel=1e-7)
