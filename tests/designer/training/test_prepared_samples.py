"""Samples that are looked at reach the network as those of a training do, and weights keep how."""

import numpy as np
import pytest

from core.analysis.check import check
from core.engine.network import Network
from core.graph.edits import set_training
from core.io.datasets import load_dataset
from core.io.prepared import read_beside
from core.preprocessing.centring import MeanImage
from core.training.preparation import divided, fit_preparation
from core.training.snapshots import Interest
from designer.session import Probed, Session
from designer.training import Run, Runs
from designer.training.looking.preview_thread import Order, PreviewThread
from designer.training.worker import look
from tests.designer.training.trainers import digits_cnn

MAPS = Interest(maps=frozenset({"conv1"}))


def prepared(**training):
    return set_training(digits_cnn(epochs=1), {"preprocessing": ["MeanImage"], **training})


def expected_maps(document, weights, sample):
    """Compute the maps by hand: the mean of the training part is subtracted."""
    data = load_dataset("digits")
    training, _ = divided(data, document.training.settings)
    network = Network(document)
    network.weights.update(weights)
    x = data.pixels(np.array([sample])) - data.pixels(training).mean(axis=0, dtype=np.float64).astype(np.float32)
    return network.activations(x.astype(np.float32), ["conv1"])["conv1"][0]


def pictured(document):
    thread = PreviewThread()
    thread.work(Order(check(document), None, MAPS, Probed(3)))
    return thread.collect()


def test_an_untrained_network_sees_prepared_samples():
    document = prepared()
    picture = pictured(document)
    assert picture.refusal == ""
    expected = expected_maps(document, Network(document).weights, 3)
    np.testing.assert_allclose(picture.snapshot.maps["conv1"], expected, atol=1e-5)


def test_a_preprocessing_that_cannot_be_applied_is_said_and_shows_no_maps():
    picture = pictured(prepared(preprocessing=[{"kind": "PCA", "components": 65}]))
    assert picture.refusal == "PCA keeps 65 components, but a sample has only 64 values."
    assert not picture.snapshot.maps


def test_so_does_a_network_in_training():
    document = prepared()
    network, data = Network(document), load_dataset("digits")
    training, _ = divided(data, document.training.settings)
    preparation = fit_preparation(document.training.settings, data, training)
    plain = look(network, data, MAPS, Probed(3), 0).maps["conv1"]
    network.beside = type(network.beside)(preparation.steps)
    maps = look(network, data, MAPS, Probed(3), 0).maps["conv1"]
    np.testing.assert_allclose(maps, expected_maps(document, network.weights, 3), atol=1e-5)
    assert not np.allclose(maps, plain)


@pytest.fixture
def stage(qapp):
    session, run = Session(prepared()), Run()
    runs = Runs(session, run)
    yield session, run, runs
    assert run.stop_and_wait()
    runs.shelf.close()


def test_weights_of_a_run_keep_how_samples_were_prepared(qtbot, stage, tmp_path):
    session, run, runs = stage
    with qtbot.waitSignal(run.finished, timeout=20_000):
        runs.begin()
    runs.save(tmp_path / "w.npz")
    beside = read_beside(tmp_path / "w.npz", (8, 8, 1))
    assert [fitted.step for fitted in beside.steps] == [MeanImage()]
    assert beside.classes == tuple("0123456789")
    session.edit("leave out", set_training(session.document, {"preprocessing": []}))
    runs.load(tmp_path / "w.npz")
    (loaded,) = runs.shown.standing.beside.steps
    np.testing.assert_array_equal(loaded.arrays["mean"], beside.steps[0].arrays["mean"])
    runs.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "w.npz").read_bytes()
