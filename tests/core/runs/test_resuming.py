"""A run that is kept goes on from its folder, or is replayed, to the bits that it would have had without a stop."""

from dataclasses import replace

import numpy as np
import pytest

from core.errors import DataError
from core.graph.edits import set_optimizer, set_training
from core.io.weights import read_weights, write_weights
from core.runs.record import read_record
from core.runs.resuming import go_on, replay, resumed
from core.runs.standings import standing_arrays
from core.runs.store import RunStore
from core.runs.stored import read_run
from core.training.messages import Adjusted, Batch, Epoch, Finished
from core.training.trainer import Trainer
from tests.core.training.making import chain, linear, rows, small_net, some_digits
from tests.core.training.test_trainer import assert_same_bits

DIGITS = some_digits(200)


def trainer_of(document, data=DIGITS, replicas=1, **how):
    return Trainer(document, data, replicas=replicas, **how)


def steps(messages):
    return [message for message in messages if isinstance(message, Batch)]


def figures(epochs):
    return [replace(epoch, seconds=0, images_per_second=0) for epoch in epochs]


def kept(store, trainer, until=None, **how):
    """Train, keeping the run, to its end or a step; return the messages and the run."""
    writer = store.begin(trainer, **how)
    messages, said = writer.messages(), []
    for message in messages:
        said.append(message)
        if isinstance(message, Batch) and message.step == until:
            break
    messages.close()
    assert writer.failure is None
    return said, read_run(writer.folder)


def finish(run, data=DIGITS, **how):
    trainer, standing = resumed(run, data, **how)
    writer = go_on(run, trainer, standing)
    said = list(writer.messages())
    assert writer.failure is None
    return said, trainer


@pytest.mark.parametrize("kind", ["SGD", "Adam"])
@pytest.mark.parametrize("replicas", [1, 2])
@pytest.mark.parametrize("until", [3, 5, 7])  # within an epoch of five, before its validation, in the second
def test_a_stopped_run_goes_on_to_the_same_bits(tmp_path, kind, replicas, until):
    document = set_optimizer(small_net(epochs=3, batch_size=32), kind, {"learning_rate": 0.01})
    whole = trainer_of(document, replicas=replicas)
    expected = list(whole.messages())
    before, run = kept(RunStore(tmp_path), trainer_of(document, replicas=replicas), until)
    assert (run.state, run.record.step, run.record.replicas) == ("stopped", until, replicas)
    rest, trainer = finish(run)
    assert_same_bits(dict(trainer.network.weights), dict(whole.network.weights))
    assert steps(before) + steps(rest) == steps(expected)
    run = read_run(run.folder)
    assert run.state == "finished"
    assert figures(run.curve) == figures(message for message in expected if isinstance(message, Epoch))
    assert_same_bits(run.last_weights(), dict(whole.network.weights))
    assert run.batches["loss"].tolist() == [message.loss for message in steps(expected)]


def test_it_can_be_stopped_and_resumed_again_and_again(tmp_path):
    document = small_net(epochs=2, batch_size=32)
    whole = trainer_of(document)
    list(whole.messages())
    _, run = kept(RunStore(tmp_path), trainer_of(document), 1)
    while run.state == "stopped":
        trainer, standing = resumed(run, DIGITS)
        messages = go_on(run, trainer, standing).messages()
        for message in messages:
            if isinstance(message, Batch) and message.step % 3 == 0:
                break
        messages.close()
        run = read_run(run.folder)
    assert run.state == "finished"
    assert_same_bits(run.last_weights(), dict(whole.network.weights))


def test_a_finished_run_goes_on_to_more_epochs_as_if_they_had_been_set_at_first(tmp_path):
    document = small_net(epochs=1, batch_size=32)
    whole = trainer_of(set_training(document, {"epochs": 3}))
    list(whole.messages())
    _, run = kept(RunStore(tmp_path), trainer_of(document))
    _, trainer = finish(run, epochs=3)
    assert_same_bits(dict(trainer.network.weights), dict(whole.network.weights))
    again = read_run(run.folder)
    assert again.record.epochs == 3
    replayed = replay(again, DIGITS)
    list(replayed.messages())
    assert_same_bits(dict(replayed.network.weights), dict(whole.network.weights))


def test_a_run_with_all_its_epochs_has_nothing_left_to_do(tmp_path):
    _, run = kept(RunStore(tmp_path), trainer_of(small_net(epochs=1, batch_size=32)))
    weights = run.last_weights()
    trainer, standing = resumed(run, DIGITS)
    assert trainer.is_done
    assert isinstance(list(go_on(run, trainer, standing).messages())[-1], Finished)
    assert_same_bits(dict(trainer.network.weights), weights)
    assert read_run(run.folder).record.epochs == 1


