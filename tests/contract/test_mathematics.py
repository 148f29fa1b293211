"""What every kind computes, by its definition and through a network: shapes, gradients, purity, modes."""

import numpy as np
import pytest

from core.engine.network import Network
from tests.contract.cases import LAYER_CASES, context, draw_inputs, draw_weights
from tests.drawing import document, layer
from tests.gradients import assert_gradient

MODES = [pytest.param(False, id="inference"), pytest.param(True, id="training")]


@pytest.fixture
def rng():
    return np.random.default_rng(231)


def network_of(kind, example, dtype="float64"):
    """Put one layer behind an Input for each of its ports."""
    ids = [f"input{port}" for port in range(len(example.inputs))]
    inputs = [layer(id, "Input", shape=shape) for id, shape in zip(ids, example.inputs, strict=True)]
    return Network(document(*inputs, layer("own", type(kind).__name__, ids, **kind.config())), dtype)


def named(xs):
    return {f"input{port}": x for port, x in enumerate(xs)}


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("training", MODES)
@pytest.mark.parametrize(("kind", "example"), LAYER_CASES)
def test_shape_and_dtype_are_as_declared(kind, example, training, dtype, rng):
    xs, weights = draw_inputs(example, rng, dtype=dtype), draw_weights(kind, example, rng, dtype)
    ctx = context(training)
    y = kind.forward(xs, weights, ctx)
    assert y.shape == (2, *example.output)
    assert y.dtype == dtype
    dxs, gradients = kind.backward(np.ones_like(y), weights, ctx)
    assert [dx.shape for dx in dxs] == [x.shape for x in xs]
    assert {dx.dtype.name for dx in dxs} == {dtype}
    learned = {name for name, weight in kind.weights(example.inputs).items() if weight.role == "parameter"}
    assert set(gradients) == learned
    assert all(gradient.shape == weights[name].shape for name, gradient in gradients.items())
    assert all(gradient.dtype == dtype for gradient in gradients.values())


@pytest.mark.parametrize("training", MODES)
@pytest.mark.parametrize(("kind", "example"), LAYER_CASES)
def test_gradients_agree_with_differences(kind, example, training, rng):
    xs, weights = draw_inputs(example, rng, batch=2 if example.macs < 10**6 else 1), draw_weights(kind, example, rng)
    ctx = context(training)
    y = kind.forward(xs, weights, ctx)
    dy = rng.standard_normal(y.shape)
    dxs, gradients = kind.backward(dy, weights, ctx)

    def loss(xs, weights):
        return float((kind.forward(xs, weights, context(training)) * dy).sum())

    for port, (x, dx) in enumerate(zip(xs, dxs, strict=True)):
        assert_gradient(
            lambda x, port=port: loss((*xs[:port], x, *xs[port + 1 :]), weights), x, dx, rng, f"input {port}"
        )
    for name, gradient in gradients.items():
        assert_gradient(lambda w, name=name: loss(xs, weights | {name: w}), weights[name], gradient, rng, name)


@pytest.mark.parametrize(
    "wrong", [lambda g: g * 1.0001, lambda g: -g, np.zeros_like, lambda g: g + 1e-4, lambda g: g[::-1]]
)
def test_a_wrong_gradient_is_noticed(wrong, rng):
    x = rng.standard_normal((3, 4))
    with pytest.raises(AssertionError, match="the slope is"):
        assert_gradient(lambda x: float((x**3).sum()), x, wrong(3 * x**2), rng)


@pytest.mark.parametrize("training", MODES)
@pytest.mark.parametrize(("kind", "example"), LAYER_CASES)
def test_nothing_that_is_given_is_changed(kind, example, training, rng):
    xs, weights = draw_inputs(example, rng), draw_weights(kind, example, rng)
    for array in (*xs, *weights.values()):
        array.flags.writeable = False
    ctx = context(training)
    y = kind.forward(xs, weights, ctx)
    dy = np.ones_like(y)
    dy.flags.writeable = False
    kind.backward(dy, weights, ctx)


@pytest.mark.parametrize("training", MODES)
@pytest.mark.parametrize(("kind", "example"), LAYER_CASES)
def test_the_same_again_gives_the_same_bits(kind, example, training, rng):
    xs, weights = draw_inputs(example, rng), draw_weights(kind, example, rng)
    results = []
    for _ in range(2):
        ctx = context(training)
        y = kind.forward(xs, weights, ctx)
        results.append((y, *kind.backward(np.ones_like(y), weights, ctx)[0]))
    for first, second in zip(*results, strict=True):
        assert first.tobytes() == second.tobytes()


@pytest.mark.parametrize(("kind", "example"), LAYER_CASES)
def test_only_kinds_that_say_so_draw_and_only_in_training(kind, example, rng):
    xs, weights = draw_inputs(example, rng), draw_weights(kind, example, rng)
    for training in (False, True):
        ctx = context(training)
        before = ctx.rng.bit_generator.state
        kind.forward(xs, weights, ctx)
        assert (ctx.rng.bit_generator.state != before) == (kind.stochastic and training)


@pytest.mark.parametrize("training", MODES)
@pytest.mark.parametrize(("kind", "example"), LAYER_CASES)
def test_a_network_computes_what_the_definition_says(kind, example, training, rng):
    xs, weights = draw_inputs(example, rng, batch=3 if example.macs < 10**6 else 1), draw_weights(kind, example, rng)
    net = network_of(kind, example)
    for name, values in weights.items():
        net.weights[f"own/{name}"] = values
    ctx = context(training)
    ctx.rng.bit_generator.state = net.rng.bit_generator.state
    y = kind.forward(xs, weights, ctx)
    dy = rng.standard_normal(y.shape)
    dxs, gradients = kind.backward(dy, weights, ctx)

    found = net.forward(named(xs), training=training)
    np.testing.assert_allclose(found, y, rtol=1e-10, atol=1e-10)
    given = net.backward(dy)
    for port, dx in enumerate(dxs):
        np.testing.assert_allclose(given.inputs[f"input{port}"], dx, rtol=1e-10, atol=1e-10)
    assert set(given.weights) == {f"own/{name}" for name in gradients}
    for name, gradient in gradients.items():
        np.testing.assert_allclose(given.weights[f"own/{name}"], gradient, rtol=1e-9, atol=1e-9)
    for name, value in ctx.updates.items():
        np.testing.assert_allclose(net.weights[f"own/{name}"], value, rtol=1e-10)


@pytest.mark.parametrize(("kind", "example"), LAYER_CASES)
def test_a_network_has_the_declared_weights(kind, example):
    net = network_of(kind, example, "float32")
    declared = kind.weights(example.inputs)
    assert {name: array.shape for name, array in net.weights.items()} == {
        f"own/{name}": weight.shape for name, weight in declared.items()
    }
    assert net.parameters.size == example.parameters
