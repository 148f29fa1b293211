"""The sanity checks of the course: what a healthy network shows, and what is said of sick ones."""

import random
from dataclasses import replace
from math import log

import numpy as np
import pytest

from core import Network
from core.engine.kernels.definition import DefinitionKernel
from core.engine.weights import WeightStore
from core.errors import NetworkError
from core.graph.fixing import apply_fix
from core.io.templates import load_template
from core.layers import KINDS, Context
from core.layers.kind import Example
from core.training.penalty import Penalty
from core.training.sanity import gradients, overfitting
from core.training.sanity.outcome import Checking, Outcome
from core.training.sanity.sanity import CHECKS, sanity_checks
from core.training.sanity.subject import Subject, undisturbed
from core.training.trainer import Trainer
from tests.core.training.making import chain, document, linear, rows, small_net, some_digits

DENSE = (("fc1", "Dense", {"units": 32}), ("relu1", "ReLU", {}), ("fc2", "Dense", {"units": 10}))


def dense(*layers, **training):
    return chain(("in", "Input", {"shape": [8, 8, 1]}), ("flat", "Flatten", {}), *(layers or DENSE), **training)


def outcomes(document, data=None):
    messages = sanity_checks(document, data)
    return {message.check: message for message in messages if isinstance(message, Outcome)}


def outcome(check, document, data=None):
    *_, last = CHECKS[check](Subject(document, data))
    return last


def scaled(data, factor):
    return replace(data, scale=data.scale / factor)


@pytest.mark.parametrize("name", ["mlp", "digits_cnn", "lenet5", "lenet5_1998", "pattern_linear", "convnetjs_mnist"])
def test_templates_pass_all_checks_in_their_order(name):
    checked = outcomes(load_template(name))
    assert list(checked) == ["initial_loss", "regularisation_raises_loss", "overfits_20_samples", "gradients"]
    assert {check: outcome.passed for check, outcome in checked.items()} == dict.fromkeys(CHECKS, True)


def test_a_network_with_batchnorm_dropout_and_branches_passes():
    layers = [
        ("in", "Input", [], {"shape": [8, 8, 1]}),
        ("conv1", "Conv2D", ["in"], {"filters": 4, "kernel_size": 3, "padding": "same"}),
        ("bn1", "BatchNorm", ["conv1"], {}),
        ("relu1", "ReLU", ["bn1"], {}),
        ("conv2", "Conv2D", ["relu1"], {"filters": 4, "kernel_size": 3, "padding": "same"}),
        ("add1", "Add", ["conv2", "relu1"], {}),
        ("flat", "Flatten", ["add1"], {}),
        ("drop1", "Dropout", ["flat"], {"rate": 0.5}),
        ("fc1", "Dense", ["drop1"], {"units": 10}),
    ]
    assert all(outcome.passed for outcome in outcomes(document(layers)).values())


def test_the_json_has_the_keys_that_are_promised():
    checked = outcomes(dense())
    for check, each in checked.items():
        json = each.as_json()
        assert list(json) == ["check", "passed", "measured", "expected", "what"]
        assert json["check"] == check
        assert json["what"].endswith(".")
    assert checked["initial_loss"].expected == pytest.approx(log(10))
    assert checked["regularisation_raises_loss"].measured > checked["regularisation_raises_loss"].expected
    assert checked["overfits_20_samples"].measured < checked["overfits_20_samples"].expected
    assert list(checked["gradients"].measured) == ["fc1/kernel", "fc1/bias", "fc2/kernel", "fc2/bias"]


def test_the_initial_loss_is_that_of_the_first_batch_of_training():
    made = small_net(epochs=1)
    first = next(message for message in Trainer(made, replicas=1).messages() if hasattr(message, "loss"))
    assert outcome("initial_loss", made).measured == first.loss
    checked = outcomes(made)
    assert checked["initial_loss"].measured == checked["regularisation_raises_loss"].expected


def test_samples_that_are_not_scaled_fail_the_initial_loss_and_are_named():
    failed = outcome("initial_loss", dense(), scaled(some_digits(200), 255))
    assert failed.passed is False
    assert "reach from 0 to 255: scale them to 0 … 1" in failed.what


@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_few_samples_stumble_nowhere(n):
    data = rows(n=n, classes=min(n, 3))
    assert {check: each.passed for check, each in outcomes(linear(), data).items()} == dict.fromkeys(CHECKS, True)


def test_of_samples_that_are_huge_only_what_they_spoil_is_blamed_on_them():
    huge = rows(n=40)
    checked = outcomes(linear(), replace(huge, images=huge.images * np.float32(1e12)))
    assert [check for check, each in checked.items() if each.passed is False] == ["initial_loss", "overfits_20_samples"]
    assert all("scale them to 0 … 1" in each.what for each in checked.values() if each.passed is False)


def test_a_loss_that_is_no_number_is_said_once():
    huge = rows(n=40)
    checked = outcomes(linear(), replace(huge, images=huge.images * np.float32(3e38)))
    assert "no loss that is a number" in checked["initial_loss"].what
    assert checked["regularisation_raises_loss"].passed is None