def test_epochs_that_were_counted_anew_are_counted_on(tmp_path):
    """A run that went on from a finished one does as many epochs again, also when it is stopped on its way."""
    document = small_net(epochs=2, batch_size=32)
    first = trainer_of(document)
    list(first.messages())
    whole = trainer_of(document, standing=first.standing())
    list(whole.messages())
    _, run = kept(RunStore(tmp_path), trainer_of(document, standing=first.standing()), 17, is_new=False)
    said, trainer = finish(run)
    assert said[-1].epochs == 4
    assert_same_bits(dict(trainer.network.weights), dict(whole.network.weights))
    replayed = replay(read_run(run.folder), DIGITS)
    list(replayed.messages())
    assert_same_bits(dict(replayed.network.weights), dict(whole.network.weights))


class TestSettingsThatWereChangedOnTheWay:
    def changed(self, tmp_path, until=None):
        document = set_optimizer(small_net(epochs=3, batch_size=32), "SGD", {"learning_rate": 0.1})
        trainer = trainer_of(document)
        writer = RunStore(tmp_path).begin(trainer)
        messages = writer.messages()
        changes = {2: {"learning_rate": 0.01}, 8: {"momentum": 0.5}, 9: {"learning_rate": 0.02}}
        for message in messages:
            if isinstance(message, Batch) and message.step == until:
                break
            if isinstance(message, Batch) and message.step in changes:
                edited = set_optimizer(trainer.document, "SGD", changes[message.step])
                if message.step == 8:
                    edited = set_training(edited, {"batch_size": 16, "epochs": 4})
                adjusted = trainer.adjust(edited.training)
                assert isinstance(adjusted, Adjusted)
                writer.note(adjusted)
        messages.close()
        return trainer, read_run(writer.folder)

    def test_they_are_in_the_record(self, tmp_path):
        _, run = self.changed(tmp_path)
        assert [a.step for a in run.record.adjustments] == [2, 8, 9]
        assert run.record.adjustments[0].changes == {"learning_rate": (0.1, 0.01)}
        assert run.record.trained.training.settings.epochs == 4
        assert run.record.document.training.optimizer.learning_rate == 0.1

    def test_a_replay_has_the_same_bits(self, tmp_path):
        trainer, run = self.changed(tmp_path)
        replayed = replay(run, DIGITS)
        said = list(replayed.messages())
        assert_same_bits(dict(replayed.network.weights), dict(trainer.network.weights))
        assert [message.loss for message in steps(said)] == run.batches["loss"].tolist()

    def test_a_stopped_run_is_replayed_to_where_it_stopped(self, tmp_path):
        trainer, run = self.changed(tmp_path, until=12)
        replayed = replay(run, DIGITS)
        assert steps(replayed.messages())[-1].step == 12
        assert_same_bits(dict(replayed.network.weights), dict(trainer.network.weights))

    def test_what_was_changed_after_the_last_standing_is_changed_again(self, tmp_path):
        whole, _ = self.changed(tmp_path / "whole")
        _, run = self.changed(tmp_path / "stopped", until=12)
        early = replay(run, DIGITS)  # as if the standing of step 7 were the last one that was written
        for message in early.messages():
            if isinstance(message, Batch) and message.step == 7:
                break
        write_weights(run.folder / "resume.npz", standing_arrays(early.standing()))
        _, trainer = finish(run)
        assert_same_bits(dict(trainer.network.weights), dict(whole.network.weights))
        assert [a.step for a in read_record(run.folder).adjustments] == [2, 8, 9]


def test_weights_that_were_given_are_where_a_replay_begins(tmp_path):
    kernel = np.arange(12.0).reshape(4, 3)
    trainer = trainer_of(linear(epochs=2), rows(), weights={"fc1/kernel": kernel})
    _, run = kept(RunStore(tmp_path), trainer, is_new=False)
    replayed = replay(run, rows())
    list(replayed.messages())
    assert_same_bits(dict(replayed.network.weights), dict(trainer.network.weights))


def test_the_best_weights_are_those_of_the_best_epoch(tmp_path):
    document = small_net(epochs=6, batch_size=32)
    trainer = trainer_of(document)
    writer = RunStore(tmp_path).begin(trainer)
    at_epochs = {}
    for message in writer.messages():
        if isinstance(message, Epoch):
            at_epochs[message.epoch] = (message, dict(trainer.network.weights))
    run = read_run(writer.folder)
    best = max(at_epochs, key=lambda n: (at_epochs[n][0].val_accuracy, -at_epochs[n][0].val_loss))
    assert run.record.best_epoch == best
    assert run.record.best["val_accuracy"] == at_epochs[best][0].val_accuracy
    assert_same_bits(run.best_weights(), at_epochs[best][1])


