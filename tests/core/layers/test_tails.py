"""Activations are right to a few units in the last place where they are tiny, too: forward and backward, in float32."""

import numpy as np
import pytest

from core.layers import KINDS
from core.layers.activation import Activation
from core.layers.kind import Context

EXAMPLES = [
    (name, example.config)
    for name, kind in KINDS.items()
    if issubclass(kind, Activation) and kind.elementwise
    for example in kind.examples
]
X = np.unique(np.concatenate([np.linspace(-40, 40, 4001), np.linspace(-4, 4, 4001)]).astype(np.float32))
UNITS = 8
"""Of the last place; as many again for what rounding x itself would change."""


def computed(name, config, dtype):
    kind, ctx = KINDS[name](**config), Context()
    x = X.astype(dtype).reshape(-1, 1)
    y = kind.forward((x,), {}, ctx)
    (dx,), _ = kind.backward(np.ones_like(y), {}, ctx)
    assert y.dtype == dx.dtype == dtype
    return y.ravel(), dx.ravel()


def within(value, right, slack):
    """Whether values are right, relative to their size and to what rounding x would change; none is lost to 0."""
    allowed = UNITS * np.finfo(np.float32).eps * (np.abs(right) + slack)
    tiny = np.abs(right) < 1e-36  # below, float32 has fewer digits
    return (np.abs(value - right) <= allowed) | tiny


@pytest.mark.parametrize(("name", "config"), EXAMPLES)
def test_float32_agrees_with_float64_in_the_tails(name, config):
    y, dx = computed(name, config, np.float32)
    right_y, right_dx = computed(name, config, np.float64)
    x = X.astype(np.float64)
    bend = np.abs(x * np.gradient(right_dx, x))
    assert X[~within(y, right_y, np.abs(x * right_dx))].tolist() == []
    assert X[~within(dx, right_dx, bend)].tolist() == []


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("name", "x", "y", "slope"),
    [  # to 16 digits by exact arithmetic
        ("Sigmoid", -15.0, 3.059022269256247e-07, 3.0590213334945228e-07),
        ("Sigmoid", -20.0, 2.0611536181902037e-09, 2.0611536139418493e-09),
        ("Sigmoid", -40.0, 4.248354255291589e-18, 4.248354255291589e-18),
        ("Sigmoid", 20.0, 0.9999999979388464, 2.0611536139418493e-09),
        ("Tanh", 20.0, 1.0, 1.6993417021166355e-17),
        ("SiLU", -20.0, -4.122307236380407e-08, -3.9161918660646783e-08),
        ("Mish", -20.0, -4.122307240628762e-08, -3.916191874348969e-08),
        ("Softplus", -40.0, 4.248354255291589e-18, 4.248354255291589e-18),
        ("GELU", -8.0, -4.976768459417427e-15, -3.979607261086796e-14),
    ],
)
def test_values_in_the_tails(name, x, y, slope, dtype):
    kind, ctx = KINDS[name](), Context()
    got = kind.forward((np.array([[x]], dtype),), {}, ctx)
    (dx,), _ = kind.backward(np.ones_like(got), {}, ctx)
    assert got.item() == pytest.approx(y, rel=3e-6)
    assert dx.item() == pytest.approx(slope, rel=3e-6)
