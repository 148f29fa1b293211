"""What is said of a run that leads nowhere, or whose figures mislead."""

import json
from dataclasses import replace

import numpy as np
import pytest

from core.io.datasets import Dataset
from core.training.findings.facts import Facts
from core.training.findings.findings import SIGNS
from core.training.messages import Batch, Epoch, Finding, Started
from core.training.reporting import follow
from core.training.trainer import Trainer, train
from tests.core.training.making import chain, linear, rows, small_net, some_digits


def dense(*layers, size=8, **training):
    return chain(
        ("in", "Input", {"shape": [size, size, 1]}),
        ("flat", "Flatten", {}),
        *layers,
        ("scores", "Dense", {"units": 10}),
        **training,
    )


HIDDEN = (("hidden", "Dense", {"units": 64}), ("relu", "ReLU", {}))


def found(document, data=None):
    return {message.code: message for message in train(document, data) if isinstance(message, Finding)}


def killed(**training):
    """A run whose first huge step kills every ReLU."""
    layers = *HIDDEN, ("hidden2", "Dense", {"units": 64}), ("relu2", "ReLU", {})
    settings = {"epochs": 5, "optimizer": {"kind": "SGD", "learning_rate": 8.0}} | training
    return dense(*layers, size=10, **settings)


def test_a_run_that_only_guesses_says_since_when_and_what_to_do():
    guessing = found(killed())["only_guessing"]
    assert "since batch 21" in guessing.what
    assert "guessing among the 10 classes (ln 10 = 2.303)" in guessing.what
    assert "smaller learning rate" in guessing.why
    assert guessing.severity == "advice"


def test_dead_relus_are_named_with_the_batch_they_died_in():
    messages = list(train(killed()))
    dead = next(message for message in messages if isinstance(message, Finding) and message.code == "dead_relus")
    assert "relu" in dead.what
    since = int(dead.what.partition("since batch ")[2].partition(":")[0])
    trainer = Trainer(killed())
    alive = []
    for message in trainer.messages():
        if isinstance(message, Batch):
            alive.append(trainer.network.activations(trainer.dataset.pixels(trainer.train_indices), ["relu2"]))
            if message.step == since + 5:
                break
    died = [step for step, seen in enumerate(alive, 1) if not seen["relu2"].any()]
    assert died
    assert abs(since - died[0]) <= 2


def test_one_answer_to_everything_is_said():
    layers = *HIDDEN, ("off", "Dropout", {"rate": 0})
    document = dense(*layers, epochs=3, optimizer={"kind": "SGD", "learning_rate": 1e-12})
    data = some_digits(800)
    trainer = Trainer(document, data)
    trainer.network.weights["scores/bias"] = np.eye(10)[3] * 50
    one = next(message for message in trainer.messages() if getattr(message, "code", "") == "one_class_predicted")
    assert "taken for “3”" in one.what


def test_one_class_is_no_finding_where_the_data_has_no_other():
    data = replace(rows(n=200), labels=np.zeros(200, np.int64))
    assert "one_class_predicted" not in found(linear(epochs=3), data)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda pixels: pixels * 0, "have one value everywhere"),
        (lambda pixels: (pixels * 0.004).astype(np.float32), "next to nothing"),
    ],
)
def test_pictures_with_nothing_in_them_are_found_before_the_first_step(change, says):
    digits = some_digits(200)
    images = change(digits.images.astype(np.float32) / 16)
    data = Dataset("dark", images, digits.labels, digits.classes, scale=1.0)
    started, first, *_ = train(dense(*HIDDEN, epochs=1), data)
    assert isinstance(started, Started)
    assert (first.code, first.step) == ("empty_pictures", 0)
    assert says in first.what


def test_training_below_validation_is_put_down_to_dropout():
    document = dense(*HIDDEN, ("drop", "Dropout", {"rate": 0.7}), epochs=6)
    note = found(document)["training_below_validation"]
    assert note.severity == "note"
    assert "with Dropout on (drop)" in note.what


def test_without_dropout_nothing_is_put_down_to_it():
    assert "training_below_validation" not in found(dense(*HIDDEN, epochs=6))


def test_a_healthy_run_has_no_findings():
    assert not found(dense(*HIDDEN, epochs=10, optimizer={"kind": "SGD", "learning_rate": 0.1}))


@pytest.mark.parametrize("loss", ["hinge", "squared_hinge", "binary_cross_entropy", "mse"])
def test_healthy_and_guessing_runs_are_told_apart_with_any_loss(loss):
    rate = {"hinge": 0.02, "squared_hinge": 0.005, "binary_cross_entropy": 0.5, "mse": 0.1}[loss]
    settings = {"epochs": 8, "loss": loss, "optimizer": {"kind": "SGD", "learning_rate": rate}}
    assert not found(dense(*HIDDEN, **settings))
    frozen = settings | {"optimizer": {"kind": "SGD", "learning_rate": 1e-9}, "initializer": "xavier_normal"}
    guessing = found(dense(*HIDDEN, **frozen))["only_guessing"]
    assert "ln 10" not in guessing.what
    assert "a loss of" in guessing.what


def test_weighted_classes_are_guessed_among_evenly():
    frozen = {"epochs": 3, "class_weights": "balanced", "optimizer": {"kind": "SGD", "learning_rate": 1e-9}}
    assert "ln 10 = 2.303" in found(dense(*HIDDEN, **frozen))["only_guessing"].what


def test_each_is_said_once():
    codes = [message.code for message in train(killed(epochs=12)) if isinstance(message, Finding)]
    assert sorted(codes) == sorted(set(codes))
    assert {"only_guessing", "dead_relus", "one_class_predicted"} <= set(codes)


def test_every_sign_has_a_code_of_its_own():
    assert len({sign.code for sign in SIGNS}) == len(SIGNS)


def test_looking_changes_no_bit(monkeypatch):
    def trained():
        document = small_net(epochs=8, optimizer={"kind": "SGD", "learning_rate": 1e-5})
        trainer = Trainer(document, some_digits(1200))
        looks = []
        monkeypatch.setattr(
            trainer.network, "activations", lambda *a, at=trainer.network.activations: looks.append(1) or at(*a)
        )
        losses = [message.loss for message in trainer.messages() if isinstance(message, Batch)]
        return trainer.network.parameters.copy(), losses, len(looks)

    with_looks = trained()
    monkeypatch.setattr(Facts, "look", lambda *_, **__: None)
    without = trained()
    assert with_looks[2] >= 2
    assert without[2] == 0
    assert np.array_equal(with_looks[0], without[0])
    assert with_looks[1] == without[1]


def test_what_is_found_in_an_epoch_comes_before_it():
    messages = list(train(killed()))
    at = next(i for i, message in enumerate(messages) if getattr(message, "code", "") == "dead_relus")
    assert isinstance(messages[at + 1], Epoch | Finding)
    assert messages[at].step == next(m.step for m in messages[at:] if isinstance(m, Epoch))


def test_json_lines_have_the_findings_since_the_last(capsys):
    follow(train(killed()), as_json=True)
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [len(line["findings"]) for line in lines].count(0) >= 1
    codes = [entry["code"] for line in lines for entry in line["findings"]]
    assert codes[0] == "dead_relus"
    assert set(lines[0]["findings"][0]) == {"code", "severity", "step", "layer", "what", "why", "evidence", "cures"}


def test_the_terminal_says_each_in_one_line(capsys):
    follow(train(killed()))
    printed = capsys.readouterr().err.splitlines()
    assert sum(line.startswith("advice: All ReLUs of") for line in printed) == 1
