"""Cross-entropy: by hand, against its definition written plainly, and where numbers are extreme."""

import numpy as np
import pytest

from core.learning.losses import cross_entropy
from tests.gradients import assert_gradient


def test_the_courses_example_by_hand():
    # CS231n, "Linear Classification": scores −2.85, 0.86, 0.28, the right class is the third; 1.04.
    loss, dscores = cross_entropy(np.array([[-2.85, 0.86, 0.28]]), np.array([2]))
    assert loss == pytest.approx(1.04, abs=0.005)
    assert dscores == pytest.approx(np.array([[0.016, 0.631, 0.353 - 1]]), abs=0.001)


def test_the_gradient_is_the_slope():
    rng = np.random.default_rng(0)
    scores, labels = rng.standard_normal((6, 5)), rng.integers(0, 5, 6)
    loss, dscores = cross_entropy(scores, labels)
    assert loss == pytest.approx(-np.log((np.exp(scores) / np.exp(scores).sum(1)[:, None])[range(6), labels]).mean())
    assert_gradient(lambda s: cross_entropy(s, labels)[0], scores, dscores, rng)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_extreme_scores_stay_finite(dtype):
    scores = np.array([[1e4, -1e4, 0], [-1e4, -1e4, -1e4]], dtype)
    loss, dscores = cross_entropy(scores, np.array([1, 0]))
    assert loss == pytest.approx((2e4 + np.log(3)) / 2)
    assert dscores.dtype == dtype
    assert dscores == pytest.approx(np.array([[0.5, -0.5, 0], [-1 / 3, 1 / 6, 1 / 6]]))


def test_scores_are_not_changed():
    scores = np.ones((2, 3))
    scores.flags.writeable = False
    cross_entropy(scores, np.array([0, 1]))
