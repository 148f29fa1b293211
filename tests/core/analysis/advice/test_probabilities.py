"""Advice about Softmax, and about what stands before the loss."""

import pytest

from core.graph.edits import set_training
from core.learning.losses import LOSSES
from tests.core.analysis.advice.cases import cured, given, kinds, offered, only
from tests.drawing import chain, document, layer


def dense(units=10):
    return ("Dense", {"units": units})


def test_a_second_softmax_evens_probabilities_out():
    drawn = chain((32,), dense(), "Softmax", "Softmax")
    problem = only(drawn, "SOFTMAX-TWICE")
    assert problem.what == "softmax3: softmax2 before it already gives probabilities."
    assert problem.why == "A second Softmax evens them out: of 10 classes none can rise above e/(e + 9) = 0.23."
    assert offered(problem) == ["Remove softmax3", "Remove softmax2"]
    for after in cured(drawn, problem):
        assert kinds(after) == ["Input", "Dense", "Softmax"]
    assert given(drawn, "SOFTMAX-EARLY") == []


def test_a_softmax_between_layers_starves_them_of_gradients():
    drawn = chain((32,), dense(20), "Softmax", dense(), "Softmax")
    problem = only(drawn, "SOFTMAX-EARLY")
    assert problem.what == "softmax2: it is not the last layer: fc3 goes on computing with its probabilities."
    assert problem.why == "Inside a network it lets little gradient through; only the loss needs probabilities."
    assert offered(problem) == ["Make it ReLU", "Remove softmax2"]
    cured(drawn, problem)
    assert given(drawn, "SOFTMAX-TWICE") == []


@pytest.mark.parametrize("next", ["ReLU", "BatchNorm", ("Conv2D", {"filters": 2, "kernel_size": 1})])
def test_other_layers_compute_on_with_probabilities_too(next):
    drawn = chain((4, 4, 3), "Softmax", next)
    assert only(drawn, "SOFTMAX-EARLY").layer == "softmax1"


def test_several_that_compute_on_are_one_case():
    drawn = document(
        layer("input", "Input", shape=(4,)),
        layer("softmax", "Softmax", "input"),
        layer("fc1", "Dense", "softmax", units=2),
        layer("fc2", "Dense", "softmax", units=2),
    )
    assert only(drawn, "SOFTMAX-EARLY").layer == "softmax"


@pytest.mark.parametrize("last", ["Flatten", "Dropout", "GlobalAvgPool2D"])
def test_softmax_must_come_last_before_the_loss(last):
    drawn = chain((8, 8, 1), ("Conv2D", {"filters": 10, "kernel_size": 8}), "Softmax", last)
    problem = only(drawn, "SOFTMAX-EARLY")
    assert problem.what.startswith("softmax2: it is not the last layer before the loss: ")
    assert problem.why == (
        "The loss computes from the scores only where a Softmax comes last; here it would apply Softmax to the "
        "probabilities."
    )
    assert offered(problem) == ["Remove softmax2"]
    cured(drawn, problem)


def test_one_final_softmax_and_attention_are_right():
    attention = document(
        layer("input", "Input", shape=(4,)),
        layer("softmax", "Softmax", "input"),
        layer("times", "Multiply", ("input", "softmax")),
        layer("fc", "Dense", "times", units=2),
    )
    for drawn in (chain((32,), dense(), "Softmax"), chain((32,), dense()), attention):
        assert given(drawn, "SOFTMAX-EARLY") + given(drawn, "SOFTMAX-TWICE") == []


def test_cross_entropy_wants_scores_of_any_size():
    drawn = chain((64,), dense(), "ReLU", "Softmax")
    problem = only(drawn, "LOSS-OUTPUT")
    assert problem.what == "relu2: it keeps the scores at 0 or above, but cross-entropy needs them unbounded."
    assert problem.why == (
        "Softmax turns scores into probabilities; where the scores cannot be far apart, no class can be certain, "
        "and where ReLU gives 0, nothing is learned."
    )
    assert offered(problem) == ["Remove relu2"]
    cured(drawn, problem)


@pytest.mark.parametrize(
    ("kind", "range_text"),
    [
        ("ReLU6", "between 0 and 6"),
        ("Sigmoid", "between 0 and 1"),
        ("HardSigmoid", "between 0 and 1"),
        ("Tanh", "between −1 and 1"),
        ("Softsign", "between −1 and 1"),
        ("Softplus", "above 0"),
    ],
)
def test_a_last_activation_can_become_softmax(kind, range_text):
    drawn = chain((64,), dense(), kind)
    problem = only(drawn, "LOSS-OUTPUT")
    assert f"the scores {range_text}, but" in problem.what
    assert offered(problem) == ["Make it Softmax", f"Remove {problem.layer}"]
    softmax, bare = cured(drawn, problem)
    assert (kinds(softmax)[-1], kinds(bare)[-1]) == ("Softmax", "Dense")


def test_activations_without_end_and_those_before_a_pool_are_fine():
    pooled = chain((8, 8, 1), ("Conv2D", {"filters": 10, "kernel_size": 1}), "ReLU", "GlobalAvgPool2D", "Softmax")
    image = chain((8, 8, 1), ("Conv2D", {"filters": 3, "kernel_size": 1}), "Tanh")
    nothing_learned = chain((10,), "ReLU")
    for drawn in (chain((64,), dense(), "LeakyReLU"), pooled, image, nothing_learned):
        assert given(drawn, "LOSS-OUTPUT") == []


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge", "binary_cross_entropy"])
def test_other_losses_of_scores_want_them_unbounded_too(loss):
    drawn = set_training(chain((64,), dense(), "Tanh"), {"loss": loss})
    problem = only(drawn, "LOSS-OUTPUT")
    assert LOSSES[loss].label() in problem.what
    assert offered(problem) == [f"Make it {LOSSES[loss].under}", f"Remove {problem.layer}"]
    cured(drawn, problem)


def test_each_loss_has_the_last_layer_that_suits_it():
    for loss, endings in {
        "cross_entropy": ([], ["Softmax"]),
        "hinge": ([], ["Softmax"]),
        "binary_cross_entropy": ([], ["Sigmoid"]),
        "mse": ([], ["Softmax"], ["Sigmoid"], ["Tanh"]),
        "mae": ([], ["Softmax"], ["Sigmoid"]),
    }.items():
        for ending in endings:
            drawn = set_training(chain((64,), dense(), *ending), {"loss": loss})
            assert given(drawn, "LOSS-OUTPUT") + given(drawn, "SOFTMAX-EARLY") == [], (loss, ending)
    hidden = set_training(chain((64,), dense(), "ReLU", "Sigmoid"), {"loss": "binary_cross_entropy"})
    assert only(hidden, "LOSS-OUTPUT").layer == "relu2"


def test_binary_cross_entropy_does_not_want_probabilities():
    drawn = set_training(chain((64,), dense(), "Softmax"), {"loss": "binary_cross_entropy"})
    problem = only(drawn, "LOSS-OUTPUT")
    assert offered(problem) == ["Make it Sigmoid", "Remove softmax2", "Train with cross-entropy"]
    cured(drawn, problem)
