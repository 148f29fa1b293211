"""A proof runs what was written in a process of its own, and says honestly what came of it."""

import io
import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from core.analysis.check import check
from core.commands.main import main
from core.engine.network import Network
from core.errors import ExportError, NetworkError
from core.export.exporter import Exporter, Subject
from core.export.exporters import EXPORTERS
from core.export.proof.own_samples import own_samples
from core.export.proof.proof import Proof
from core.export.proof.proving import prove, telling
from core.export.proof.samples import settled_weights, stored_samples, telling_weights
from core.graph.edits import set_training
from core.io.datasets.loading import load_data
from core.io.documents import save
from core.io.templates import load_template
from core.preprocessing.step import treated
from core.training.preparation import divided
from core.training.trainer import Trainer
from tests.drawing import chain

NET = chain((3, 5, 2), ("Dropout", {"rate": 0.5}), "Flatten", ("Dense", {"units": 4}), "BatchNorm", "ReLU")

RIGHT = """
import numpy
LIBRARY = "numpy " + numpy.__version__

def compute(samples):
    w = numpy.load(HERE / {file!r})
    x = samples["input"]
    flat = x.reshape(len(x), -1)
    fc = flat @ w["fc3/kernel"] + w["fc3/bias"]
    bn = (fc - w["bn4/moving_mean"]) / numpy.sqrt(w["bn4/moving_variance"] + 1e-5) * w["bn4/gamma"] + w["bn4/beta"]
    return {{"input": x, "flat2": flat, "fc3": fc, "bn4": {bn}, "relu5": numpy.maximum({bn}, 0)}}
"""


def written(subject):
    from core.io.weights import weights_bytes

    return weights_bytes(subject.arrays)


def an_exporter(script=RIGHT, bn="bn", **how):
    settings = {"libraries": ("numpy",), "install": "numpy"} | how
    proof = Proof(**settings, script=lambda subject: script.format(file=subject.name, bn=bn))
    return Exporter("lib", "lib", "network", "arrays", ".npz", written, proof=proof)


def subject_of(document=NET, weights=None):
    return Subject(check(document), weights, name="net.npz")


def test_what_is_right_passes_layer_by_layer():
    outcome, files = prove(an_exporter(), subject_of())
    assert (outcome.format, outcome.samples, outcome.passed) == ("lib", 8, True)
    assert outcome.compared_with == f"numpy {np.__version__}"
    assert list(outcome.layers) == ["input", "flat2", "fc3", "bn4", "relu5"]
    assert outcome.largest_difference == max(outcome.layers.values()) < 1e-5
    assert outcome.first_beyond is None
    assert list(files) == ["net_proof.npz", "net_proof_check.py", "net_proof_samples.npz"]


def test_what_is_wrong_is_found_in_the_layer_where_it_begins():
    outcome, _ = prove(an_exporter(bn="(fc + w['bn4/beta'])"), subject_of())
    assert not outcome.passed
    assert outcome.first_beyond == "bn4"
    assert outcome.largest_difference > 0.01


def test_numbers_that_are_none_and_shapes_that_differ_do_not_pass():
    for wrong in ("bn * float('nan')", "bn[:1]"):
        outcome, _ = prove(an_exporter(bn=f"({wrong})"), subject_of())
        assert (outcome.passed, outcome.largest_difference, outcome.layers["bn4"]) == (False, None, None)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("raise ValueError('what is this')", "ValueError: what is this"),
        ("import os\nos._exit(3)", "status 3"),
    ],
)
def test_what_cannot_be_run_is_said_in_a_sentence(script, said):
    with pytest.raises(ExportError, match=said):
        prove(an_exporter(script.replace("{", "{{").replace("}", "}}")), subject_of())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no process so")
def test_what_takes_too_much_memory_is_ended(monkeypatch):
    monkeypatch.setattr("core.export.proof.proving.memory_limit", lambda: 600 << 20)
    greedy = "LIBRARY = 'x'\ndef compute(samples):\n    return len(bytearray({size}))"
    with pytest.raises(ExportError, match=r"MemoryError.*may take 600.0 MiB"):
        prove(an_exporter(greedy.replace("{size}", str(2 << 30))), subject_of())


