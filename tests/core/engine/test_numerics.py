"""Numbers at the edge of what they can be: huge, constant, single, none."""

import numpy as np
import pytest

from core.engine.network import Network
from core.errors import NetworkError
from tests.drawing import chain

CONV = ("Conv2D", {"filters": 4, "kernel_size": 3, "padding": 1, "bias": False})


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def a_step(net, x, labels):
    loss, n_right = net.loss_and_gradient(x, labels)
    assert np.isfinite(loss)
    assert np.isfinite(net.gradients).all()
    return loss, n_right


def test_huge_scores_break_nothing():
    net = Network(chain((3,), ("Dense", {"units": 3, "bias": False}), "Softmax"), "float32")
    net.weights["fc1/kernel"] = np.eye(3) * 1e4
    x = np.array([[1, 0, -1], [0, 1, -1]], "float32")
    loss, n_correct = net.loss_and_gradient(x, np.array([0, 2]))
    assert (loss, n_correct) == (pytest.approx(1e4), 1)
    assert np.isfinite(net.gradients).all()
    assert net.forward(x).sum(1) == pytest.approx([1, 1])


@pytest.mark.parametrize("kind", ["BatchNorm", "LayerNorm", "GroupNorm", "InstanceNorm"])
@pytest.mark.parametrize("constant", [0.0, 0.1, -1e4])
def test_a_constant_has_no_variance_and_becomes_zero(kind, constant):
    """0.1 is no float: a variance as the mean of squares less the square of the mean would be rounding alone."""
    config = {"groups": 1} if kind == "GroupNorm" else {}
    net = Network(chain((6, 6, 2), (kind, config), "ReLU", "Flatten", ("Dense", {"units": 3})))
    x = np.full((4, 6, 6, 2), constant, "float32")
    a_step(net, x, np.array([0, 1, 2, 0]))
    if kind == "BatchNorm":
        assert net.weights["bn1/moving_variance"] == pytest.approx(0.9 * np.ones(2), abs=1e-6)
    else:
        (y,) = net.activations(x, [net.program.nodes[1].id]).values()
        assert np.abs(y).max() < 0.2  # a mean of 1e4 is rounded by 1e-3 at most, over √ε


def test_a_channel_far_from_zero_keeps_its_variance(rng):
    """One pass over squares would lose it: 1e3 squared has no digit left for 1 in float32."""
    net = Network(chain((8, 8, 2), CONV, "BatchNorm", "ReLU", "Flatten", ("Dense", {"units": 3})))
    kernel = np.zeros((3, 3, 2, 4), "float32")
    kernel[1, 1] = 1
    net.weights["conv1/kernel"] = kernel
    x = (rng.standard_normal((16, 8, 8, 2)) + 1000).astype("float32")
    a_step(net, x, rng.integers(0, 3, 16))
    moved = (net.weights["bn2/moving_variance"] - 0.9) / 0.1
    assert moved == pytest.approx(np.full(4, x.astype("float64").sum(-1).var()), rel=2e-2)


@pytest.mark.parametrize("batch", [1, 2])
@pytest.mark.parametrize(
    "layers",
    [
        (CONV, "ReLU", ("MaxPool2D", {"pool_size": 3, "stride": 2, "padding": 1})),
        (("Conv2D", {"filters": 4, "kernel_size": 5, "padding": 2, "stride": 2}), "ReLU"),
        (("Conv2D", {"filters": 4, "kernel_size": 1}), "ReLU", "GlobalAvgPool2D"),
        (("MaxPool2D", {"pool_size": 1, "stride": 1}), ("AvgPool2D", {"pool_size": 1, "stride": 1})),
        (("ConvTranspose2D", {"filters": 2, "kernel_size": 2, "stride": 2}), "GlobalMaxPool2D"),
    ],
    ids=lambda layers: "-".join(layer if isinstance(layer, str) else layer[0] for layer in layers),
)
def test_maps_of_a_single_pixel_and_batches_of_a_single_sample(layers, batch, rng):
    net = Network(chain((1, 1, 2), *layers, "Flatten", ("Dense", {"units": 3})))
    x = rng.standard_normal((batch, 1, 1, 2)).astype("float32")
    before, _ = a_step(net, x, np.arange(batch))
    net.parameters -= 1e-2 * net.gradients
    assert net.evaluate(x, np.arange(batch))[0] / batch < before


@pytest.mark.parametrize("replicas", [1, 2])
def test_a_single_value_per_channel_has_no_variance_to_train_with(replicas, rng):
    net = Network(chain((1, 1, 2), CONV, "BatchNorm", "Flatten", ("Dense", {"units": 3})), n_replicas=replicas)
    with pytest.raises(NetworkError, match=r"bn2: BatchNorm cannot train on a single value per channel"):
        net.loss_and_gradient(np.zeros((1, 1, 1, 2)), np.array([0]))
    a_step(net, rng.standard_normal((2, 1, 1, 2)).astype("float32"), np.array([0, 1]))