@pytest.mark.parametrize("step", [{"kind": "Standardize", "per": "pixel"}, {"kind": "PCA", "components": 20}])
def test_samples_are_prepared_as_they_were(tmp_path, step):
    layers = (("input", "Input", {"shape": [64]}), ("fc1", "Dense", {"units": 10}))
    document = chain(*layers, epochs=3, batch_size=32, preprocessing=[step])
    whole = trainer_of(document)
    list(whole.messages())
    _, run = kept(RunStore(tmp_path), trainer_of(document), 7)
    assert run.standing().beside.steps
    _, trainer = finish(run)
    assert_same_bits(dict(trainer.network.weights), dict(whole.network.weights))
    replayed = replay(read_run(run.folder), DIGITS)
    list(replayed.messages())
    assert_same_bits(dict(replayed.network.weights), dict(whole.network.weights))
    assert any(name.startswith("preprocessing/0/") for name in np.load(run.folder / "best.npz"))


def test_early_stopping_and_a_plateau_count_on(tmp_path):
    settings = {
        "early_stopping": {"monitor": "val_accuracy", "patience": 4},
        "schedule": {"kind": "Plateau", "patience": 1, "min_delta": 0.5},
    }
    document = small_net(epochs=40, batch_size=32, **settings)
    whole = trainer_of(document)
    expected = list(whole.messages())
    assert expected[-1].reason
    rates = {message.learning_rate for message in steps(expected)}
    assert len(rates) > 1
    _, run = kept(RunStore(tmp_path), trainer_of(document), steps(expected)[-1].step - 7)
    said, trainer = finish(run)
    assert said[-1].reason == expected[-1].reason
    assert said[-1].best_epoch == expected[-1].best_epoch
    assert_same_bits(dict(trainer.network.weights), dict(whole.network.weights))
    run = read_run(run.folder)
    assert run.record.best_epoch == expected[-1].best_epoch
    assert_same_bits(run.best_weights(), whole.best.weights)
    assert_same_bits(run.standing().best.weights, whole.best.weights)
    assert resumed(run, DIGITS)[0].is_done
    assert not resumed(run, DIGITS, epochs=40)[0].is_done


def test_a_diverged_run_says_so_and_is_not_gone_on_from(tmp_path):
    document = linear(epochs=500, batch_size=4, l2=1.0, optimizer={"kind": "SGD", "learning_rate": 2.05})
    _, run = kept(RunStore(tmp_path), trainer_of(document, rows()))
    assert run.state == "diverged"
    assert any("rose" in note for note in run.record.notes)
    assert not run.has_standing
    with pytest.raises(DataError, match="has diverged"):
        resumed(run, rows())


def test_other_data_are_refused(tmp_path):
    _, run = kept(RunStore(tmp_path), trainer_of(small_net(epochs=1, batch_size=32)), 3)
    with pytest.raises(DataError, match=r"other samples than run 1 was trained on \(200 samples then, 199 now"):
        resumed(run, some_digits(199))
    labels = DIGITS.labels.copy()
    labels[7] = 1 - labels[7] % 2
    with pytest.raises(DataError, match="other samples"):
        resumed(run, replace(DIGITS, labels=labels))


def test_a_run_that_is_on_is_not_resumed(tmp_path):
    writer = RunStore(tmp_path).begin(trainer_of(small_net()))
    messages = writer.messages()
    next(messages)
    run = read_run(writer.folder)
    assert run.state == "running"
    assert read_record(writer.folder).state == "interrupted"  # which is what holds if nothing more is written
    with pytest.raises(DataError, match="is on in another process"):
        resumed(run, DIGITS)
    messages.close()
    assert read_run(writer.folder).state == "stopped"


def test_ticks_are_weights_at_their_steps_and_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr("core.runs.ticks.MOST", 6)
    monkeypatch.setattr("core.runs.ticks.LEAST_SECONDS", 0)
    trainer = trainer_of(small_net(epochs=6, batch_size=32))
    writer = RunStore(tmp_path).begin(trainer)
    at_steps = {0: dict(trainer.network.weights)}
    for message in writer.messages():
        if isinstance(message, Batch):
            at_steps[message.step] = dict(trainer.network.weights)
    run = read_run(writer.folder)
    assert 3 <= len(run.ticks) <= 6
    assert 0 in run.ticks
    for step, path in run.ticks.items():
        stored = read_weights(path, run.shapes)
        assert {array.dtype.name for array in stored.values()} == {"float16"}
        for name, array in stored.items():
            np.testing.assert_allclose(array, at_steps[step][name], rtol=2**-11, atol=2**-24)
