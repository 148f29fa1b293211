import os
from contextlib import nullcontext
from dataclasses import FrozenInstanceError, replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from threadpoolctl import threadpool_limits

import core
from core.engine.network import Network
from core.graph.edits import set_training
from core.io.datasets import load_dataset
from core.io.templates import load_template
from core.learning.losses import CrossEntropy
from core.training import course as course_module
from core.training.messages import Batch, Epoch, Finished, Started, Validating
from core.training.snapshots import Interest, take_snapshot
from core.training.trainer import Trainer, train
from tests.core.datasets.making import write_pair
from tests.core.training.making import chain, linear, rows, small_net, some_digits


def kinds(messages):
    return [type(message) for message in messages]


def with_biases(document, data):
    """Make a trainer whose biases are not 0, as they are at the start: what pulls them towards 0 would go unseen."""
    trainer = Trainer(document, data)
    weights = trainer.network.weights
    for name in weights:
        if name.endswith("/bias"):
            weights[name] = np.linspace(0.5, 1.5, weights[name].size)
    return trainer


def weights_after(document, data, make=Trainer, **changes):
    trainer = make(set_training(document, changes) if changes else document, data)
    for _ in trainer.messages():
        pass
    return dict(trainer.network.weights)


def assert_same_bits(first, second):
    assert first.keys() == second.keys()
    for name in first:
        assert_array_equal(first[name], second[name], err_msg=name)


def test_messages_come_in_order_and_count_from_one():
    messages = list(train(linear(epochs=2, batch_size=4, validation_split=0.25), rows(12)))
    epoch = [Batch, Batch, Validating, Epoch]  # 9 samples: 4, then 5 because one would be alone; 3 to validate
    assert kinds(messages) == [Started, *epoch, *epoch, Finished]
    assert messages[0] == Started(2, 2, 9, 3, 15, memory_bytes=messages[0].memory_bytes)
    assert messages[0].memory_bytes > 2 * 4 * 15  # weights and gradients, and something to compute with
    steps = [message for message in messages if isinstance(message, Batch)]
    assert [(m.step, m.epoch, m.batch, m.n) for m in steps] == [(1, 1, 1, 4), (2, 1, 2, 5), (3, 2, 1, 4), (4, 2, 2, 5)]
    assert [(m.epoch, m.step) for m in messages if isinstance(m, Epoch)] == [(1, 2), (2, 4)]
    assert messages[-1].epochs == 2
    assert messages[-1].step == 4
    with pytest.raises(FrozenInstanceError):
        messages[1].loss = 0


def test_validation_says_how_far_it_is():
    messages = list(train(linear(epochs=1, batch_size=2, validation_split=0.5), rows(12)))
    progress = [(m.epoch, m.n, m.n_validation) for m in messages if isinstance(m, Validating)]
    assert progress == [(1, 2, 6), (1, 4, 6), (1, 6, 6)]


def test_an_epoch_is_the_mean_of_its_samples():
    messages = list(train(linear(epochs=1, batch_size=4, validation_split=0), rows(10)))
    steps = [message for message in messages if isinstance(message, Batch)]
    (epoch,) = (message for message in messages if isinstance(message, Epoch))
    assert [m.n for m in steps] == [4, 4, 2]
    assert epoch.train_loss == pytest.approx(sum(m.loss * m.n for m in steps) / 10)
    assert epoch.train_accuracy == pytest.approx(sum(m.accuracy * m.n for m in steps) / 10)
    assert epoch.val_loss is epoch.val_accuracy is None


def test_validation_measures_the_kept_samples_as_at_inference():
    trainer = Trainer(small_net(epochs=2, validation_split=0.3), some_digits(60))
    (*_, epoch) = (message for message in trainer.messages() if isinstance(message, Epoch))
    kept = trainer.validation_indices
    assert len(kept) == 18
    scores = trainer.network.forward(trainer.dataset.pixels(kept))
    loss, _ = CrossEntropy().measure(scores, trainer.dataset.labels[kept])
    assert epoch.val_loss == pytest.approx(loss, rel=1e-5)
    assert epoch.val_accuracy == pytest.approx((scores.argmax(1) == trainer.dataset.labels[kept]).mean())


def test_kept_samples_are_never_learned_from():
    trainer = Trainer(linear(epochs=3, batch_size=4), rows(20))
    seen = []
    learn = trainer.network.loss_and_gradient
    trainer.network.loss_and_gradient = lambda x, labels: seen.append(x.copy()) or learn(x, labels)
    for _ in trainer.messages():
        pass
    rows_seen = {row.tobytes() for x in seen for row in x}
    assert rows_seen == {row.tobytes() for row in trainer.dataset.images[trainer.train_indices]}
    per_epoch = [np.concatenate(seen[i : i + 4]).tobytes() for i in (0, 4, 8)]
    assert len(set(per_epoch)) == 3  # shuffled anew


