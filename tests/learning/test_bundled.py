"""Every bundled data set that is computed is learned by a template that is made for it."""

import numpy as np
import pytest

from core.commands.main import main
from core.graph.edits import set_training
from core.io.templates import load_template
from core.training.messages import Epoch
from core.training.trainer import Trainer


def trained(template, **settings):
    """Train as the template says; return the trainer and its last epoch."""
    trainer = Trainer(set_training(load_template(template), settings))
    *_, last = (message for message in trainer.messages() if isinstance(message, Epoch))
    return trainer, last


def accuracies(trainer, last):
    """The last accuracy of validation, and that of the test part."""
    test = trainer.dataset.test
    said = trainer.network.forward(test.pixels(slice(None))).argmax(axis=1)
    return last.val_accuracy, np.mean(said == test.labels)


def learned(template, **settings):
    return accuracies(*trained(template, **settings))


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
    reached = np.array([learned(template, dataset=dataset, seed=seed) for seed in range(5)])
    assert reached[0].min() >= least
    assert reached.mean() >= least


@pytest.fixture(scope="module")
def shapes():
    """The network for the shapes, trained as its template says."""
    return trained("shapes_cnn")


def test_shapes_are_told_apart(shapes):
    assert min(accuracies(*shapes)) >= 0.97


def test_the_filters_for_shapes_become_bars_edges_and_colours(shapes):
    trainer, _ = shapes
    filters = np.moveaxis(trainer.network.weights["conv1/kernel"], -1, 0)  # (K, F, F, C)
    strongest = filters[np.argsort(-np.square(filters).sum(axis=(1, 2, 3)))][:4]
    for drawn in strongest:  # neighbours agree, which those of noise do not
        across, down = drawn[:, :-1] * drawn[:, 1:], drawn[:-1] * drawn[1:]
        assert across.sum() + down.sum() > np.square(drawn).sum() * 0.9
    colour = [abs((drawn[..., 0] - drawn[..., 2]).sum()) / np.abs(drawn).sum() for drawn in strongest]
    assert max(colour) > 0.5
    assert min(colour) < 0.1


def test_a_toy_trains_in_the_terminal(tmp_path, capsys):
    assert main(["zoo", "playground_wide"]) == 0
    (tmp_path / "toy.json").write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["train", str(tmp_path / "toy.json"), "--data", "moons", "--epochs", "2"]) == 0
    assert "epoch 2: " in capsys.readouterr().out


def test_shapes_are_not_for_a_linear_classifier():
    assert max(learned("pattern_linear", dataset="shapes", epochs=5)) < 0.6
