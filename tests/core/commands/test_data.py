"""`convograph data`: what is in a data set, for people and for programs."""

import json

import numpy as np
import pytest

from core.commands.main import main
from core.io.documents import save
from core.io.templates import template_path
from tests.core.datasets.making import images, write_pair
from tests.drawing import chain


@pytest.fixture
def run(capsys):
    """Run the command in this process; gives its status and what it printed."""

    def command(*arguments):
        status = main(["data", *map(str, arguments)])
        output = capsys.readouterr()
        assert "Traceback" not in output.err
        return status, output.out, output.err

    return command


def test_json_has_the_keys_that_scripts_rely_on(run, tmp_path):
    labels = np.array([0, 1, 1, 0, 1])
    np.savez(tmp_path / "a.npz", x_train=images(), y_train=labels, x_test=images(2), y_test=[1, 2])
    status, out, err = run(tmp_path / "a.npz", "--json")
    assert (status, err) == (0, "")
    said = json.loads(out)
    findings = said.pop("findings")
    assert [finding["code"] for finding in findings] == ["empty_class", "few_samples"]
    assert all(list(each) == ["code", "severity", "what", "why", "samples", "fixes"] for each in findings)
    assert said == {
        "name": "a",
        "format": "NPZ",
        "n": 7,
        "shape": [4, 3, 1],
        "classes": [{"name": "0", "n": 2}, {"name": "1", "n": 4}, {"name": "2", "n": 1}],
        "range": [0, 252],
        "parts": {"train": 5, "test": 2},
        "refused": [],
    }


def test_a_bundled_set(run):
    status, out, _ = run("digits", "--json")
    said = json.loads(out)
    assert (status, said["format"], said["n"], said["shape"]) == (0, "bundled", 1797, [8, 8, 1])
    assert (said["range"], said["parts"]) == ([0, 16], {"train": 1797, "test": 0})
    assert sum(each["n"] for each in said["classes"]) == 1797


def test_the_range_leaves_out_what_is_no_number(run, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.array([[0.25, np.nan], [np.inf, -0.5]]), y=[0, 1])
    assert json.loads(run(tmp_path / "a.npz", "--json")[1])["range"] == [-0.5, 0.25]


def test_what_could_not_be_read_is_status_1_with_file_and_line(run, tmp_path):
    (tmp_path / "a.csv").write_text("label,a\n0,1.5\n1,x\n1,2.5\n0\n1,0.5\n")
    status, out, _ = run(tmp_path / "a.csv", "--json")
    assert status == 1
    assert json.loads(out)["refused"] == [
        {
            "file": "a.csv",
            "where": "line 3, column 2 (a)",
            "what": '"x" is not a number. Correct the line, or remove it.',
        },
        {
            "file": "a.csv",
            "where": "line 5",
            "what": "it has 1 field; the others have 2. Correct the line, or remove it.",
        },
    ]
    status, out, _ = run(tmp_path / "a.csv")
    assert status == 1
    assert '2 parts could not be read:\n  a.csv, line 3, column 2 (a): "x" is not a number.' in out


@pytest.mark.parametrize("arguments", [("nowhere",), ("nowhere", "--json")])
def test_what_is_not_there_is_status_2_and_a_sentence(run, arguments):
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("There is no data set nowhere, nor a file")


def test_a_document_that_cannot_be_read_is_status_2(run, tmp_path):
    status, _, err = run("digits", "--for", tmp_path / "no.json")
    assert status == 2
    assert "no.json" in err


def test_what_was_found_in_the_samples_is_said(run, tmp_path):
    values = np.random.default_rng(0).integers(0, 256, (60, 8, 8)).astype(np.uint8)
    np.savez(tmp_path / "a.npz", x=values, y=np.arange(60) % 2 + 1)
    status, out, _ = run(tmp_path / "a.npz", "--json")
    (finding,) = json.loads(out)["findings"]
    assert (status, finding["code"], finding["severity"]) == (0, "late_labels", "advice")
    assert (
        "advice late_labels\n  The labels of a begin with 1: no sample has the label 0." in run(tmp_path / "a.npz")[1]
    )


