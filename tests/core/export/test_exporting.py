"""A document is written with its weights in whatever form they come, beside a path or in a folder."""

import json
import subprocess
import sys

import numpy as np
import pytest

from core.analysis.check import check
from core.engine.network import Network
from core.errors import ExportError, SaveError, WeightsError
from core.export.exporter import Exporter
from core.export.exporters import EXPORTERS
from core.export.exporting import export, subject_of
from core.io.prepared import Beside, write_prepared
from core.io.templates import load_template
from core.own_process import own_environment
from core.preprocessing.centring import ChannelMean
from core.preprocessing.step import fit_steps
from tests.drawing import chain

NET = chain((4, 4, 1), ("Conv2D", {"filters": 2, "kernel_size": 3}), "Flatten", ("Dense", {"units": 3}), "Softmax")


@pytest.fixture
def lines(monkeypatch):
    """A format of two files that says how many weights there are, and what stands beside them."""

    def main(subject):
        return f"{sum(array.size for array in subject.arrays.values())} {len(subject.beside.steps)}\n"

    exporter = Exporter(
        "lines", "lines", "network", "lines", ".txt", main, lambda subject: {"_more.txt": lambda: subject.stem}
    )
    monkeypatch.setitem(EXPORTERS, "lines", exporter)
    return exporter


def test_what_belongs_to_a_file_is_written_beside_it(lines, tmp_path):
    written = export(NET, None, "lines", tmp_path / "net.txt")
    assert written == (tmp_path / "net.txt", tmp_path / "net_more.txt")
    assert [file.read_text() for file in written] == ["47 0\n", "net"]


def test_in_a_folder_files_are_called_model(lines, tmp_path):
    assert [file.name for file in export(NET, None, "lines", str(tmp_path))] == ["model.txt", "model_more.txt"]


def test_weights_come_from_a_file_a_mapping_or_a_network(tmp_path):
    network = Network(NET, seed=5)
    network.save_weights(tmp_path / "w.npz")
    report = check(NET)
    for form in (network, dict(network.weights), tmp_path / "w.npz", str(tmp_path / "w.npz")):
        subject = subject_of(report, form)
        assert set(subject.weights) == set(network.weights)
        for name, array in network.weights.items():
            np.testing.assert_array_equal(subject.weights[name], array)


def test_without_weights_there_are_those_that_a_training_begins_with():
    subject = subject_of(check(NET), None)
    assert subject.weights is None
    np.testing.assert_array_equal(subject.arrays["conv1/kernel"], Network(NET).weights["conv1/kernel"])


def test_what_stands_beside_weights_comes_along(tmp_path):
    steps = fit_steps([ChannelMean()], [np.ones((2, 4, 4, 1), np.float32)], (4, 4, 1))
    write_prepared(tmp_path / "w.npz", dict(Network(NET).weights), Beside(steps, ("a", "b", "c")))
    beside = subject_of(check(NET), tmp_path / "w.npz").beside
    assert [type(step.step) for step in beside.steps] == [ChannelMean]
    assert beside.classes == ("a", "b", "c")


def test_weights_that_do_not_suit_are_refused_by_name():
    weights = dict(Network(NET).weights)
    report = check(NET)
    with pytest.raises(WeightsError, match="conv1/kernel is missing"):
        subject_of(report, {name: array for name, array in weights.items() if name != "conv1/kernel"})
    with pytest.raises(WeightsError, match="fc3/bias must be 3"):
        subject_of(report, weights | {"fc3/bias": np.zeros(4)})
    with pytest.raises(WeightsError, match="fc3/bias holds NaN"):
        subject_of(report, weights | {"fc3/bias": np.full(3, np.nan)})


def test_an_unknown_format_and_a_place_that_is_not_there_are_said(tmp_path):
    with pytest.raises(ExportError, match="Did you mean markdown"):
        export(NET, None, "markdwon", tmp_path)
    with pytest.raises(SaveError, match="there is no folder"):
        export(NET, None, "markdown", tmp_path / "gone" / "net.md")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("first", ["", "import core.export.exporters; "])
def test_it_is_called_from_python_whatever_was_imported_before(first, tmp_path):
    code = f"{first}from core import export, load; export(load('n.json'), None, 'csv', 'n.csv'); print('done')"
    (tmp_path / "n.json").write_text(json.dumps({"format": "convograph", "version": 1, "layers": []}))
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=own_environment(), capture_output=True)
    assert (done.stdout, done.stderr) == (b"done\n", b"")
    assert (tmp_path / "n.csv").read_text().startswith("layer,")


def test_a_library_that_is_not_there_is_named_with_what_installs_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "safetensors.numpy", None)
    with pytest.raises(ExportError, match=r"needs safetensors.*pip install"):
        export(NET, None, "safetensors", tmp_path / "w.safetensors")


def test_safetensors_hold_the_weights_by_our_names(tmp_path):
    numpy = pytest.importorskip("safetensors.numpy", reason="needs safetensors")
    network = Network(load_template("lenet5"), seed=3)
    export(network.document, network, "safetensors", tmp_path / "w.safetensors")
    found = numpy.load_file(tmp_path / "w.safetensors")
    assert set(found) == set(network.weights)
    for name, array in network.weights.items():
        np.testing.assert_array_equal(found[name], array)
