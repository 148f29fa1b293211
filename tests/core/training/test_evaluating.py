"""How right a trained network is: against training's own figures and plain counting."""

from dataclasses import replace

import numpy as np
import pytest

from core import evaluate, train
from core.errors import DataError, NetworkError, WeightsError
from core.graph.edits import set_training
from core.io.prepared import write_prepared
from core.training.evaluating import measured, wilson_interval
from core.training.messages import Epoch
from tests.core.training.making import linear, rows, small_net, some_digits

PREPARED = {"preprocessing": ["MeanImage", {"kind": "Whiten", "method": "zca"}], "augmentation": ["Shift"], "epochs": 3}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return the document, the run, its last epoch and its weights file."""
    document = small_net(**PREPARED)
    run = train(document)
    last = [message for message in run if isinstance(message, Epoch)][-1]
    path = tmp_path_factory.mktemp("weights") / "w.npz"
    run.network.save_weights(path)
    return document, run, last, path


def test_the_validation_part_gives_the_figures_of_the_last_epoch(trained):
    document, _, last, path = trained
    evaluation = evaluate(document, path)
    assert (evaluation.loss, evaluation.accuracy) == (last.val_loss, last.val_accuracy)
    assert evaluation.n == 359
    assert evaluation.confusion.sum() == 359


def test_a_file_its_arrays_and_the_network_are_the_same(trained):
    document, run, _, path = trained
    from_file = evaluate(document, str(path)).as_json()
    with np.load(path) as arrays:
        assert evaluate(document, dict(arrays)).as_json() == from_file
    assert evaluate(document, run.network).as_json() == from_file


def test_the_preprocessing_of_the_file_is_applied_whatever_the_document_says(trained):
    document, _, last, path = trained
    assert evaluate(set_training(document, {"preprocessing": []}), path).loss == last.val_loss


def test_figures_of_classes_are_those_of_plain_counting(trained):
    document, run, _, _ = trained
    data = some_digits(300)
    evaluation = evaluate(document, run.network, data)
    x = data.pixels(np.arange(300))
    for step in run.network.beside.steps:
        x = step.apply(x)
    predicted = run.network.forward(x).argmax(axis=1)
    assert evaluation.n == 300  # all of data that is given
    for i in range(10):
        assert evaluation.confusion[i].tolist() == [
            int(((data.labels == i) & (predicted == j)).sum()) for j in range(10)
        ]
        own, taken, right = data.labels == i, predicted == i, (data.labels == i) & (predicted == i)
        figures = evaluation.classes[i]
        assert (figures.name, figures.n) == (str(i), own.sum())
        assert figures.precision == pytest.approx(right.sum() / max(taken.sum(), 1))
        assert figures.recall == pytest.approx(right.sum() / own.sum())
        assert figures.f1 == pytest.approx(2 * right.sum() / (own.sum() + taken.sum()))


def test_the_test_part_is_the_data_sets_own(trained):
    document, run, _, _ = trained
    data = replace(some_digits(100), test=replace(some_digits(40), name="held out"))
    assert evaluate(document, run.network, data, part="test").n == 40
    assert evaluate(document, run.network, data, part="all").n == 100
    assert evaluate(document, run.network, data, part="validation").n == 20
    with pytest.raises(DataError, match="digits has no test part of its own"):
        evaluate(document, run.network, part="test")


def test_nothing_kept_back_is_said(trained):
    document, run, _, _ = trained
    with pytest.raises(DataError, match="Nothing of digits is kept back for validation: evaluate all of it"):
        evaluate(set_training(document, {"validation_split": 0}), run.network)


def test_classes_that_only_the_network_has_are_numbers():
    run = train(linear(units=5), rows())
    run.weights["fc1/bias"] = [0, 0, 0, 0, 50]
    evaluation = evaluate(linear(units=5), run.network, rows())
    assert [each.name for each in evaluation.classes] == ["a", "b", "c", "3", "4"]
    assert evaluation.classes[4].precision == evaluation.classes[4].recall == 0
    assert evaluation.confusion[:, 4].sum() == 12


def test_a_frozen_network_can_be_measured():
    document = linear()
    frozen = replace(
        document,
        graph=replace(document.graph, layers=tuple(replace(each, trainable=False) for each in document.graph.layers)),
    )
    assert evaluate(frozen, train(document, rows()).network, rows()).n == 12


def test_a_loss_that_is_no_number_is_null(trained):
    document, run, _, _ = trained
    network = train(document).network
    network.weights.update(run.weights)
    network.weights["fc1/kernel"] = np.full(network.weights["fc1/kernel"].shape, 3e38)
    assert evaluate(document, network).as_json()["loss"] is None


@pytest.mark.parametrize(
    ("attempt", "error", "said"),
    [
        (lambda d, r, p: evaluate(d, {}), WeightsError, "conv1/kernel, conv1/bias, fc1/kernel and 1 other"),
        (
            lambda d, r, p: evaluate(d, dict(r.weights)),
            WeightsError,
            "no preprocessing, but the document sets Mean",
        ),
        (lambda d, r, p: evaluate(linear(), p, rows()), WeightsError, "does not suit the network"),
        (lambda d, r, p: evaluate(linear(), r.network, rows()), WeightsError, "no weights named conv1/kernel"),
        (lambda d, r, p: evaluate(d, r.network, "nowhere"), DataError, "nowhere"),
        (lambda d, r, p: evaluate(d, r.network, 3), DataError, "neither a Dataset nor a pair of arrays"),
        (lambda d, r, p: evaluate(d, r.network, rows()), DataError, "holds samples of 4 values"),
        (lambda d, r, p: evaluate(linear(units=2), r.network, rows()), NetworkError, "rows has 3 classes, but fc1"),
    ],
)
def test_what_cannot_be_measured_is_said(trained, attempt, error, said):
    document, run, _, path = trained
    with pytest.raises(error) as caught:
        attempt(document, run, path)
    assert said in str(caught.value)


def test_arrays_in_other_shapes_are_refused(trained):
    document, _, _, path = trained
    with np.load(path) as arrays:
        turned = dict(arrays) | {"preprocessing/0/mean": np.zeros(64)}
    with pytest.raises(WeightsError, match="preprocessing/0/mean is 64, not 8×8×1"):
        evaluate(document, turned)
    words = turned | {"preprocessing/0/mean": np.full((8, 8, 1), "x")}
    with pytest.raises(WeightsError, match="preprocessing/0/mean does not hold real numbers"):
        evaluate(document, words)


def test_saving_and_loading_keeps_bits(trained, tmp_path):
    document, run, last, _ = trained
    write_prepared(tmp_path / "again.npz", run.weights, run.network.beside)
    assert evaluate(document, tmp_path / "again.npz").loss == last.val_loss


@pytest.mark.parametrize(
    ("n_right", "n", "low", "high"),
    [  # Newcombe, "Two-sided Confidence Intervals for the Single Proportion", Statistics in Medicine 1998, table I
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_intervals(n_right, n, low, high):
    assert wilson_interval(n_right, n) == pytest.approx((low, high), abs=5e-5)


def test_names_may_be_fewer_than_classes():
    evaluation = measured(0.0, np.array([0, 0]), np.array([0, 2]), ("a", "b"))
    assert [each.name for each in evaluation.classes] == ["a", "b", "2"]
    assert evaluation.confusion.tolist() == [[1, 0, 1], [0, 0, 0], [0, 0, 0]]
