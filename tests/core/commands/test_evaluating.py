"""`convograph evaluate` and `convograph predict`, as they are called in scripts."""

import json

import numpy as np
import pytest
from PIL import Image

from core.commands.main import main
from core.io.datasets import load_dataset
from core.io.documents import save
from tests.core.training.making import small_net

PREPARED = {
    "preprocessing": ["MeanImage"],
    "augmentation": [{"kind": "Noise", "std": 0.02}],
    "epochs": 8,
    "optimizer": {"kind": "Adam", "learning_rate": 0.01},
}


@pytest.fixture
def run(capsys):
    """Run a command in this process; gives its status and what it printed."""

    def command(*arguments):
        status = main([str(argument) for argument in arguments])
        output = capsys.readouterr()
        return status, output.out, output.err

    return command


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Return a document's file and the weights that `train --save` wrote."""
    folder = tmp_path_factory.mktemp("trained")
    save(small_net(**PREPARED), folder / "net.json")
    assert main(["train", str(folder / "net.json"), "--save", str(folder / "w.npz")]) == 0
    return folder / "net.json", folder / "w.npz"


def digit(folder, index):
    """Save a digit as a picture; return its file."""
    digits = load_dataset("digits")
    pixels = np.rint(digits.images[index, :, :, 0] * (255 / digits.scale)).astype(np.uint8)
    Image.fromarray(pixels).save(folder / f"{index}.png")
    return folder / f"{index}.png"


def test_evaluate_prints_what_design_says(run, trained):
    document, weights = trained
    status, out, _ = run("evaluate", document, "--weights", weights, "--json")
    said = json.loads(out)
    assert status == 0
    assert list(said) == ["n", "loss", "accuracy", "interval", "confusion", "classes"]
    assert list(said["classes"][0]) == ["name", "precision", "recall", "f1", "n"]
    assert said["n"] == sum(map(sum, said["confusion"])) == sum(each["n"] for each in said["classes"]) == 359
    assert said["interval"][0] < said["accuracy"] < said["interval"][1]
    assert said["accuracy"] > 0.8
    assert run("evaluate", document, "--weights", weights, "--part", "all", "--json")[1].startswith('{"n": 1797')
    assert run("evaluate", document, "--weights", weights, "--data", "digits", "--json")[1] == out


def test_evaluate_prints_tables(run, trained):
    document, weights = trained
    status, out, _ = run("evaluate", document, "--weights", weights)
    assert status == 0
    assert out.startswith("359 samples: accuracy ")
    assert "Rows: what samples are. Columns: what they are taken for." in out


def test_part_test_needs_one(run, trained):
    document, weights = trained
    status, _, err = run("evaluate", document, "--weights", weights, "--part", "test")
    assert (status, err) == (1, "digits has no test part of its own: evaluate its validation part, or all of it.\n")


def test_weights_of_another_network_are_refused(run, trained, tmp_path):
    _, weights = trained
    save(small_net(), tmp_path / "other.json")
    (tmp_path / "w.npz").write_bytes(weights.read_bytes()[:100])
    status, _, err = run("evaluate", tmp_path / "other.json", "--weights", tmp_path / "w.npz")
    assert status == 1
    assert "is damaged or not a weights file" in err


def test_pictures_are_prepared_as_in_training(run, trained, tmp_path):
    document, weights = trained
    files = [digit(tmp_path, index) for index in range(30)]
    status, out, _ = run("predict", document, "--weights", weights, *files, "--json")
    said = json.loads(out)
    assert status == 0
    assert list(said[0]) == ["image", "class", "probability", "classes"]
    right = sum(each["class"] == str(load_dataset("digits").labels[i]) for i, each in enumerate(said))
    assert right >= 25
    assert sum(each["probability"] for each in said[0]["classes"]) == pytest.approx(1, abs=1e-5)
    # The same as `run` gives on samples that are scaled and centred by hand.
    with np.load(weights) as arrays:
        x = load_dataset("digits").pixels(np.arange(30)) - arrays["preprocessing/0/mean"]
    np.save(tmp_path / "x.npy", x.astype(np.float32))
    assert (
        run("run", document, "--weights", weights, "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy")[0]
        == 0
    )
    scores = np.load(tmp_path / "y.npy").astype(np.float64)
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    expected = powers / powers.sum(axis=1, keepdims=True)
    probabilities = [[each["probability"] for each in entry["classes"]] for entry in said]
    np.testing.assert_allclose(probabilities, expected, atol=0.02)  # a picture has 256 steps where digits have 17