def test_weights_that_are_too_large_fail_the_initial_loss(monkeypatch):
    draw = WeightStore.draw

    def drawn_large(self, *given):
        draw(self, *given)
        self.parameters *= 8

    monkeypatch.setattr(WeightStore, "draw", drawn_large)
    failed = outcome("initial_loss", dense())
    assert failed.passed is False
    assert "sure of wrong answers. Draw smaller weights (xavier_normal instead of he_normal)" in failed.what


def test_the_loss_rises_by_half_the_squares_of_the_kernels():
    made = dense(l2=0.1)
    passed = outcome("regularisation_raises_loss", made)
    weights = Network(made).weights
    penalty = 0.05 * sum((weights[name] ** 2).sum(dtype=np.float64) for name in ("fc1/kernel", "fc2/kernel"))
    assert passed.measured - passed.expected == pytest.approx(penalty, rel=1e-5)
    assert "l2 = 0.1" in passed.what


@pytest.mark.parametrize(
    ("loss", "expected", "said"),
    [
        ("cross_entropy", log(10), "ln 10 = 2.303"),
        ("hinge", 9, "hinge loss 9"),
        ({"kind": "squared_hinge", "margin": 2}, 36, "squared hinge loss 36"),
        ("binary_cross_entropy", log(2), "binary cross-entropy 0.6931"),
        ("mse", 0.1, "mean squared error 0.1"),
    ],
)
def test_every_loss_has_its_own_expectation_and_passes(loss, expected, said):
    checked = outcomes(dense(loss=loss))
    assert checked["initial_loss"].expected == pytest.approx(expected)
    assert said in checked["initial_loss"].what
    assert {check: each.passed for check, each in checked.items()} == dict.fromkeys(CHECKS, True)


def test_a_loss_that_learns_nothing_fails_and_another_is_offered_that_learns():
    made = dense(loss="mae")
    failed = outcome("overfits_20_samples", made)
    assert failed.passed is False
    assert "With mae and the learning rate of the document, 0.001," in failed.what
    (fix,) = failed.fixes
    assert fix.label == "Set loss to cross_entropy"
    assert outcome("overfits_20_samples", apply_fix(made, fix)).passed
    assert outcome("initial_loss", made).expected == pytest.approx(0.1)


def test_no_time_for_more_is_not_called_a_failure(monkeypatch):
    monkeypatch.setattr(overfitting, "MOST_SECONDS", 0.0)
    unjudged = outcome("overfits_20_samples", dense())
    assert unjudged.passed is None
    assert "is not known" in unjudged.what


def test_a_last_layer_that_the_loss_takes_counts_for_the_expectation():
    ended = dense(*DENSE, ("softmax", "Softmax", {}), loss="mse")
    assert outcome("initial_loss", ended).expected == pytest.approx((0.9**2 + 9 * 0.1**2) / 10)
    assert outcome("initial_loss", dense(*DENSE, ("softmax", "Softmax", {}))).expected == pytest.approx(log(10))


def test_smoothed_labels_and_weighted_classes_pass():
    smooth = dense(loss={"kind": "cross_entropy", "label_smoothing": 0.2}, class_weights="balanced")
    assert all(each.passed for each in outcomes(smooth).values())


def test_preprocessing_is_done_and_augmentation_is_not():
    made = dense(preprocessing=["Standardize"], augmentation=[{"kind": "Noise", "std": 5}])
    assert all(each.passed for each in outcomes(made).values())
    assert outcomes(made) == outcomes(dense(preprocessing=["Standardize"]))


def test_both_penalties_count():
    made = dense(l1=0.01, l2=0.1, clip_norm=1e-3)
    passed = outcome("regularisation_raises_loss", made)
    kernels = [Network(made).weights[name].astype(np.float64) for name in ("fc1/kernel", "fc2/kernel")]
    penalty = sum(0.01 * np.abs(kernel).sum() + 0.05 * (kernel**2).sum() for kernel in kernels)
    assert passed.measured - passed.expected == pytest.approx(penalty, rel=1e-5)
    assert "l1 = 0.01 and l2 = 0.1" in passed.what


def test_a_penalty_that_does_not_reach_the_gradient_fails(monkeypatch):
    monkeypatch.setattr(Penalty, "amend", lambda *_: None)
    failed = outcome("regularisation_raises_loss", dense())
    assert failed.passed is False
    assert "a mistake in the program" in failed.what


def test_without_a_kernel_that_learns_the_penalty_is_said_to_have_nothing_to_act_on():
    made = chain(
        ("in", "Input", {"shape": [8, 8, 1]}),
        ("flat", "Flatten", {}),
        ("fc1", "Dense", {"units": 10}),
        ("bn1", "BatchNorm", {}),
    )
    frozen = tuple(replace(layer, trainable=layer.id != "fc1") for layer in made.graph.layers)
    made = replace(made, graph=replace(made.graph, layers=frozen))
    failed = outcome("regularisation_raises_loss", made)
    assert failed.passed is False
    assert "make one of fc1 trainable" in failed.what


