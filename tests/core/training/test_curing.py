"""A cure is offered only once it was tried."""

import math
from dataclasses import replace

import numpy as np
import pytest

from core.errors import NetworkError
from core.graph.edits import set_training
from core.graph.fixing import apply_fix
from core.problems import Fix, Replace, SetTraining
from core.training.curing import try_cures
from core.training.curing_messages import Curing, Tried
from core.training.messages import Finding
from core.training.trainer import Trainer
from tests.core.training.making import some_digits
from tests.core.training.test_diagnoses import SICK, adam, dense, hidden, lenet, noise, sgd


def found(document, code, data=None):
    messages = Trainer(document, data, replicas=1).messages()
    return next(message for message in messages if isinstance(message, Finding) and message.code == code)


def tried(document, finding, data=None, **limits):
    return [message for message in try_cures(document, finding, data, **limits) if isinstance(message, Tried)]


NO_CURE = {"empty_pictures", "training_below_validation"}
"""No edit makes anything of black pictures, and a note needs none."""


@pytest.mark.parametrize("name", [name for name, (_, _, code, _) in SICK.items() if code not in NO_CURE])
def test_for_every_sick_run_a_cure_is_found_that_helps(name):
    document, make, code, _ = SICK[name]
    document, data = set_training(document, {"epochs": 4}), make and make()
    finding = found(document, code, data)
    outcomes = tried(document, finding, data)
    assert [outcome.cure for outcome in outcomes] == list(finding.cures)
    helping = [outcome for outcome in outcomes if outcome.helps]
    assert helping, outcomes
    for outcome in helping:
        assert f"instead of {outcome.before:.2f}" in outcome.what
        assert apply_fix(document, outcome.cure) != document


def blurred():
    """Digits under so much noise that few of them are learned by heart."""
    digits = some_digits(300)
    pixels = digits.images.astype(np.float32) / 16
    grain = np.random.default_rng(0).normal(0, 0.5, pixels.shape)
    return replace(digits, images=np.clip(pixels + grain, 0, 1).astype(np.float32), scale=1.0)


def test_against_learning_by_heart_the_loss_of_validation_is_judged():
    document = dense(*hidden("ReLU", 1, 256), batch_size=4, validation_split=0.8, epochs=30, optimizer=adam(0.002))
    data = blurred()
    outcomes = tried(document, found(document, "over_fitting", data), data)
    helping = [outcome.cure.label for outcome in outcomes if outcome.helps]
    assert "Set L2 to 0.01" in helping
    assert all(" after 20 epochs instead of " in outcome.what and ", loss " in outcome.what for outcome in outcomes)


def test_where_there_is_nothing_to_learn_no_cure_is_offered():
    document = dense(*hidden("ReLU", 1, 512), batch_size=1, validation_split=0.4, epochs=30, optimizer=sgd(0.01))
    outcomes = tried(document, found(document, "over_fitting", noise()), noise())
    assert len(outcomes) == 3
    assert not any(outcome.helps for outcome in outcomes)


def test_what_does_not_help_is_said_too():
    document = lenet(epochs=1, optimizer=sgd(0.09))
    finding = found(document, "dead_relus")
    useless = Fix("Set L2", (SetTraining({"l2": 1e-9}),))
    (outcome,) = tried(document, replace(finding, cures=(useless,)))
    assert not outcome.helps
    assert outcome.what == "Validation accuracy 0.10 after 1 epoch instead of 0.10."  # still dead at the epoch's end


def test_a_cure_that_no_longer_fits_says_why():
    document = lenet(epochs=1, optimizer=sgd(0.09))
    finding = found(document, "dead_relus")
    (outcome,) = tried(document, replace(finding, cures=(Fix("Gone", (Replace("gone", "ReLU", {}),)),)))
    assert not outcome.helps
    assert "gone" in outcome.what
    assert math.isnan(outcome.after)


def test_a_trial_can_be_ended_at_any_step_and_is_bounded():
    document = lenet(epochs=100, optimizer=sgd(0.09))
    finding = found(document, "dead_relus")
    trials = try_cures(document, finding)
    assert next(trials) == Curing(None, 0.0)
    trials.close()
    hasty = tried(document, finding, seconds=0.0)
    assert len(hasty) == len(finding.cures)
    assert "after 0 samples" in hasty[0].what


def test_a_document_that_cannot_be_trained_is_refused():
    document = dense(*hidden("ReLU", 1), epochs=1)
    finding = Finding("only_guessing", "advice", 1, "It guesses.", "")
    broken = set_training(document, {"optimizer": {"kind": "None such"}})
    with pytest.raises(NetworkError):
        list(try_cures(broken, finding))