def test_pictures_of_any_kind_and_size(run, trained, tmp_path):
    document, weights = trained
    plain = digit(tmp_path, 0)
    with Image.open(plain) as grey:
        grey.convert("RGB").save(tmp_path / "colour.png")
        grey.convert("P").save(tmp_path / "palette.png")
        Image.merge("LA", (grey, Image.new("L", grey.size, 255))).save(tmp_path / "alpha.png")
        Image.fromarray(np.asarray(grey).astype(np.uint16) * 257).save(tmp_path / "deep.png")
        exif = Image.Exif()
        exif[0x0112] = 6  # to be turned clockwise by a quarter
        grey.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "turned.png", exif=exif)
        grey.resize((80, 80), Image.Resampling.NEAREST).save(tmp_path / "large.png")
    names = ("colour", "palette", "alpha", "deep", "turned", "large")
    status, out, _ = run(
        "predict", document, "--weights", weights, plain, *(tmp_path / f"{n}.png" for n in names), "--json"
    )
    assert status == 0
    first, *others = [[each["probability"] for each in entry["classes"]] for entry in json.loads(out)]
    for name, other in zip(names, others, strict=True):
        np.testing.assert_allclose(other, first, atol=0.3 if name == "large" else 0.01, err_msg=name)


def test_a_picture_that_cannot_be_read_does_not_hold_up_the_others(run, trained, tmp_path):
    document, weights = trained
    good = digit(tmp_path, 0)
    (tmp_path / "cut.png").write_bytes(good.read_bytes()[:60])
    status, out, err = run("predict", document, "--weights", weights, tmp_path / "cut.png", document, good)
    assert status == 1
    assert len(out.splitlines()) == 1
    assert out.startswith(f"{good}: 0 ")
    assert "cut.png" in err
    assert "net.json: It is a Convograph document, not a picture." in err
    assert "folder" not in err


def test_class_names_come_with_the_weights(run, trained, tmp_path):
    document, weights = trained
    text = document.read_text(encoding="utf-8").replace('"epochs": 8', '"epochs": 8, "dataset": "gone"')
    (tmp_path / "net.json").write_text(text, encoding="utf-8")
    status, out, _ = run("predict", tmp_path / "net.json", "--weights", weights, digit(tmp_path, 0))
    assert (status, out.split(": ")[1][:2]) == (0, "0 ")


def test_lists_are_further_keys_and_only_where_they_are_asked_for(run, trained):
    document, weights = trained
    plain = json.loads(run("evaluate", document, "--weights", weights, "--json")[1])
    assert set(plain) == {"n", "loss", "accuracy", "interval", "confusion", "classes"}
    listed = json.loads(run("evaluate", document, "--weights", weights, "--json", "--lists", "4")[1])
    assert {key: listed[key] for key in plain} == plain
    assert set(listed) - set(plain) == {"worst_mistakes", "least_sure", "most_typical", "calibration"}
    assert len(listed["least_sure"]) == 4
    wrong = round(plain["n"] * (1 - plain["accuracy"]))
    assert len(listed["worst_mistakes"]) == min(4, wrong)
    for row in listed["worst_mistakes"]:
        assert row["is"] != row["said"]
        assert row["probability"] >= row["probability_of_right"]
    assert sum(each["n"] for each in listed["calibration"]["bins"]) == plain["n"]


def test_lists_are_printed_below_the_matrix(run, trained):
    document, weights = trained
    status, out, _ = run("evaluate", document, "--weights", weights, "--lists", "2")
    assert status == 0
    assert [line for line in out.splitlines() if line in {"Least sure", "Most typical"}] == [
        "Least sure",
        "Most typical",
    ]
    assert "Calibration: on average" in out


@pytest.mark.parametrize("n", ["0", "-1", "many"])
def test_a_number_of_samples_that_is_none_is_refused(run, trained, n):
    document, weights = trained
    with pytest.raises(SystemExit) as ended:
        run("evaluate", document, "--weights", weights, "--lists", n)
    assert ended.value.code == 2
