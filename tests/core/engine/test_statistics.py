"""Statistics: measured in training, stored after the pass, saved with the weights, and no business of optimisers."""

from typing import ClassVar

import numpy as np
import pytest

from core.engine.network import Network
from core.layers import KINDS, Example, Kind, Weight
from tests.drawing import chain


@pytest.fixture(autouse=True)
def _centred():
    """Register, for one test, a kind that subtracts a moving mean."""

    class Centred(Kind):
        """Subtracts the moving mean of its features."""

        stem: ClassVar = "centred"
        family: ClassVar = "normalisation"
        examples: ClassVar = (Example({}, ((3,),), (3,)),)

        def weights(self, inputs):
            return {
                "moving_mean": Weight(inputs[0], init="zeros", role="statistic"),
                "scale": Weight(inputs[0], init="ones"),
            }

        def forward(self, xs, weights, ctx):
            (x,) = xs
            if ctx.training:
                ctx.update("moving_mean", 0.9 * weights["moving_mean"] + 0.1 * x.mean(0))
            return ctx.keep("x", x - weights["moving_mean"]) * weights["scale"]

        def backward(self, dy, weights, ctx):
            return (dy * weights["scale"],), {"scale": (dy * ctx.kept("x")).sum(0)}

    yield
    del KINDS["Centred"]


X = np.arange(6.0).reshape(2, 3)


def test_training_moves_them_and_inference_does_not():
    net = Network(chain((3,), "Centred"), "float64")
    net.forward(X)
    net.evaluate(X, np.array([0, 1]))
    net.activations(X)
    assert net.weights["centred1/moving_mean"].tolist() == [0, 0, 0]
    net.loss_and_gradient(X, np.array([0, 1]))
    assert net.weights["centred1/moving_mean"] == pytest.approx([0.15, 0.25, 0.35])
    net.forward(X, training=True)
    assert net.weights["centred1/moving_mean"] == pytest.approx([0.285, 0.475, 0.665])


def test_they_are_weights_but_not_parameters(tmp_path):
    net = Network(chain((3,), "Centred"), "float64")
    assert list(net.weights) == ["centred1/moving_mean", "centred1/scale"]
    assert net.parameters.tolist() == [1, 1, 1]
    net.forward(X, training=True)
    assert set(net.backward(X).weights) == {"centred1/scale"}
    net.save_weights(tmp_path / "weights.npz")
    other = Network(chain((3,), "Centred"), "float64")
    other.load_weights(tmp_path / "weights.npz")
    assert other.weights["centred1/moving_mean"].tolist() == net.weights["centred1/moving_mean"].tolist()


def test_looking_for_nan_does_not_move_them():
    net = Network(chain((3,), "Centred"), "float64")
    net.loss_and_gradient(X, np.array([0, 1]))
    before = net.weights["centred1/moving_mean"]
    assert net.first_nonfinite() is None
    assert net.weights["centred1/moving_mean"].tolist() == before.tolist()
    net.loss_and_gradient(np.full((2, 3), np.inf), np.array([0, 1]))
    assert net.first_nonfinite() == "input"
