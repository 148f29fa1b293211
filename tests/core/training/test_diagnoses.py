"""Ten healthy runs of which nothing is said, and sick ones each of which is diagnosed within two epochs."""

from dataclasses import replace

import numpy as np
import pytest

from core.graph.edits import set_training
from core.io.datasets import Dataset
from core.io.templates import load_template
from core.training.findings.findings import SIGNS
from core.training.messages import Diverged, Finding
from core.training.trainer import Trainer
from tests.core.training.making import chain, some_digits

RANK = [sign.code for sign in SIGNS]


def template(name, **training):
    return set_training(load_template(name), training)


def sgd(rate, momentum=0.9):
    return {"kind": "SGD", "learning_rate": rate, "momentum": momentum}


def adam(rate):
    return {"kind": "Adam", "learning_rate": rate}


def hidden(kind, n, units=32):
    return [layer for i in range(1, n + 1) for layer in ((f"fc{i}", "Dense", {"units": units}), (f"a{i}", kind, {}))]


def dense(*layers, **training):
    first = ("in", "Input", {"shape": [8, 8, 1]}), ("flat", "Flatten", {})
    return chain(*first, *layers, ("scores", "Dense", {"units": 10}), **training)


def lenet(**training):
    return template("lenet5", dataset="digits", **training)


def bright():
    """Digits of 0 … 800 instead of 0 … 1."""
    digits = some_digits(800)
    return replace(digits, images=digits.images.astype(np.float32) * 50, scale=1.0)


def rare():
    """Digits of which an eighth of the eights is left."""
    digits = some_digits(1797)
    kept = np.flatnonzero((digits.labels != 8) | (np.arange(1797) % 8 == 0))
    return replace(digits, images=digits.images[kept], labels=digits.labels[kept])


def black():
    digits = some_digits(300)
    return replace(digits, images=digits.images * 0)


def noise():
    """Pictures and labels that have nothing to do with each other."""
    images = np.random.default_rng(0).random((60, 8, 8, 1), np.float32)
    return Dataset("noise", images, np.arange(60) % 10, tuple("0123456789"), scale=1.0)


HEALTHY = {
    "mlp": template("mlp", epochs=10),
    "mlp with plain descent": template("mlp", epochs=10, optimizer=sgd(0.1, 0)),
    "mlp sample by sample": template("mlp", epochs=3, batch_size=1, optimizer=sgd(0.01)),
    "digits_cnn": template("digits_cnn", epochs=8),
    "lenet5 on digits": lenet(epochs=8, optimizer=sgd(0.02)),
    "lenet5 on digits with Adam": lenet(epochs=8),
    "lenet5_1998 on digits": template("lenet5_1998", dataset="digits", epochs=6),
    "cs231n_spiral": template("cs231n_spiral", epochs=20),
    "playground": template("playground", epochs=20),
    "playground_wide on xor": template("playground_wide", epochs=20, dataset="xor"),
    "convnetjs_mnist on digits": template("convnetjs_mnist", dataset="digits", epochs=3),
    "pattern_conv_pool on digits": template("pattern_conv_pool", dataset="digits", epochs=2),
    "hinge": template("mlp", epochs=8, loss="hinge", optimizer=sgd(0.01)),
    "batch norm": dense(
        ("fc1", "Dense", {"units": 64}), ("bn1", "BatchNorm", {}), ("a1", "ReLU", {}), epochs=8, optimizer=sgd(0.05)
    ),
}


@pytest.mark.parametrize("document", HEALTHY.values(), ids=HEALTHY)
def test_nothing_is_said_of_a_healthy_run(document):
    messages = list(Trainer(document, replicas=1).messages())
    assert [(message.code, message.what) for message in messages if isinstance(message, Finding)] == []
    assert messages[-2].val_accuracy > 0.85  # healthy it is