def test_dead_relus_are_named_where_twenty_samples_are_not_learned(monkeypatch):
    draw = WeightStore.draw

    def drawn_dead(self, *given):
        draw(self, *given)
        self.arrays["fc1/bias"][...] = -1000

    monkeypatch.setattr(WeightStore, "draw", drawn_dead)
    failed = outcome("overfits_20_samples", dense())
    assert failed.passed is False
    assert (failed.layers, failed.badge) == (("fc1",), "dead")
    assert "relu1 gives 0 for every sample" in failed.what


@pytest.mark.parametrize(("rate", "size"), [(100.0, "high"), (1000.0, "high"), (1e-7, "low")])
def test_a_learning_rate_that_learns_nothing_fails_and_the_one_that_is_offered_learns(rate, size):
    sick = dense(optimizer={"kind": "SGD", "learning_rate": rate})
    failed = outcome("overfits_20_samples", sick)
    assert failed.passed is False
    assert f"That rate is too {size}" in failed.what
    (fix,) = failed.fixes
    assert outcome("overfits_20_samples", apply_fix(sick, fix)).passed


def test_a_rate_that_is_merely_slow_passes_with_another():
    passed = outcome("overfits_20_samples", dense(optimizer={"kind": "SGD", "learning_rate": 0.005}))
    assert passed.passed is True
    assert "with a learning rate of" in passed.what
    assert "of the document, 0.005, the loss goes from" in passed.what


def test_the_same_picture_under_two_labels_is_found_where_it_can_not_be_learned():
    same = rows(n=20, features=4, classes=2)
    same = replace(same, images=np.ones_like(same.images), sources=[f"{n}.png" for n in range(len(same))])
    failed = outcome("overfits_20_samples", linear(units=2), same)
    assert failed.passed is False
    assert "The same picture has the labels “a” and “b”, 0.png and 1.png: no network" in failed.what


def test_a_wrong_backward_pass_fails_and_is_found_where_it_begins(monkeypatch):
    made = dense(
        ("fc1", "Dense", {"units": 8}),
        ("odd", "Softplus", {}),
        ("fc2", "Dense", {"units": 8}),
        ("even", "Softplus", {}),
        ("fc3", "Dense", {"units": 10}),
    )
    assert outcome("gradients", made).passed
    right, n_asked = DefinitionKernel.backward, []

    def wrong(self):
        right(self)
        if self.node.id == "odd":
            n_asked.append(1)
            self.dxs[0][...] *= 1.01

    monkeypatch.setattr(DefinitionKernel, "backward", wrong)
    failed = outcome("gradients", made)
    assert n_asked
    assert failed.passed is False
    assert failed.measured["fc1/kernel"] == pytest.approx(0.01, rel=0.1)
    assert (failed.layers, failed.badge) == (("fc1",), "wrong gradient")
    assert "Seen from the output fc1/bias is the first" in failed.what


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.stochastic], ids=lambda kind: kind.__name__)
def test_whatever_draws_in_training_passes_its_input_on_where_it_is_switched_off(kind):
    example: Example = kind.examples[0]
    shape = example.inputs[0]
    made = chain(("in", "Input", {"shape": list(shape)}), ("draws", kind.__name__, example.config))
    quiet = undisturbed(made).graph.layers[1].spec
    x = np.random.default_rng(0).random((2, *shape), dtype=np.float32)
    assert np.array_equal(quiet.forward((x,), {}, Context(training=True, rng=np.random.default_rng(1))), x)


def test_nothing_of_a_training_under_way_and_no_global_random_number_is_touched():
    trainer = Trainer(small_net(), replicas=1)
    messages = trainer.messages()
    for _ in range(5):
        next(messages)
    before, state = trainer.network.parameters.copy(), random.getstate()
    numpy_state = np.random.mtrand._rand.get_state(legacy=False)["state"]["key"].copy()
    outcomes(trainer.document)
    assert np.array_equal(trainer.network.parameters, before)
    assert random.getstate() == state
    assert np.array_equal(np.random.mtrand._rand.get_state(legacy=False)["state"]["key"], numpy_state)


def test_they_end_between_two_messages():
    messages = sanity_checks(dense())
    assert isinstance(next(messages), Checking)
    messages.close()
    assert list(messages) == []


def test_the_same_document_gives_the_same_outcomes():
    assert outcomes(small_net()) == outcomes(small_net())


def test_networks_that_take_too_long_are_not_judged():
    subject = Subject(load_template("mlp"))
    for module, run in ((overfitting, overfitting.overfitting), (gradients, gradients.gradients)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(module, "step_seconds", lambda *_: 100.0)
            (unjudged,) = run(subject)
        assert unjudged.passed is None
        assert "would take" in unjudged.what


def test_what_can_not_be_trained_is_refused_as_by_training():
    with pytest.raises(NetworkError, match="no number"):
        outcomes(chain(("in", "Input", {"shape": [8, 8, 1]}), ("fc1", "Dense", {"units": "no number"})))
    with pytest.raises(NetworkError, match="only 7 numbers"):
        outcomes(dense(("fc1", "Dense", {"units": 7})))