def test_a_step_of_sgd_is_the_gradient_times_the_rate():
    document = linear(epochs=1, batch_size=99, validation_split=0, optimizer={"kind": "SGD", "learning_rate": 0.5})
    trainer = Trainer(document, rows(12))
    before = Network(document, dtype="float64")
    loss, _ = before.loss_and_gradient(trainer.dataset.images, trainer.dataset.labels)
    expected = before.parameters - 0.5 * before.gradients
    _, step, *_ = trainer.messages()
    assert step.loss == pytest.approx(loss, rel=1e-6)
    assert_allclose(trainer.network.parameters, expected, atol=1e-6)


@pytest.mark.parametrize("optimizer", [{"kind": "SGD", "learning_rate": 0.1, "momentum": 0.9}, {"kind": "Adam"}])
def test_moments_live_from_batch_to_batch(optimizer):
    document = linear(epochs=3, batch_size=4, validation_split=0, optimizer=optimizer)
    trainer = Trainer(document, rows(12))
    slow = Network(document, dtype="float64")
    learn = trainer.network.loss_and_gradient
    m = v = np.zeros(slow.parameters.size)
    steps = []

    def both(x, labels):
        nonlocal m, v
        slow.loss_and_gradient(x, labels)
        g, t = slow.gradients.copy(), len(steps) + 1
        steps.append(t)
        if optimizer["kind"] == "SGD":
            m = 0.9 * m + g
            slow.parameters -= 0.1 * m
        else:
            m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
            slow.parameters -= 0.001 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        return learn(x, labels)

    trainer.network.loss_and_gradient = both
    for _ in trainer.messages():
        pass
    assert len(steps) == 9
    assert_allclose(trainer.network.parameters, slow.parameters, atol=1e-5)
    assert not np.allclose(trainer.network.parameters, Network(document).parameters, atol=1e-3)


def test_l2_pulls_kernels_and_leaves_biases_and_the_reported_loss_alone():
    settings = {"epochs": 1, "batch_size": 99, "validation_split": 0}
    plain = linear(optimizer={"kind": "SGD", "learning_rate": 0.5}, **settings)
    punished = set_training(plain, {"l2": 0.2})
    first = dict(with_biases(plain, rows()).network.weights)
    assert first["fc1/bias"].all()
    free, pulled = (weights_after(document, rows(), with_biases) for document in (plain, punished))
    assert_allclose(pulled["fc1/kernel"], free["fc1/kernel"] - 0.5 * 0.2 * first["fc1/kernel"], atol=1e-6)
    assert_array_equal(pulled["fc1/bias"], free["fc1/bias"])
    runs = [with_biases(document, rows()).messages() for document in (plain, punished)]
    losses = [next(m.loss for m in run if isinstance(m, Batch)) for run in runs]
    assert losses[0] == losses[1]


def test_l2_finds_the_kernels_of_every_layer():
    document = small_net(epochs=1, validation_split=0, batch_size=99, optimizer={"kind": "SGD", "learning_rate": 1e-4})
    first = dict(with_biases(document, some_digits(8)).network.weights)
    assert first["conv1/bias"].all()
    assert first["fc1/bias"].all()
    free, pulled = (weights_after(document, some_digits(8), with_biases, l2=l2) for l2 in (0, 1e3))
    for name, array in first.items():
        shrunk = 0.1 * array if name.endswith("/kernel") else 0
        assert_allclose(pulled[name], free[name] - shrunk, atol=1e-6, err_msg=name)


def test_frozen_layers_stay_as_they_are():
    document = small_net(epochs=2, l2=0.1, batch_size=8)
    layers = tuple(replace(layer, trainable=layer.id != "conv1") for layer in document.graph.layers)
    document = replace(document, graph=replace(document.graph, layers=layers))
    first = dict(Network(document).weights)
    after = weights_after(document, some_digits(40))
    assert_array_equal(after["conv1/kernel"], first["conv1/kernel"])
    assert_array_equal(after["conv1/bias"], first["conv1/bias"])
    assert not np.array_equal(after["fc1/kernel"], first["fc1/kernel"])


def test_the_seed_decides_every_bit():
    document, data = small_net(epochs=2, batch_size=16), some_digits(100)
    first = weights_after(document, data, seed=5)
    assert_same_bits(first, weights_after(document, data, seed=5))
    other = weights_after(document, data, seed=6)
    assert not np.array_equal(first["conv1/kernel"], other["conv1/kernel"])


def test_a_paused_and_watched_run_gives_the_same_bits_on_any_number_of_threads():
    document, data = small_net(epochs=2, batch_size=16), some_digits(100)
    trainer = Trainer(document, data)
    sample = trainer.dataset.pixels(slice(0, 1))[0]
    interest = Interest(frozenset({"conv1"}), frozenset({"relu1", "fc1"}))
    with threadpool_limits(2, user_api="blas"):
        for step, _ in enumerate(trainer.messages()):
            take_snapshot(trainer.network, interest, sample, step)
            trainer.network.evaluate(trainer.dataset.pixels(slice(0, 7)), trainer.dataset.labels[:7])
    assert_same_bits(dict(trainer.network.weights), weights_after(document, data))