SICK = {
    "lenet5 at 0.09": (lenet(optimizer=sgd(0.09)), None, "dead_relus", "relu1"),
    "lenet5 at 0.07": (lenet(optimizer=sgd(0.07)), None, "dead_units", "filters of conv1"),
    "lenet5 at 0.07, the reason": (lenet(optimizer=sgd(0.07)), None, "learning_rate_too_high", "conv1"),
    "mlp at 1e-5": (template("mlp", optimizer=sgd(1e-5)), None, "learning_rate_too_low", "fc2"),
    "mlp at 1e-6 with Adam": (template("mlp", optimizer=adam(1e-6)), None, "learning_rate_too_low", "fc2"),
    "six sigmoids": (dense(*hidden("Sigmoid", 6)), None, "vanishing_gradients", "fc1"),
    "large weights": (
        dense(*hidden("ReLU", 4), initializer={"kind": "constant", "value": 0.5}, optimizer=sgd(0.01)),
        None,
        "exploding_gradients",
        "scores",
    ),
    "values up to 800": (dense(*hidden("ReLU", 2), optimizer=sgd(0.01)), bright, "exploding_gradients", "scores"),
    "saturated tanh": (dense(*hidden("Tanh", 1), batch_size=2, optimizer=sgd(0.05)), None, "saturated_units", "a1"),
    "no symmetry broken": (dense(*hidden("ReLU", 2), initializer="zeros"), None, "dead_relus", "a1 and a2"),
    "a rare class": (dense(*hidden("ReLU", 1, 64)), rare, "rare_class_ignored", "“8”"),
    "batches of 1": (dense(*hidden("Tanh", 1), batch_size=1, optimizer=sgd(0.02)), None, "noisy_gradient", "1 sample"),
    "four sigmoids": (dense(*hidden("Sigmoid", 4)), None, "only_guessing", "ln 10 = 2.303"),
    "one answer": (dense(*hidden("Sigmoid", 4)), None, "one_class_predicted", "is taken for"),
    "black pictures": (dense(*hidden("ReLU", 1)), black, "empty_pictures", "240 of 240"),
    "dropout": (
        dense(*hidden("ReLU", 1), ("drop", "Dropout", {"rate": 0.7}), optimizer=adam(0.003)),
        None,
        "training_below_validation",
        "(drop)",
    ),
}
BESIDES = {  # what follows from a finding may be said too; whatever is worse may not
    "lenet5 at 0.07": {"learning_rate_too_high"},
    "batches of 1": {"saturated_units"},
    "saturated tanh": set(),
    "one answer": {"only_guessing"},
    "black pictures": set(),
}


@pytest.mark.parametrize("name", SICK)
def test_a_sick_run_is_diagnosed_within_two_epochs(name):
    document, data, code, says = SICK[name]
    document = set_training(document, {"epochs": 2})
    found = {}
    for message in Trainer(document, data and data(), replicas=1).messages():
        if isinstance(message, Finding):
            found[message.code] = message
    assert code in found, list(found)
    finding = found[code]
    assert says in finding.what
    worse = set(RANK[: RANK.index(code)]) & found.keys()
    assert worse <= BESIDES.get(name, set())
    if finding.evidence is not None:
        assert len(finding.evidence.steps) == len(finding.evidence.values) >= 2
        assert np.isfinite(finding.evidence.values).all()
        assert sorted(set(finding.evidence.steps)) == list(finding.evidence.steps)


def test_what_is_learned_by_heart_is_found_once_it_is():
    document = dense(*hidden("ReLU", 1, 512), batch_size=1, validation_split=0.4, epochs=6, optimizer=sgd(0.01))
    found = [m for m in Trainer(document, noise(), replicas=1).messages() if isinstance(m, Finding)]
    assert [finding.code for finding in found] == ["over_fitting"]
    assert "100.0% of the training samples, but about 12.5%" in found[0].what


def test_every_sign_has_a_sick_run():
    assert {code for _, _, code, _ in SICK.values()} | {"over_fitting"} == set(RANK)


def test_a_run_that_diverges_says_so_itself():
    document = dense(*hidden("Tanh", 1), batch_size=1, optimizer=sgd(1.0, 0))
    *_, last = Trainer(document, replicas=1).messages()
    assert isinstance(last, Diverged)