def test_what_takes_too_long_is_ended():
    with pytest.raises(ExportError, match="took longer than 1 s"):
        prove(an_exporter("import time\nwhile True:\n    time.sleep(1)"), subject_of(), seconds=1)


def test_a_library_that_is_missing_leaves_the_question_open():
    outcome, files = prove(an_exporter(libraries=("no_such_library",)), subject_of())
    assert (outcome.passed, outcome.compared_with, outcome.largest_difference) == (None, None, None)
    assert "net_proof_check.py" in files


def test_weights_that_prove_leave_nothing_as_it_begins():
    drawn = telling_weights(subject_of().program)
    assert {name: array.shape for name, array in drawn.items()} == check(NET).weight_shapes
    for name, array in drawn.items():
        assert not np.isin(array, [0, 1]).any(), name
        assert len(np.unique(array)) > 1
    assert (drawn["bn4/moving_variance"] > 0).all()


@pytest.mark.parametrize("name", ["mobilenet_v2", "resnet20_cifar"])
def test_drawn_weights_keep_values_their_size(name):
    """Where they grow, what is rounded before a ReLU6 is large behind it, and a right export seems to differ."""
    drawn = telling(Subject(check(load_template(name))))
    network = Network(drawn.report.document, report=drawn.report)
    network.weights.update(drawn.weights)
    x = np.random.default_rng(5).random((2, *network.program.nodes[0].shape))
    norms = [node.id for node in network.program.nodes if type(node.kind).__name__ == "BatchNorm"]
    for id, values in network.activations(x, norms).items():
        assert 0.3 < values.std() < 3, id


def test_settled_statistics_are_neither_those_of_the_samples_nor_left_out():
    report = check(NET)
    drawn = telling(Subject(report))
    again = settled_weights(report, drawn.weights, drawn.beside)
    assert {name for name in drawn.weights if not np.array_equal(drawn.weights[name], again[name])} <= {
        "bn4/moving_mean",
        "bn4/moving_variance",
    }
    variance, mean = drawn.weights["bn4/moving_variance"], drawn.weights["bn4/moving_mean"]
    assert (variance > 0).all()
    assert len(np.unique(variance)) == len(np.unique(mean)) == 4


def test_large_layers_are_compared_in_fewer_samples(monkeypatch):
    monkeypatch.setattr("core.export.proof.samples.MOST_VALUES", 200)
    weights = telling_weights(subject_of().program)
    stored = stored_samples(check(NET), weights, Subject(check(NET)).beside)
    assert len(stored.samples["input"]) == 2
    assert "relu5" in stored.layers
    assert sum(array.size for array in stored.layers.values()) <= 200


def test_a_document_with_errors_cannot_be_proven():
    with pytest.raises(NetworkError, match="larger than the 7×7 input"):
        prove(an_exporter(), subject_of(chain((7, 7, 1), ("Conv2D", {"filters": 1, "kernel_size": 9}))))


# --- the command ----------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path):
    save(NET, tmp_path / "net.json")
    return str(tmp_path / "net.json")


def test_the_command_prints_the_outcome(monkeypatch, capsys, file):
    monkeypatch.setitem(EXPORTERS, "lib", an_exporter())
    assert main(["export", file, "--to", "lib", "--prove"]) == 0
    out, err = capsys.readouterr()
    said = json.loads(out)
    assert list(said) == [
        "format",
        "compared_with",
        "samples",
        "largest_difference",
        "tolerance",
        "passed",
        "samples_from",
    ]
    assert (said["format"], said["tolerance"], said["passed"]) == ("lib", 1e-4, True)
    assert "bn4" in err
    assert "No layer differs by more than 0.0001" in err
    assert main(["export", file, "--to", "lib", "--prove", "--json"]) == 0
    assert capsys.readouterr().err == ""


