"""Every bundled data set that is computed is learned by a template that is made for it."""

import numpy as np
import pytest

from core.commands.main import main
from core.graph.edits import set_training
from core.io.templates import load_template
from core.training.messages import Epoch
from core.training.trainer import Trainer


def learned(template, **settings):
    """Train as the template says; return the last accuracy of validation, and that of the test part."""
    trainer = Trainer(set_training(load_template(template), settings))
    *_, last = (message for message in trainer.messages() if isinstance(message, Epoch))
    test = trainer.dataset.test
    said = trainer.network.forward(test.pixels(slice(None))).argmax(axis=1)
    return last.val_accuracy, np.mean(said == test.labels)


@pytest.mark.parametrize(
    ("template", "dataset", "least"),
    [
        ("playground", "circles", 0.99),
        ("playground_wide", "xor", 0.99),
        ("playground_wide", "moons", 0.99),
        ("playground_wide", "gaussians", 0.98),  # the clouds touch
        ("cs231n_spiral", "spiral", 0.97),  # all arms begin at the same place
    ],
)
def test_every_toy_is_solved(template, dataset, least):
    accuracies = np.array([learned(template, dataset=dataset, seed=seed) for seed in range(5)])
    assert accuracies[0].min() >= least
    assert accuracies.mean() >= least


def test_shapes_are_told_apart():
    assert min(learned("shapes_cnn")) >= 0.97


def test_a_toy_trains_in_the_terminal(tmp_path, capsys):
    assert main(["zoo", "playground_wide"]) == 0
    (tmp_path / "toy.json").write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["train", str(tmp_path / "toy.json"), "--data", "moons", "--epochs", "2"]) == 0
    assert "epoch 2: " in capsys.readouterr().out


def test_shapes_are_not_for_a_linear_classifier():
    assert max(learned("pattern_linear", dataset="shapes", epochs=5)) < 0.6