def test_an_error_in_the_samples_is_status_1(run, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.full((60, 8, 8), np.nan), y=np.arange(60) % 2)
    status, out, _ = run(tmp_path / "a.npz", "--json")
    assert status == 1
    assert "nonfinite" in [finding["code"] for finding in json.loads(out)["findings"] if finding["severity"] == "error"]


def test_for_people(run, tmp_path):
    write_pair(tmp_path / "mine", "train-", labels=np.array([0, 1, 1, 1, 3], np.uint8))
    write_pair(tmp_path / "mine", "t10k-", n=2, labels=np.array([0, 1], np.uint8))
    status, out, _ = run(tmp_path / "mine")
    assert status == 0
    assert out.splitlines() == [
        "mine (IDX): 7 samples of 4×3×1 in 4 classes, 5 for training and 2 for the test.",
        "Values run from 0 to 252; 255 becomes 1.",
        "To know: no image of class 2.",
        "",
        "class  samples",
        "0            2  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇",
        "1            4  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇",
        "2            0",
        "3            1  ▇▇▇▇▇▇▇▇",
        "",
        "advice empty_class",
        "  No sample of the training part is of the class 2.",
        "  Are they missing, or are the labels not those that were meant? Their outputs learn only never to be right.",
        "",
        "note few_samples",
        "  There are 4 training samples of 3 classes, fewer than 10 for each.",
        "  A network learns so few by heart. Collect more, or draw more from them by augmentation.",
    ]


def test_of_many_classes_some_are_listed(run, tmp_path):
    np.savez(tmp_path / "a.npz", x=np.zeros((30, 4, 4)), y=np.arange(30))
    assert "\n19           1  ▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇▇\nand 10 more classes\n" in run(tmp_path / "a.npz")[1]


def test_an_error_in_the_samples_is_status_1_and_a_fix_is_named(run, tmp_path):
    rng = np.random.default_rng(0)
    np.savez(tmp_path / "a.npz", x=rng.integers(0, 256, (330, 8, 8), np.uint8), y=np.arange(330) % 11)
    assert run(tmp_path / "a.npz")[0] == 0
    status, out, _ = run(tmp_path / "a.npz", "--for", template_path("lenet5"))
    assert status == 1
    assert "error label_range\n  Sample 11 has the label 10, but fc3 gives 10 numbers" in out
    assert "\n  Fix: Set units of fc3 to 11\n" in out


@pytest.mark.parametrize(
    ("shape", "status", "fitting", "line"),
    [
        ((8, 8, 1), 0, {"fits": True, "input": [8, 8, 1], "notes": []}, "It fits the Input of 8×8×1: as it is."),
        (
            (28, 28, 3),
            0,
            {
                "fits": True,
                "input": [28, 28, 3],
                "notes": ["resized from 8×8 to 28×28 (bilinear)", "the one channel repeated 3 times"],
            },
            "It fits the Input of 28×28×3: resized from 8×8 to 28×28 (bilinear); the one channel repeated 3 times.",
        ),
        (
            (10,),
            1,
            {
                "fits": False,
                "input": [10],
                "notes": [
                    "digits holds samples of 8×8×1, but the network's Input takes 10 values: 8·8·1 = 64 is not 10. "
                    "Set the Input's shape to [64]."
                ],
            },
            "It does not fit: digits holds samples of 8×8×1, but the network's Input takes 10 values",
        ),
    ],
)
def test_whether_and_how_it_fits_a_document(run, tmp_path, shape, status, fitting, line):
    save(chain(shape), tmp_path / "net.json")
    found, out, _ = run("digits", "--for", tmp_path / "net.json", "--json")
    assert (found, json.loads(out)["fitting"]) == (status, fitting)
    found, out, _ = run("digits", "--for", tmp_path / "net.json")
    assert found == status
    assert any(each.startswith(line) for each in out.splitlines())
