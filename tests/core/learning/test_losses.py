"""Losses: by hand, against their slopes, where numbers are extreme, and what guessing gives."""

import numpy as np
import pytest

from core.learning.losses import (
    LOSSES,
    BinaryCrossEntropy,
    CrossEntropy,
    Hinge,
    MeanAbsoluteError,
    MeanSquaredError,
    SquaredHinge,
)
from tests.gradients import assert_gradient

EVERY = [*(loss() for loss in LOSSES.values()), CrossEntropy(label_smoothing=0.2), Hinge(margin=0.5)]


def test_the_courses_example_by_hand():
    # CS231n, "Linear Classification": scores −2.85, 0.86, 0.28, the right class is the third; 1.04 and 1.58.
    scores, labels = np.array([[-2.85, 0.86, 0.28]]), np.array([2])
    loss, dscores = CrossEntropy().measure(scores, labels)
    assert loss == pytest.approx(1.04, abs=0.005)
    assert dscores == pytest.approx(np.array([[0.016, 0.631, 0.353 - 1]]), abs=0.001)
    assert Hinge().measure(scores, labels)[0] == pytest.approx(1.58)
    assert SquaredHinge().measure(scores, labels)[0] == pytest.approx(1.58**2)


def test_label_smoothing_by_hand():
    loss, _ = CrossEntropy(label_smoothing=0.1).measure(np.log([[0.7, 0.2, 0.1]]), np.array([0]))
    assert loss == pytest.approx(-(0.9 + 0.1 / 3) * np.log(0.7) - 0.1 / 3 * (np.log(0.2) + np.log(0.1)))


@pytest.mark.parametrize("weights", [None, np.array([0.5, 1, 2, 0.1, 3])], ids=["alike", "weighted"])
@pytest.mark.parametrize("loss", EVERY, ids=str)
def test_the_gradient_is_the_slope(loss, weights):
    rng = np.random.default_rng(0)
    outputs, labels = rng.standard_normal((6, 5)), rng.integers(0, 5, 6)
    _, doutputs = loss.measure(outputs, labels, weights)
    assert_gradient(lambda o: loss.measure(o, labels, weights)[0], outputs, doutputs, rng)


@pytest.mark.parametrize("loss", EVERY, ids=str)
def test_weights_that_are_all_alike_change_nothing(loss):
    rng = np.random.default_rng(1)
    outputs, labels = rng.standard_normal((6, 5)), rng.integers(0, 5, 6)
    plain, weighted = loss.measure(outputs, labels), loss.measure(outputs, labels, np.full(5, 7.0))
    assert weighted[0] == pytest.approx(plain[0])
    assert weighted[1] == pytest.approx(plain[1])


@pytest.mark.parametrize("loss", EVERY, ids=str)
def test_a_weighted_loss_is_that_of_samples_that_occur_so_often(loss):
    if isinstance(loss, CrossEntropy) and loss.label_smoothing:
        pytest.skip("smoothing weighs the other classes too, as in PyTorch")
    rng = np.random.default_rng(2)
    outputs, labels = rng.standard_normal((4, 3)), np.array([0, 1, 2, 1])
    often = [0, 1, 1, 2, 2, 2, 3, 3]
    expected, _ = loss.measure(outputs[often], labels[often])
    assert loss.measure(outputs, labels, np.array([1.0, 2.0, 3.0]))[0] == pytest.approx(expected)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_scores_stay_finite(dtype):
    scores = np.array([[1e4, -1e4, 0], [-1e4, -1e4, -1e4]], dtype)
    loss, dscores = CrossEntropy().measure(scores, np.array([1, 0]))
    assert loss == pytest.approx((2e4 + np.log(3)) / 2)
    assert dscores.dtype == dtype
    assert dscores == pytest.approx(np.array([[0.5, -0.5, 0], [-1 / 3, 1 / 6, 1 / 6]]))
    with np.errstate(over="raise"):
        loss, dscores = BinaryCrossEntropy().measure(scores, np.array([1, 0]))
    assert loss == pytest.approx((2e4 + np.log(2) + 1e4) / 6)
    assert dscores == pytest.approx(np.array([[1, -1, 0.5], [-1, 0, 0]]) / 6)


@pytest.mark.parametrize("loss", EVERY, ids=str)
def test_outputs_are_not_changed_and_their_type_is_kept(loss):
    outputs = np.ones((2, 3), "float32")
    outputs.flags.writeable = False
    _, doutputs = loss.measure(outputs, np.array([0, 1]), np.array([1.0, 2.0, 3.0]))
    assert doutputs.dtype == outputs.dtype


@pytest.mark.parametrize(
    ("loss", "output", "expected"),
    [
        (CrossEntropy(), 0, np.log(10)),
        (CrossEntropy(label_smoothing=0.1), 0, np.log(10)),
        (Hinge(), 0, 9),  # CS231n: the number of classes minus 1
        (Hinge(margin=2), 0, 18),
        (SquaredHinge(margin=2), 0, 36),
        (BinaryCrossEntropy(), 0, np.log(2)),
        (MeanSquaredError(), 0, 0.1),
        (MeanSquaredError(), 0.1, 0.09),
        (MeanAbsoluteError(), 0, 0.1),
    ],
    ids=str,
)
def test_the_loss_before_anything_is_learned(loss, output, expected):
    assert loss.initial(10, output) == pytest.approx(expected)


@pytest.mark.parametrize("shares", [(0.25, 0.25, 0.25, 0.25), (0.7, 0.2, 0.1), (0.9, 0.1), (0.5, 0.5, 0.0)], ids=str)
@pytest.mark.parametrize("loss", EVERY, ids=str)
def test_no_answer_to_everything_is_better_than_guessing(loss, shares):
    rng, shares, labels = np.random.default_rng(0), np.array(shares), np.arange(len(shares))

    def of(answer):
        losses, _ = loss.each(np.tile(answer, (len(shares), 1)), labels)
        return float(losses @ shares)

    best = np.zeros(len(shares))
    for width in (1, 0.3, 0.1, 0.03, 0.01, 0.003):
        for _ in range(800):
            tried = best + width * rng.standard_normal(len(shares)) * (1 if loss.under != "Softmax" else 3)
            best = min(best, tried, key=of)
    slack = 1.05 if isinstance(loss, SquaredHinge) else 1  # it asks only answers of two levels
    assert loss.guessing(shares) <= slack * of(best) + 1e-9
    assert of(best) == pytest.approx(loss.guessing(shares), rel=0.05, abs=5e-3)