SCORES = chain((8, 8, 1), "Flatten", ("Dense", {"units": 10}), dataset="digits", preprocessing=["ChannelMean"])
COMPUTED = """
import numpy
LIBRARY = "numpy " + numpy.__version__

def compute(samples):
    w = numpy.load(HERE / {file!r})
    x = samples["input"]
    return {{"input": x, "fc2": x.reshape(len(x), -1) @ w["fc2/kernel"] + w["fc2/bias"]}}
"""


def test_samples_are_those_that_the_document_keeps_for_validation(monkeypatch, capsys, tmp_path):
    save(SCORES, tmp_path / "net.json")
    monkeypatch.setitem(EXPORTERS, "lib", an_exporter(COMPUTED))
    assert main(["export", str(tmp_path / "net.json"), "--to", "lib", "--prove"]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out) | {"samples": 8, "samples_from": "digits"} == json.loads(out)
    assert "8 samples of digits" in err
    dataset, settings = load_data("digits"), SCORES.training.settings
    _, kept = divided(dataset, settings)
    found = own_samples(check(SCORES))
    np.testing.assert_array_equal(found.arrays["input"], dataset.pixels(kept[:8]))


def test_samples_are_prepared_as_they_were_for_training():
    trainer = Trainer(set_training(SCORES, {"epochs": 1}))
    for _ in trainer.messages():
        pass
    report = check(SCORES)
    subject = subject_of(SCORES, dict(trainer.network.weights))
    own = own_samples(report)
    _, files = prove(an_exporter(COMPUTED), replace(subject, beside=trainer.network.beside, samples=own))
    stored = np.load(io.BytesIO(files["net_samples.npz"]))
    np.testing.assert_allclose(stored["sample_0"], treated(own.arrays["input"].copy(), trainer.network.beside.steps))
    assert stored["sample_0"].min() < 0


@pytest.mark.parametrize("dataset", ["no_such_file.npz", "moons"])
def test_where_there_is_no_data_that_suits_samples_are_drawn(dataset):
    made = set_training(SCORES, {"dataset": dataset, "preprocessing": []})
    assert own_samples(check(made)) is None
    outcome, _ = prove(an_exporter(COMPUTED), subject_of(made))
    assert outcome.samples_from == "drawn"


def test_the_command_fails_where_the_proof_does(monkeypatch, capsys, file):
    monkeypatch.setitem(EXPORTERS, "lib", an_exporter(bn="(bn * 1.001)"))
    assert main(["export", file, "--to", "lib", "--prove"]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out)["passed"] is False
    assert "bn4 and perhaps later layers differ" in err


def test_where_the_library_is_missing_a_script_is_left_that_anyone_can_run(monkeypatch, capsys, file, tmp_path):
    monkeypatch.setitem(EXPORTERS, "lib", an_exporter(libraries=("no_such_library",)))
    assert main(["export", file, "--to", "lib", "--prove", "-o", str(tmp_path / "net.npz")]) == 1
    out, err = capsys.readouterr()
    assert json.loads(out) | {"passed": None, "compared_with": None} == json.loads(out)
    assert "no_such_library is not installed here" in err
    assert "net_proof_check.py" in err
    assert (tmp_path / "net.npz").is_file()
    done = subprocess.run([sys.executable, tmp_path / "net_proof_check.py"], capture_output=True)
    assert (done.returncode, json.loads(done.stdout)["passed"]) == (0, True)


def test_with_weights_the_script_stands_beside_what_was_written(monkeypatch, capsys, file, tmp_path):
    Network(NET, seed=2).save_weights(tmp_path / "w.npz")
    monkeypatch.setitem(EXPORTERS, "lib", an_exporter())
    out = tmp_path / "net.npz"
    assert main(["export", file, "--to", "lib", "--prove", "--weights", str(tmp_path / "w.npz"), "-o", str(out)]) == 0
    assert {each.name for each in tmp_path.iterdir()} == {
        "net.json",
        "w.npz",
        "net.npz",
        "net_check.py",
        "net_samples.npz",
    }


def test_a_format_that_computes_nothing_has_no_proof(capsys, file):
    assert main(["export", file, "--to", "csv", "--prove"]) == 1
    assert "nothing that computes" in capsys.readouterr().err
