"""Every kind's definition against PyTorch in float64, with all gradients, on all of its examples."""

import numpy as np
import pytest

from core.layers import KINDS
from tests.contract.cases import LAYER_CASES, context, draw_inputs, draw_weights

try:
    import torch

    from tests.torch.theirs import THEIRS, channels_first, channels_last
except ImportError:  # then every test below is skipped, and counted
    torch = None

pytestmark = pytest.mark.torch

CLOSE = 1e-8

CASES = [
    pytest.param(*case.values, training, id=f"{case.id}-{'training' if training else 'inference'}")
    for case in LAYER_CASES
    for training in (False, True)
    if not (training and case.values[0].stochastic)
]
"""What is drawn in training cannot be the same."""


@pytest.fixture(autouse=True)
def _one_thread():
    """Leave the other processors alone: these layers are small, and pools of threads wait for each other."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def assert_near(found, tensor, name):
    np.testing.assert_allclose(found, tensor.detach().numpy(), rtol=CLOSE, atol=CLOSE, err_msg=name)


def test_every_kind_is_compared():
    assert set(THEIRS) == set(KINDS) - {"Input"}


@pytest.mark.parametrize(("kind", "example", "training"), CASES)
def test_outputs_and_all_gradients(kind, example, training):
    rng = np.random.default_rng(11)
    xs, weights = draw_inputs(example, rng, batch=3), draw_weights(kind, example, rng)
    ctx = context(training)
    y = kind.forward(xs, weights, ctx)
    dy = rng.standard_normal(y.shape)
    dxs, gradients = kind.backward(dy, weights, ctx)

    learned = {name for name, weight in kind.weights(example.inputs).items() if weight.role == "parameter"}
    theirs = {name: torch.tensor(values, requires_grad=name in learned) for name, values in weights.items()}
    inputs = [torch.tensor(x, requires_grad=True) for x in xs]
    expected = channels_last(
        THEIRS[type(kind).__name__](kind, theirs, *(channels_first(x).contiguous() for x in inputs), training)
    )
    expected.backward(torch.from_numpy(dy))
    assert_near(y, expected, "the output")
    for port, (dx, x) in enumerate(zip(dxs, inputs, strict=True)):
        assert_near(dx, x.grad, f"the gradient of input {port}")
    for name, gradient in gradients.items():
        assert_near(gradient, theirs[name].grad, f"the gradient of {name}")
    for name, value in ctx.updates.items():
        assert_near(value, theirs[name], f"the statistic {name}")
