"""The best weights are kept, and early stopping ends a run that brings no gain any more."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from core.graph.edits import set_training
from core.learning.stopping import EarlyStopping, Figures
from core.training.best import end_reason, is_better
from core.training.messages import Batch, Epoch, Finished
from core.training.trainer import Trainer, train
from tests.core.training.making import linear, rows, small_net, some_digits

DIGITS = some_digits(200)


def epochs_of(messages):
    return [message for message in messages if isinstance(message, Epoch)]


def test_the_best_weights_are_those_after_the_best_epoch():
    run = train(small_net(epochs=6, optimizer={"kind": "SGD", "learning_rate": 0.3}), DIGITS)
    at_end, seen = {}, []
    for message in run:
        if isinstance(message, Epoch):
            at_end[message.epoch] = dict(run.weights)
            seen.append(message)
            assert (run.best.epoch == message.epoch) == message.is_best
    best = max(seen, key=lambda epoch: (epoch.val_accuracy, -epoch.val_loss))
    assert run.best.epoch == best.epoch
    assert run.best.figures == Figures(best.train_loss, best.val_loss, best.val_accuracy)
    for name, array in run.best.weights.items():
        assert_array_equal(array, at_end[best.epoch][name])
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_without_validation_the_training_loss_decides():
    run = train(linear(epochs=3, validation_split=0), rows())
    seen = epochs_of(run)
    assert run.best.epoch == min(seen, key=lambda epoch: epoch.train_loss).epoch


def test_of_equals_the_first_is_the_best():
    same = Figures(1, 0.5, 0.9)
    assert not is_better(same, same, None)
    assert not is_better(same, same, EarlyStopping())
    assert is_better(same, None, None)


@pytest.mark.parametrize(
    ("stopping", "values", "n"),
    [
        (EarlyStopping(), [3, 2, 1], 0),
        (EarlyStopping(), [3, 2, 2, 2], 2),
        (EarlyStopping(), [1, 2, 0.5, 0.6, 0.7], 2),
        (EarlyStopping(min_delta=0.5), [3, 2.6, 2.4], 0),  # gains add up against the best that counted
        (EarlyStopping(min_delta=0.5), [3, 2.6, 2.55], 2),
        (EarlyStopping(monitor="val_accuracy"), [0.5, 0.4, 0.6, 0.6], 1),
        (EarlyStopping(), [], 0),
    ],
)
def test_epochs_without_gain_are_counted(stopping, values, n):
    history = [Figures(0, value, 0) if stopping.monitor == "val_loss" else Figures(0, 0, value) for value in values]
    assert stopping.n_without_gain(history) == n


def test_a_run_that_brings_no_gain_ends_and_says_why():
    document = small_net(epochs=50, early_stopping={"patience": 2, "min_delta": 10})
    *_, finished = run = list(train(document, DIGITS))
    assert isinstance(finished, Finished)
    assert len(epochs_of(run)) == finished.epochs == 3  # the first is a gain, then two without
    assert finished.reason == "The validation loss has brought no gain of more than 10 for 2 epochs."
    losses = [epoch.val_loss for epoch in epochs_of(run)]
    assert finished.best_epoch == 1 + losses.index(min(losses))


def test_a_run_that_ends_with_its_epochs_gives_no_reason():
    document = small_net(epochs=3, early_stopping={"patience": 2, "min_delta": 10})
    *_, finished = train(document, DIGITS)
    assert (finished.epochs, finished.reason) == (3, "")


def test_after_an_early_end_patience_begins_anew():
    document = small_net(epochs=50, early_stopping={"patience": 2, "min_delta": 10})
    trainer = Trainer(document, DIGITS)
    first, second = (epochs_of(trainer.messages()) for _ in range(2))
    assert [len(first), len(second)] == [3, 3]
    resumed = Trainer(document, DIGITS, standing=trainer.standing())
    assert len(epochs_of(resumed.messages())) == 3


def test_a_pause_does_not_lengthen_patience():
    document = small_net(epochs=50, early_stopping={"patience": 4, "min_delta": 10})
    trainer = Trainer(document, DIGITS)
    messages = trainer.messages()
    paused = list(islice((m for m in messages if isinstance(m, Epoch)), 3))
    messages.close()
    assert len(paused) + len(epochs_of(trainer.messages())) == 5


def test_early_stopping_can_be_switched_on_while_a_run_goes_on():
    document = small_net(epochs=50)
    trainer = Trainer(document, DIGITS)
    messages = trainer.messages()
    list(islice((m for m in messages if isinstance(m, Epoch)), 3))
    trainer.adjust(set_training(document, {"early_stopping": {"patience": 1, "min_delta": 10}}).training)
    *_, finished = messages
    assert finished.epochs == 3  # two without gain are more than it puts up with
    assert "for 2 epochs" in finished.reason


def test_the_rate_of_every_step_is_told():
    document = linear(epochs=2, batch_size=4, validation_split=0, schedule={"kind": "Step", "every": 1, "factor": 0.5})
    document = set_training(document, {"optimizer": {"kind": "SGD", "learning_rate": 0.5}})
    messages = list(train(document, rows(12)))
    assert [m.learning_rate for m in messages if isinstance(m, Batch)] == [0.5] * 3 + [0.25] * 3
    assert [m.as_json()["learning_rate"] for m in epochs_of(messages)] == [0.5, 0.25]


def test_a_plateau_follows_the_validation_loss():
    document = small_net(epochs=4, schedule={"kind": "Plateau", "factor": 0.5, "patience": 0, "min_delta": 0.99})
    rates = [epoch.learning_rate for epoch in epochs_of(train(document, DIGITS))]
    assert rates == [0.001, 0.001, 0.0005, 0.00025]


def test_no_reason_without_early_stopping():
    assert end_reason(None, [Figures(0, 1, 1)] * 100) == ""


def test_messages_are_values():
    first, second = (epochs_of(train(linear(epochs=2), rows())) for _ in range(2))
    alike = [[replace(m, seconds=0, images_per_second=0) for m in epochs] for epochs in (first, second)]
    assert alike[0] == alike[1]
    assert np.isfinite(first[0].learning_rate)
