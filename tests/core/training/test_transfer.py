"""Weights of one network in another: what fits is taken, and what is said about it is true."""

import numpy as np
import pytest

from core.commands.main import main
from core.engine.network import Network
from core.errors import WeightsError
from core.graph.edits import set_config
from core.io.documents import save
from core.io.templates import load_template
from core.training.transfer import read_fitting

SHAPES = {"conv1/kernel": (3, 3, 1, 8), "conv1/bias": (8,), "fc1/kernel": (36, 10)}


def write(path, shapes):
    np.savez(path, **{name: np.full(shape, 0.5) for name, shape in shapes.items()})
    return path


def test_whole_layers_are_taken_by_name_and_shape(tmp_path):
    path = write(tmp_path / "w.npz", SHAPES | {"fc1/kernel": (72, 10), "old/kernel": (2, 2)})
    transfer = read_fitting(path, SHAPES)
    assert list(transfer.weights) == ["conv1/kernel", "conv1/bias"]
    assert (transfer.fitted, transfer.new, transfer.unused) == (("conv1",), ("fc1",), ("old",))
    assert transfer.text("w.npz") == (
        "conv1 begins with the weights of w.npz; fc1 begins with new ones (fc1/kernel is 72×10, not 36×10). "
        "old in w.npz is not in the network."
    )


@pytest.mark.parametrize("change", [{"conv1/bias": (4,)}, {"conv1/gamma": (8,)}])
def test_a_layer_goes_along_whole_or_not_at_all(tmp_path, change):
    transfer = read_fitting(write(tmp_path / "w.npz", SHAPES | change), SHAPES)
    assert transfer.fitted == ("fc1",)
    assert "conv1/" in transfer.wrong[0]


def test_its_own_weights_fit_as_a_whole(tmp_path):
    assert read_fitting(write(tmp_path / "w.npz", SHAPES), SHAPES).is_whole


def test_where_nothing_fits_that_is_an_error(tmp_path):
    with pytest.raises(WeightsError, match=r"Nothing in .*w\.npz fits the network: conv1/kernel is missing"):
        read_fitting(write(tmp_path / "w.npz", {"other/kernel": (2, 2)}), SHAPES)


@pytest.fixture
def apart(tmp_path):
    """Return a document, and weights of the same network with another number of classes."""
    document = load_template("mlp")
    names = [layer.id for layer in document.graph.layers if hasattr(layer.spec, "units")]
    Network(set_config(document, names[-1], {"units": 17})).save_weights(tmp_path / "w.npz")
    save(document, tmp_path / "net.json")
    return tmp_path, names[-1]


def test_train_takes_what_fits_and_says_so(apart, capsys):
    folder, changed = apart
    status = main(["train", str(folder / "net.json"), "--epochs", "1", "--weights", str(folder / "w.npz")])
    said = capsys.readouterr().err
    assert status == 0
    assert f"with the weights of {folder / 'w.npz'}; {changed}" in said
    assert "new ones" in said


def test_evaluate_stays_strict(apart, capsys):
    folder, _ = apart
    assert main(["evaluate", str(folder / "net.json"), "--weights", str(folder / "w.npz")]) != 0
    assert "does not suit the network" in capsys.readouterr().err


def test_train_refuses_where_nothing_fits(apart, capsys):
    folder, _ = apart
    write(folder / "other.npz", {"other/kernel": (2, 2)})
    assert main(["train", str(folder / "net.json"), "--weights", str(folder / "other.npz")]) != 0
    assert "Nothing in" in capsys.readouterr().err
