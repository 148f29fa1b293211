"""What is said of samples: orders, calibration and embedding against the same in plain loops."""

import subprocess
import sys

import numpy as np
import pytest

from core.engine.network import Network
from core.engine.program import compile_program
from core.errors import NetworkError
from core.io.datasets import load_dataset
from core.io.templates import load_template
from core.training import neighbours
from core.training.calibration import calibrated
from core.training.embedding import MOST_POINTS, embed
from core.training.evaluating import evaluated, trial_of
from core.training.predictions import Predictions, class_scores, hidden_node, predict
from core.training.preparation import Preparation
from core.work import outcome_of
from tests.drawing import chain


def said(labels, probabilities):
    labels, probabilities = np.array(labels), np.array(probabilities, np.float64)
    logs = np.log(probabilities).astype(np.float32)
    return Predictions(np.arange(len(labels)) + 100, labels, probabilities.argmax(axis=1), logs)


FIVE = said(
    [0, 0, 1, 1, 2],
    [[0.9, 0.05, 0.05], [0.3, 0.6, 0.1], [0.2, 0.7, 0.1], [0.45, 0.05, 0.5], [0.3, 0.3, 0.4]],
)


def test_worst_mistakes_have_the_least_probability_of_the_right_class():
    assert FIVE.worst_mistakes.tolist() == [3, 1]


def test_least_sure_have_two_classes_nearly_as_likely():
    assert FIVE.least_sure.tolist() == [3, 4, 1, 2, 0]


def test_most_typical_takes_the_surest_of_each_class_in_turn():
    many = said(
        [1, 0, 0, 1, 1],
        [[0.1, 0.9], [0.99, 0.01], [0.8, 0.2], [0.2, 0.8], [0.9, 0.1]],
    )
    assert many.most_typical.tolist() == [1, 0, 2, 3]


def test_samples_of_a_cell_come_with_the_surest_first():
    many = said([0, 0, 0], [[0.4, 0.6], [0.1, 0.9], [0.7, 0.3]])
    assert many.taken_for(0, 1).tolist() == [1, 0]
    assert many.taken_for(0, 0).tolist() == [2]
    assert many.taken_for(1, 0).tolist() == []


def test_what_is_nearly_certain_keeps_its_order():
    net = Network(chain((1,), ("Dense", {"units": 2}), "Softmax"))
    net.weights["fc1/kernel"], net.weights["fc1/bias"] = np.array([[100.0, 0.0]]), np.zeros(2)
    data = load_dataset("digits")
    x = np.array([[1.0], [3.0], [2.0]], np.float32)
    data = type(data)("three", x, np.zeros(3, np.int64), ("a", "b"), 1.0)
    predictions = outcome_of(predict(net, Preparation(), data, np.arange(3)))
    assert predictions.confidence.tolist() == [1.0, 1.0, 1.0]  # rounded
    assert predictions.most_typical.tolist() == [1, 2, 0]


@pytest.fixture(scope="module")
def trial():
    document = load_template("mlp")
    return trial_of(document, Network(document, seed=1))


def test_predictions_agree_with_the_evaluation(trial):
    predictions = outcome_of(predict(trial.network, trial.preparation, trial.dataset, trial.samples))
    evaluation = evaluated(trial)
    assert len(predictions) == evaluation.n == 359
    assert predictions.is_right.mean() == evaluation.accuracy
    counted = [[len(predictions.taken_for(own, taken)) for taken in range(10)] for own in range(10)]
    assert counted == evaluation.confusion.tolist()
    output = trial.network.forward(trial.preparation.of(trial.dataset, trial.samples))
    np.testing.assert_allclose(np.exp(predictions.log_probabilities), output, atol=1e-6)


def test_hidden_values_are_what_the_last_weights_read(trial):
    predictions = outcome_of(predict(trial.network, trial.preparation, trial.dataset, trial.samples[:7]))
    assert predictions.hidden_layer == "relu1"
    x = trial.preparation.of(trial.dataset, trial.samples[:7])
    assert np.array_equal(predictions.hidden, trial.network.activations(x, ["relu1"])["relu1"])


@pytest.mark.parametrize(
    ("name", "hidden"),
    [("lenet5", "relu4"), ("pattern_linear", None), ("all_cnn_c", "relu8"), ("resnet20_cifar", "gap")],
)
def test_last_hidden_layers_of_the_zoo(name, hidden):
    program = compile_program(load_template(name))
    node = hidden_node(program, class_scores(program))
    assert (node and node.id) == hidden


def test_a_network_that_computes_no_numbers_is_refused(trial):
    net = Network(trial.network.document)
    net.weights["fc1/kernel"] = np.full((64, 100), 3e38)
    net.weights["fc2/kernel"] = np.random.default_rng(0).choice([-1e38, 1e38], (100, 10))
    with pytest.raises(NetworkError, match="computes no numbers"):
        outcome_of(predict(net, trial.preparation, trial.dataset, trial.samples))


