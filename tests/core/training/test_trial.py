"""A learning rate is tried before it is offered."""

import re

import numpy as np
import pytest

from core.graph.edits import set_optimizer, set_training
from core.io.templates import load_template
from core.training.messages import Batch, Diverged, Finding, Started, Trying
from core.training.trainer import Trainer, train
from core.training.trial import BATCHES, MOST_RATES
from tests.core.training.making import chain, linear, rows, small_net, some_digits

OFFER = re.compile(r"Try a learning rate of (\S+) instead of (\S+): ")
LAYERS = ("input", "Input", {"shape": [8, 8, 1]}), ("flat", "Flatten", {}), ("fc1", "Dense", {"units": 20})


def two_layers(kind, rate, *between, **training):
    optimizer = {"kind": kind, "learning_rate": rate}
    return chain(*LAYERS, *between, ("fc2", "Dense", {"units": 10}), epochs=4, optimizer=optimizer, **training)


def offered(last):
    found = OFFER.search(last.why)
    return float(found[1]) if found else None


@pytest.mark.parametrize("rate", [5.0, 100.0, 1000.0])
@pytest.mark.parametrize("kind", ["SGD", "RMSProp", "Adam"])
@pytest.mark.parametrize("between", [(), (("norm", "BatchNorm", {}), ("relu", "ReLU", {}))])
def test_the_rate_that_is_offered_makes_the_run_better_than_guessing(kind, rate, between):
    document, digits = two_layers(kind, rate, *between), some_digits(400)
    *_, last = train(document, digits)
    if not isinstance(last, Diverged):
        pytest.skip("it does not diverge")
    rate = offered(last)
    assert rate is not None
    optimizer = document.training.optimizer.with_settings({"learning_rate": rate})
    cured = set_training(document, {"optimizer": {"kind": kind} | optimizer.config()})
    *_, epoch, finished = (m for m in train(cured, digits) if not isinstance(m, Batch | Finding))
    assert not isinstance(finished, Diverged)
    assert epoch.train_loss < np.log(10)


def test_what_is_offered_is_what_was_measured():
    *_, last = train(two_layers("SGD", 1000.0), some_digits(400))
    rate = offered(last)
    assert rate < 100  # a tenth, as was said untried, diverges too
    assert f"in {BATCHES} batches from the weights of the start it brought the loss from" in last.why


def test_where_no_rate_helps_none_is_offered(monkeypatch):
    document, data = two_layers("SGD", 1000.0), some_digits(200)
    trainer = Trainer(document, data)
    monkeypatch.setattr("core.training.trial.RateTrial._loss", lambda self: 1.0)
    *_, last = trainer.messages()
    assert offered(last) is None
    assert "none of the learning rates from 100 down to 1e-05 brought the loss down" in last.why


def test_the_weights_stay_as_the_run_left_them():
    trainer = Trainer(two_layers("SGD", 100.0), some_digits(200))
    course = trainer.messages()
    tried = next(message for message in course if isinstance(message, Trying))
    assert tried.diverged.step > 1
    *_, last = course
    left = trainer.network.parameters.copy()
    stopped = Trainer(two_layers("SGD", 100.0), some_digits(200))
    course = stopped.messages()
    next(message for message in course if isinstance(message, Trying))
    course.close()  # in the middle of the trial
    assert np.array_equal(stopped.network.parameters, left)
    assert last.step == tried.diverged.step


def test_the_trial_is_bounded_and_can_be_ended_between_its_steps():
    document = linear(epochs=9, batch_size=4, optimizer={"kind": "SGD", "learning_rate": 1000.0}, l2=1.0)
    messages = list(train(document, rows(40)))
    assert isinstance(messages[0], Started)
    tried = [message for message in messages if isinstance(message, Trying)]
    assert 0 < len(tried) <= BATCHES * MOST_RATES


def test_a_trial_draws_as_if_nothing_had_been():
    trainer = Trainer(small_net(optimizer={"kind": "SGD", "learning_rate": 1000.0}), some_digits(200))
    *_, last = trainer.messages()
    assert isinstance(last, Diverged)
    assert trainer.network.n_drawn == last.step


class TestAfterAnEarlierTraining:
    @pytest.fixture
    def trained(self):
        document = set_optimizer(
            set_training(load_template("digits_cnn"), {"epochs": 3}), "SGD", {"learning_rate": 0.1}
        )
        trainer = Trainer(document)
        list(trainer.messages())
        return trainer.standing()

    @pytest.fixture
    def diverging(self, trained):
        document = set_training(load_template("digits_cnn"), {"epochs": 3})
        return Trainer(set_optimizer(document, "SGD", {"learning_rate": 500.0, "momentum": 0.9}), standing=trained)

    def test_rates_are_tried_from_where_the_run_went_on(self, diverging):
        *_, last = diverging.messages()
        assert isinstance(last, Diverged)
        before = float(last.why.partition("brought the loss from ")[2].partition(" to ")[0])
        assert before < 1  # new weights would begin near ln 10

    def test_what_the_optimiser_remembers_stays_as_the_run_left_it(self, diverging):
        messages = diverging.messages()
        next(message for message in messages if isinstance(message, Trying))
        during = diverging.standing().moments
        list(messages)
        for one, other in zip(during, diverging.standing().moments, strict=True):
            for name, array in one.items():
                np.testing.assert_array_equal(array, other[name])
        assert any(array.any() for array in during[0].values())