def test_nothing_runs_between_messages_and_closing_stops():
    trainer = Trainer(small_net(epochs=2, batch_size=16), some_digits(100))
    messages = trainer.messages()
    first = trainer.network.parameters.copy()
    assert isinstance(next(messages), Started)
    assert_array_equal(trainer.network.parameters, first)
    assert isinstance(next(messages), Batch)
    second = trainer.network.parameters.copy()
    assert not np.array_equal(first, second)
    messages.close()
    assert_array_equal(trainer.network.parameters, second)
    assert next(messages, None) is None


def test_pauses_and_validation_do_not_count_as_training_time(monkeypatch):
    clock = [0.0]

    def tick():
        clock[0] += 1
        return clock[0]

    monkeypatch.setattr(course_module, "perf_counter", tick)
    found = []
    for message in train(linear(epochs=2, batch_size=3, validation_split=0.25), rows(12)):
        clock[0] += 1000  # somebody has a coffee
        found.append(message)
    epochs = [message for message in found if isinstance(message, Epoch)]
    assert [epoch.seconds for epoch in epochs] == [3, 3]  # 9 samples, 3 steps
    assert [epoch.images_per_second for epoch in epochs] == [3, 3]
    assert found[-1].seconds == 6


def test_a_document_brings_its_own_data(tmp_path):
    write_pair(tmp_path / "mine", n=10)
    document = set_training(linear(features=12, units=10, batch_size=4), {"dataset": "mine"})
    trainer = Trainer(document, base=tmp_path)
    started = next(trainer.messages())
    assert (started.n_training, started.n_validation) == (8, 2)
    assert started.notes == ("mine/train: rearranged from 4×3×1 to 12 values",)
    assert trainer.dataset.shape == (12,)


def test_digits_are_the_default_and_what_is_done_to_them_is_said():
    trainer = Trainer(linear(features=64, units=10))
    started = next(trainer.messages())
    assert started.n_training + started.n_validation == len(load_dataset("digits")) == 1797
    assert started.n_validation == 359
    assert started.notes == ("digits: rearranged from 8×8×1 to 64 values",)


def test_a_batch_larger_than_the_data_is_said():
    started = next(train(linear(batch_size=32), rows(10)))
    assert started.batches_per_epoch == 1
    assert started.notes == ("the 8 training samples make one batch, smaller than the 32 that are set",)


def test_a_single_sample():
    started, *messages = train(linear(epochs=2, batch_size=1), rows(1))
    assert started.notes == ("a single sample leaves none to validate with",)
    assert kinds(messages) == [Batch, Epoch, Batch, Epoch, Finished]


def test_a_final_softmax_learns_as_its_logits_do():
    def net(*end):
        layers = ("input", "Input", {"shape": [4]}), ("fc1", "Dense", {"units": 3}), *end
        return chain(*layers, epochs=2, batch_size=4)

    assert_same_bits(weights_after(net(), rows()), weights_after(net(("soft", "Softmax", {})), rows()))


def test_training_goes_on_from_the_weights_as_they_are():
    document = linear(epochs=1, batch_size=99, validation_split=0)
    trainer = Trainer(document, rows())
    losses = [message.loss for _ in range(3) for message in trainer.messages() if isinstance(message, Batch)]
    assert losses[0] > losses[1] > losses[2]


def test_json_of_an_epoch():
    (epoch,) = (m for m in train(linear(epochs=1), rows()) if isinstance(m, Epoch))
    assert list(epoch.as_json()) == [
        *("epoch", "train_loss", "train_accuracy", "val_loss", "val_accuracy", "seconds", "images_per_second"),
        "learning_rate",
    ]
    assert epoch.learning_rate == 0.001
    assert all(type(value) in (int, float) for value in epoch.as_json().values())


def test_the_public_face():
    assert core.train is train


def test_replicas_give_the_same_run_as_one_thread_that_plays_them_all():
    document = load_template("lenet5")
    document = set_training(document, {"epochs": 1, "batch_size": 64})

    def run(shared):
        trainer = Trainer(document, replicas=2)
        if not shared:
            trainer.network.replicas_at_work = lambda largest: nullcontext()
        messages = list(trainer.messages())
        assert messages[0].replicas == 2
        return messages[-2], trainer.network.parameters.tobytes()

    (epoch, weights), (alone, same) = run(shared=True), run(shared=False)
    assert weights == same
    assert (epoch.train_loss, epoch.val_loss) == (alone.train_loss, alone.val_loss)


def test_a_run_that_is_given_up_leaves_no_process():
    trainer = Trainer(set_training(load_template("lenet5"), {"epochs": 1}), replicas=2)
    messages = trainer.messages()
    next(messages)
    (pid,) = trainer.network._team.process_ids
    messages.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
