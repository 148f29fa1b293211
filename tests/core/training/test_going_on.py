"""A training that was stopped, or is finished, goes on where it stood; settings change on the way; nothing is lost."""

from dataclasses import replace
from itertools import islice

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import core
from core.errors import DataError, NetworkError, WeightsError
from core.graph.edits import set_config, set_optimizer, set_trainable, set_training
from core.graph.training import Training, TrainingSettings
from core.learning.optimizers import SGD, Adam
from core.training.adjusting import Adjustment, adjusted, waiting
from core.training.messages import Adjusted, Batch, Epoch, Finished, Started
from core.training.standing import fitting_weights
from core.training.trainer import Trainer, train
from tests.core.training.making import chain, linear, rows, small_net, some_digits
from tests.core.training.test_trainer import assert_same_bits

DIGITS = some_digits(200)
KINDS = ("SGD", "Adam", "Adadelta")


def steps(messages):
    return [message for message in messages if isinstance(message, Batch)]


def epochs(messages):
    same = {"seconds": 0, "images_per_second": 0, "is_last": False}  # how fast it was, and where it was to end
    return [replace(message, **same) for message in messages if isinstance(message, Epoch)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("replicas", [1, 2])
def test_two_halves_give_the_bits_of_the_whole(kind, replicas):
    document = set_optimizer(small_net(batch_size=32), kind, {})
    whole, halves = (Trainer(set_training(document, {"epochs": n}), DIGITS, replicas=replicas) for n in (4, 2))
    expected = list(whole.messages())
    first, second = list(halves.messages()), list(halves.messages())
    assert_same_bits(dict(halves.network.weights), dict(whole.network.weights))
    assert steps(first) + steps(second) == steps(expected)
    assert epochs(first) + epochs(second) == epochs(expected)
    begun = second[0]
    assert isinstance(begun, Started)
    assert (begun.step, begun.epoch, begun.seen, begun.epochs) == (len(steps(first)), 2, 0, 4)


@pytest.mark.parametrize("n_steps", [1, 4, 5, 7])  # within an epoch of five, before its validation, and in the second
def test_a_stopped_training_goes_on_in_another_process_so_to_speak(n_steps):
    document = small_net(epochs=2, batch_size=32)
    whole, stopped = Trainer(document, DIGITS), Trainer(document, DIGITS)
    expected = list(whole.messages())
    messages = stopped.messages()
    before = list(islice((message for message in messages if isinstance(message, Batch)), n_steps))
    messages.close()
    resumed = Trainer(document, DIGITS, standing=stopped.standing())
    rest = list(resumed.messages())
    assert_same_bits(dict(resumed.network.weights), dict(whole.network.weights))
    assert before + steps(rest) == steps(expected)
    assert epochs(rest) == epochs(expected)[-len(epochs(rest)) :]
    assert isinstance(rest[-1], Finished)
    assert rest[-1].epochs == 2


SETTINGS = {
    **{name: {"schedule": {"kind": name, "warmup": 0.5}} for name in ("Exponential", "Cosine", "OneCycle")},
    "Step": {"schedule": {"kind": "Step", "every": 0.4, "factor": 0.5}},
    "MultiStep": {"schedule": {"kind": "MultiStep", "at": [0.5, 1, 1.5]}},
    "InverseTime": {"schedule": {"kind": "InverseTime", "decay": 2}},
    "Plateau": {"schedule": {"kind": "Plateau", "factor": 0.5, "patience": 0, "min_delta": 0.5}},
    "early stopping": {"early_stopping": {"patience": 2, "min_delta": 10}},
    "restraint": {"l1": 1e-3, "l2": 1e-3, "clip_norm": 0.5},
    "weights": {"class_weights": "balanced"},
    "hinge": {"loss": {"kind": "hinge", "margin": 2}},
    "smoothing": {"loss": {"kind": "cross_entropy", "label_smoothing": 0.1}, "class_weights": list(range(1, 11))},
}


@pytest.mark.parametrize("n_steps", [5, 7])  # before the validation of the first epoch of five, and in the second
@pytest.mark.parametrize("name", SETTINGS)
def test_whatever_is_set_a_training_goes_on_as_if_it_had_not_stopped(name, n_steps):
    document = small_net(epochs=4, batch_size=32, **SETTINGS[name])
    whole, stopped = Trainer(document, DIGITS), Trainer(document, DIGITS)
    expected = list(whole.messages())
    messages = stopped.messages()
    before = list(islice((message for message in messages if isinstance(message, Batch)), n_steps))
    messages.close()
    resumed = Trainer(document, DIGITS, standing=stopped.standing())
    rest = list(resumed.messages())
    assert before + steps(rest) == steps(expected)
    assert epochs(rest) == epochs(expected)[-len(epochs(rest)) :]
    assert replace(rest[-1], seconds=0) == replace(expected[-1], seconds=0)
    assert_same_bits(dict(resumed.network.weights), dict(whole.network.weights))
    assert resumed.best.epoch == whole.best.epoch
    assert_same_bits(resumed.best.weights, whole.best.weights)


@pytest.mark.parametrize("name", ["smoothing", "weights", "hinge", "restraint"])
def test_whatever_is_set_two_replicas_go_on_too(name):
    document = small_net(epochs=2, batch_size=32, **SETTINGS[name])
    whole, stopped = (Trainer(document, DIGITS, replicas=2) for _ in range(2))
    expected = list(whole.messages())
    messages = stopped.messages()
    before = list(islice((message for message in messages if isinstance(message, Batch)), 3))
    messages.close()
    resumed = Trainer(document, DIGITS, replicas=2, standing=stopped.standing())
    assert before + steps(resumed.messages()) == steps(expected)
    assert_same_bits(dict(resumed.network.weights), dict(whole.network.weights))


def test_a_standing_is_a_copy_that_nobody_can_write_into():
    trainer = Trainer(linear(epochs=1), rows())
    list(trainer.messages())
    standing = trainer.standing()
    kept = {name: array.copy() for name, array in standing.weights.items()}
    list(trainer.messages())
    for name, array in standing.weights.items():
        assert_array_equal(array, kept[name])
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0
    # Adam remembers two; the best weights are kept too.
    assert standing.n_bytes == 4 * sum(array.nbytes for array in standing.weights.values())
    assert standing.is_finite


def test_another_data_order_begins_the_epoch_again_and_another_rule_forgets_the_moments():
    document = linear(epochs=3, batch_size=4)
    trainer = Trainer(document, rows(24))
    messages = trainer.messages()
    list(islice(messages, 3))
    messages.close()
    standing = trainer.standing()
    assert (standing.place.step, standing.place.seen) == (2, 8)
    other_seed = Trainer(set_training(document, {"seed": 7}), rows(24), standing=standing)
    started = next(other_seed.messages())
    assert (started.step, started.epoch, started.seen) == (2, 0, 0)
    other_rule = Trainer(set_optimizer(document, "SGD", {}), rows(24), standing=standing)
    assert not any(array.any() for moment in other_rule.standing().moments for array in moment.values())


def test_the_learning_rate_changes_from_the_next_batch():
    document = set_optimizer(linear(epochs=1, batch_size=4, validation_split=0), "SGD", {"learning_rate": 0.5})
    frozen = set_optimizer(document, "SGD", {"learning_rate": 1e-9})
    trainer = Trainer(document, rows(12))
    messages = trainer.messages()
    list(islice(messages, 2))
    before = dict(trainer.network.weights)
    said = trainer.adjust(frozen.training)
    assert said == Adjusted(1, frozen.training, (Adjustment("learning_rate", 0.5, 1e-9),), 1, 3)
    list(messages)
    for name, array in trainer.network.weights.items():
        assert_allclose(array, before[name], rtol=1e-6, atol=1e-7)
    assert trainer.standing().training.optimizer == SGD(learning_rate=1e-9)


def test_batch_size_epochs_and_l2_change_too():
    document = linear(epochs=1, batch_size=2, validation_split=0)
    trainer = Trainer(document, rows(12))
    messages = trainer.messages()
    assert [message.n for message in islice(messages, 1, 3)] == [2, 2]
    edited = set_training(document, {"batch_size": 4, "epochs": 2, "l2": 0.5, "seed": 9})
    said = trainer.adjust(edited.training)
    assert [a.name for a in said.adjustments] == ["batch_size", "epochs", "l2"]
    assert (said.epochs, said.batches_per_epoch) == (2, 3)
    rest = steps(messages)
    assert [(m.epoch, m.batch, m.n) for m in rest] == [(1, 3, 4), (1, 4, 4), (2, 1, 4), (2, 2, 4), (2, 3, 4)]
    assert trainer.adjust(edited.training) is None
    assert trainer.document.training.settings.seed == 0


def test_schedule_and_restraint_change_from_the_next_batch():
    document = set_optimizer(linear(epochs=2, batch_size=4, validation_split=0), "SGD", {"learning_rate": 0.5})
    trainer = Trainer(document, rows(12))
    messages = trainer.messages()
    before = [message.learning_rate for message in islice(messages, 1, 3)]
    changes = {"schedule": {"kind": "Step", "every": 1, "factor": 0.5}, "clip_norm": 1, "l1": 0.1}
    said = trainer.adjust(set_training(document, changes).training)
    assert said.adjustments == (
        Adjustment("clip_norm", None, 1.0),
        Adjustment("l1", 0.0, 0.1),
        Adjustment("schedule", None, {"kind": "Step", "every": 1.0, "factor": 0.5}),
    )
    assert before + [message.learning_rate for message in steps(messages)] == [0.5, 0.5, 0.5, 0.25, 0.25, 0.25]


def test_other_losses_are_not_compared_with_those_before():
    document = small_net(epochs=1)
    trainer = Trainer(document, DIGITS)
    list(trainer.messages())
    assert trainer.best.epoch == 1
    going_on = Trainer(set_training(document, {"loss": "hinge"}), DIGITS, standing=trainer.standing())
    assert going_on.best is None
    list(going_on.messages())
    assert going_on.best.epoch == 2


def test_what_cannot_change_waits():
    running = Training(TrainingSettings(), SGD())
    edited = Training(TrainingSettings(seed=3, validation_split=0.5, batch_size=8), Adam())
    training, adjustments = adjusted(running, edited)
    assert adjustments == (Adjustment("batch_size", 32, 8),)
    assert training.optimizer == SGD()
    assert waiting(training, edited) == {"seed", "validation_split", "optimizer"}
    assert waiting(edited, edited) == frozenset()


def test_a_batch_size_that_cannot_be_trained_with_is_refused_and_changes_nothing():
    layers = (("input", "Input", {"shape": [4]}), ("fc1", "Dense", {"units": 3}), ("norm1", "BatchNorm", {}))
    document = chain(*layers, ("fc2", "Dense", {"units": 3}), batch_size=4)
    trainer = Trainer(document, rows(12))
    with pytest.raises(NetworkError, match="norm1"):
        trainer.adjust(set_training(document, {"batch_size": 1}).training)
    assert trainer.settings.batch_size == 4


class TestTheFaceForScripts:
    def test_what_was_trained_is_had(self):
        run = core.train(linear(epochs=1), rows())
        first = {name: array.copy() for name, array in run.weights.items()}
        assert isinstance(list(run)[-1], Finished)
        assert run.weights.keys() == {"fc1/kernel", "fc1/bias"}
        assert not np.array_equal(run.weights["fc1/kernel"], first["fc1/kernel"])
        assert run.network.forward(rows().images).shape == (12, 3)

    def test_it_begins_with_weights_that_are_given(self):
        kernel = np.arange(12.0).reshape(4, 3)
        run = train(linear(), rows(), weights={"fc1/kernel": kernel})
        assert_array_equal(run.weights["fc1/kernel"], kernel)
        with pytest.raises(WeightsError, match="no weights named"):
            train(linear(), rows(), weights={"fc9/kernel": kernel})

    @pytest.mark.parametrize("dtype", [np.float64, np.float32, np.uint8])
    def test_it_takes_plain_arrays(self, dtype):
        images = np.ones((6, 4), dtype) * (255 if dtype == np.uint8 else 1)
        run = train(linear(epochs=1), (images, [0, 1, 2, 0, 1, 2]))
        assert next(run).n_training == 5
        assert isinstance([*run][-1], Finished)

    def test_arrays_that_do_not_belong_together_are_refused_by_a_sentence(self):
        with pytest.raises(DataError, match="one whole number for each of the 6 images"):
            train(linear(), (np.ones((6, 4)), [0, 1]))
        with pytest.raises(DataError, match="one whole number"):
            train(linear(), (np.ones((6, 4)), np.ones(6)))

    def test_a_run_that_is_closed_ends(self):
        run = train(linear(), rows())
        next(run)
        run.close()
        assert list(run) == []


def test_layers_go_along_whole_or_not_at_all():
    kept = {"a/kernel": np.ones((2, 3)), "a/bias": np.ones(3), "b/kernel": np.ones((3, 4)), "b/bias": np.ones(4)}
    shapes = {"a/kernel": (2, 3), "a/bias": (3,), "b/kernel": (5, 4), "b/bias": (4,), "c/kernel": (4, 4)}
    assert fitting_weights(kept, shapes).keys() == {"a/kernel", "a/bias"}


def test_an_edited_network_keeps_what_its_other_layers_learned_and_says_so():
    document = small_net(epochs=1)
    trainer = Trainer(document, DIGITS)
    list(trainer.messages())
    standing = trainer.standing()
    edited = set_config(document, "fc1", {"units": 12})
    going_on = Trainer(edited, DIGITS, standing=standing)
    assert_array_equal(going_on.network.weights["conv1/kernel"], standing.weights["conv1/kernel"])
    started = next(going_on.messages())
    assert started.step == 0
    assert started.notes == ("fc1 begins with new weights; the other layers go on with what they had learned",)


def test_a_layer_that_was_frozen_since_keeps_its_weights_and_no_others_moments():
    document = small_net(epochs=1)
    trainer = Trainer(document, DIGITS)
    list(trainer.messages())
    standing = trainer.standing()
    going_on = Trainer(set_trainable(document, "conv1", False), DIGITS, standing=standing)
    assert_array_equal(going_on.network.weights["conv1/kernel"], standing.weights["conv1/kernel"])
    assert not any(array.any() for moment in going_on.standing().moments for array in moment.values())
