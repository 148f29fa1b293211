"""Every loss writes out its gradient; the numbers are those of its own `each`."""

from math import exp, prod

import numpy as np
import pytest

from core.engine.network import Network
from core.graph.edits import set_training
from core.inside.backwards import hand_on
from core.inside.looking import Label, look_inside
from core.io.templates import load_template
from core.learning.losses import LOSSES, CrossEntropy, Hinge, SquaredHinge

CASES = [
    *(loss() for loss in LOSSES.values()),
    CrossEntropy(label_smoothing=0.1),
    Hinge(margin=3),
    SquaredHinge(margin=3),
]
N, C = 6, 5
SCORES = np.random.default_rng(3).normal(0, 2, (N, C))
SCORES[0] = 0  # on every kink
SCORES[1] = (40, -40, 0, 1, 2)
LABELS = np.array([0, 1, 2, 3, 4, 4])
WEIGHTS = np.array([0.5, 2.0, 1.0, 0.0, 3.0])


@pytest.mark.parametrize("weights", [None, WEIGHTS], ids=["alike", "weighted"])
@pytest.mark.parametrize("loss", CASES, ids=repr)
def test_the_last_step_is_the_gradient(loss, weights):
    for total in (1.0, 7.5):
        _, expected = loss.each(SCORES, LABELS, weights)
        for row in range(N):
            for place in range(C):
                steps = loss.slope(SCORES[row], int(LABELS[row]), place, weights, total)
                assert steps[-1].result == pytest.approx(expected[row, place] / total, rel=1e-9, abs=1e-12)
                assert steps[-1].name == "∂L/∂s"


@pytest.mark.parametrize("loss", CASES, ids=repr)
def test_each_step_is_what_its_terms_give(loss):
    does = {
        "sum": sum,
        "product": prod,
        "quotient": lambda values: values[0] / values[1],
        "exp of sum": lambda values: exp(sum(values)),
    }
    for row in range(N):
        for place in range(C):
            known = {}
            for step in loss.slope(SCORES[row], int(LABELS[row]), place, WEIGHTS, 3.0):
                values = [value for _, value in step.terms]
                if step.operation in does:
                    assert step.result == pytest.approx(does[step.operation](values), abs=1e-12)
                for name, value in step.terms:
                    assert abs(value) == pytest.approx(abs(known.get(name, value)), abs=1e-12)
                known[step.name] = step.result


def test_a_sum_over_many_classes_is_short_and_still_adds_up():
    scores = np.random.default_rng(0).normal(size=1000)
    steps = CrossEntropy().slope(scores, 3, 7)
    long = next(step for step in steps if step.name == "Σ")
    assert len(long.terms) == 21
    assert sum(value for _, value in long.terms) == pytest.approx(long.result)


@pytest.mark.parametrize("loss", CASES, ids=repr)
def test_what_is_shown_adds_up_to_the_engine_s_gradient(loss):
    document = set_training(load_template("digits_cnn"), {"loss": loss})
    look = look_inside(Network(document, seed=2), np.random.default_rng(1).random((8, 8, 1)), Label(3))
    *_, start = look.gradients
    for place in range(10):
        back = hand_on(look, start, (place,))
        assert back.lines[-1].value == pytest.approx(float(look.gradients[start][place]), rel=1e-5, abs=1e-7)
        assert "It comes from the loss: " in back.in_words
        assert all(line.text for line in back.lines)
    assert not hand_on(look, "conv1", (0, 0, 0)).lines