def test_calibration_against_plain_loops():
    rng = np.random.default_rng(0)
    confidence, is_right = rng.uniform(0.05, 1, 500), rng.random(500) < 0.6
    confidence[0] = 1.0
    error = 0.0
    for low in np.arange(10) / 10:
        inside = [i for i in range(500) if low < confidence[i] <= low + 0.1 + 1e-12]
        if inside:
            error += len(inside) / 500 * abs(confidence[inside].mean() - is_right[inside].mean())
    measured = calibrated(confidence, is_right)
    assert measured.error == pytest.approx(error)
    assert sum(each.n for each in measured.bins) == 500


def test_a_network_that_is_right_as_often_as_it_is_sure_has_no_calibration_error():
    measured = calibrated(np.array([0.75] * 4), np.array([True, True, True, False]))
    assert measured.error == 0
    assert measured.words.endswith("as it should be.")


def embedded(rows, method):
    return outcome_of(embed(rows, method))


@pytest.mark.parametrize("shape", [(60, 8), (8, 60)])
def test_principal_components(shape):
    rows = np.random.default_rng(0).normal(size=shape) * np.linspace(3, 0.5, shape[1])
    embedding = embedded(rows.astype(np.float32), "pca")
    centred = rows - rows.mean(axis=0)
    left, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    for axis in range(2):
        sign = np.sign(directions[axis][np.abs(directions[axis]).argmax()])
        np.testing.assert_allclose(embedding.at[:, axis], sign * left[:, axis] * sizes[axis], atol=1e-4)
    assert f"{100 * (sizes[:2] ** 2).sum() / (sizes**2).sum():.0f} %" in embedding.note


def test_only_so_many_points_are_laid_out():
    n = 2 * MOST_POINTS["pca"] + 1
    embedding = embedded(np.random.default_rng(0).normal(size=(n, 2)).astype(np.float32), "pca")
    assert len(embedding.at) == len(embedding.places) <= MOST_POINTS["pca"]
    assert f"of {n:,} samples" in embedding.note


def test_features_that_are_all_alike_are_one_point():
    assert embedded(np.ones((5, 3), np.float32), "pca").at.tolist() == [[0, 0]] * 5
    assert embedded(np.ones((5, 1), np.float32), "pca").at.tolist() == [[0, 0]] * 5


def test_neighbours_stay_together():
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.normal(middle, 0.1, (30, 5)) for middle in (0, 5, 10)]).astype(np.float32)
    at = embedded(rows, "t-sne").at
    assert np.array_equal(at, embedded(rows, "t-sne").at)
    groups = at.reshape(3, 30, 2)
    middles = groups.mean(axis=1)
    nearest = np.linalg.norm(at[:, None] - middles, axis=2).argmin(axis=1)
    assert nearest.tolist() == [0] * 30 + [1] * 30 + [2] * 30


def test_without_its_library_t_sne_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(neighbours, "find_spec", lambda name: None)
    with pytest.raises(NetworkError, match="python -m pip install scikit-learn"):
        embedded(np.ones((9, 3), np.float32), "t-sne")


def test_t_sne_of_too_few_samples_is_refused():
    with pytest.raises(NetworkError, match="needs 5 samples or more, and here are 3"):
        embedded(np.ones((3, 3), np.float32), "t-sne")


@pytest.fixture
def endless(monkeypatch):
    """Have a t-SNE that is never done; return the processes that were started."""
    started, really = [], subprocess.Popen
    endless = "import time; print('[t-SNE] Iteration 250: error = 1', flush=True); time.sleep(600)"
    monkeypatch.setattr(neighbours, "find_spec", lambda name: True)
    monkeypatch.setattr(neighbours, "own_command", lambda *_: [sys.executable, "-c", endless])

    def start(*args, **options):
        started.append(really(*args, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    return started


def test_t_sne_that_is_given_up_ends_at_once(endless):
    work = embed(np.ones((9, 3), np.float32), "t-sne")
    for done in work:
        if done == 0.25:
            break
    assert endless[0].poll() is None
    work.close()
    assert endless[0].returncode is not None


def test_t_sne_that_fails_is_a_sentence_with_its_last_line(monkeypatch):
    broken = "print('begun'); raise ValueError('no such thing')"
    monkeypatch.setattr(neighbours, "find_spec", lambda name: True)
    monkeypatch.setattr(neighbours, "own_command", lambda *_: [sys.executable, "-c", broken])
    with pytest.raises(NetworkError, match=r"not come to an end \(ValueError: no such thing\)\. PCA needs nothing\."):
        embedded(np.ones((9, 3), np.float32), "t-sne")
