"""What is said of samples that are wrong, and that nothing is said of good ones."""

from dataclasses import replace

import numpy as np
import pytest

from core.graph.edits import set_config, set_training
from core.graph.fixing import apply_fix
from core.io.datasets import BUNDLED, Dataset, load_dataset, split
from core.io.datasets.findings import data_findings
from core.io.datasets.findings.findings import RULES
from core.io.templates import load_template

LENET = load_template("lenet5")


def pictures(n=240, size=(12, 12, 1), classes=10, seed=0, **more):
    """Draw a bright blot on black ground for each sample."""
    rng = np.random.default_rng(seed)
    images = np.zeros((n, *size), np.uint8)
    images[:, 3:9, 4:8] = rng.integers(80, 256, (n, 6, 4, size[2]))
    names = tuple("0123456789ab"[:classes])
    return Dataset("drawn", images, np.arange(n) % classes, names, **more)


def found(dataset, document=None):
    return {finding.code: finding for finding in data_findings(dataset, document)}


def only(code, dataset, document=None):
    findings = found(dataset, document)
    assert list(findings) == [code]
    return findings[code]


def with_image(dataset, place, image):
    images = dataset.images.copy()
    images[place] = image
    return replace(dataset, images=images)


@pytest.mark.parametrize("name", BUNDLED)
def test_nothing_is_said_of_what_is_bundled(name):
    dataset = load_dataset(name)
    assert data_findings(dataset) == ()


@pytest.mark.parametrize("name", ["lenet5", "mlp", "digits_cnn"])
def test_nothing_is_said_of_digits_and_a_network_for_them(name):
    assert data_findings(load_dataset("digits"), load_template(name)) == ()


def test_a_label_that_no_output_is_for_is_an_error_with_its_file():
    sources = [f"{place % 11}/scan_{place}.png" for place in range(330)]
    finding = only("label_range", pictures(330, classes=11, sources=sources), LENET)
    assert finding.severity == "error"
    assert finding.what.startswith(
        "10/scan_10.png has the label 10 (“a”), but fc3 gives 10 numbers, for the labels 0 … 9."
    )
    assert finding.what.endswith("29 other samples are out of range too.")
    assert finding.samples == tuple(range(10, 330, 11))
    (fix,) = finding.fixes
    assert fix.label == "Set units of fc3 to 11"
    assert found(pictures(330, classes=11), apply_fix(LENET, fix)) == {}


def test_labels_that_begin_with_1_are_said_once_and_counted_from_1():
    data = pictures()
    data = replace(data, labels=data.labels + 1, classes=tuple(map(str, range(11))))
    finding = only("label_range", data, LENET)  # label 10 has no output
    assert [fix.label for fix in finding.fixes] == ["Count labels from 1", "Set units of fc3 to 11"]
    assert found(data, apply_fix(LENET, finding.fixes[0])) == {}
    late = only("late_labels", data)
    assert late.severity == "advice"
    assert "begin with 1: no sample has the label 0" in late.what


def test_labels_below_the_first_one_are_out_of_range():
    document = set_training(LENET, {"first_label": 1})
    finding = only("label_range", pictures(), document)
    assert finding.what.startswith("Sample 1 has the label 0, but fc3 gives 10 numbers, for the labels 1 … 10.")
    assert [fix.label for fix in finding.fixes] == ["Count labels from 0"]


def test_the_output_is_found_through_activations_and_global_pools_only():
    assert "label_range" in found(pictures(330, classes=11), load_template("all_cnn_c"))
    assert "label_range" not in found(pictures(330, classes=11), set_config(LENET, "fc3", {"units": 12}))


def test_a_gap_in_the_labels_names_the_class():
    data = pictures()
    data = replace(data, labels=np.where(data.labels == 7, 8, data.labels))
    assert "No sample is of the class 7." in only("empty_class", data).what


def test_a_rare_class_says_what_guessing_would_reach():
    n = 9240
    rng = np.random.default_rng(1)
    labels = rng.permutation(np.append(np.full(214, 8), np.resize([0, 1, 2, 3, 4, 5, 6, 7, 9], n - 214)))
    images = rng.integers(0, 256, (n, 4, 4, 1), np.uint8)
    finding = only("rare_class", Dataset("post", images, labels, tuple("0123456789")))
    assert finding.what == "8 is rare: 214 of 9,240 samples, 2.3%."
    assert "Guessing “never 8” is right 97.7% of the time" in finding.why
    assert finding.samples == tuple(np.flatnonzero(labels == 8))
    assert [fix.label for fix in finding.fixes] == ["Weigh the loss"]


def test_identical_pictures_under_two_labels_are_named_both():
    sources = [f"{place % 10}/{place}.png" for place in range(240)]
    data = pictures(sources=sources)
    data = with_image(data, 17, data.images[2])
    finding = found(data)["contradicting_copies"]
    assert "2/2.png (label 2) and 7/17.png (label 7) are the same bytes" in finding.what
    assert finding.samples == (2, 17)


def test_copies_with_the_same_label_are_a_note_unless_they_leak():
    data = pictures()
    training, validation = split(data.labels, 0.2, 0)
    same_class = [place for place in training if data.labels[place] == data.labels[training[0]]]
    note = only("copies", with_image(data, same_class[1], data.images[same_class[0]]))
    assert note.severity == "note"
    assert note.samples == tuple(same_class[:2])
    kept = next(place for place in validation if data.labels[place] == data.labels[training[0]])
    leak = only("validation_in_training", with_image(data, kept, data.images[training[0]]))
    assert f"1 validation sample of {len(validation)} is also in training, such as sample {kept + 1}" in leak.what
    assert set(leak.samples) == {kept, training[0]}
    assert "validation_in_training" not in found(
        with_image(data, kept, data.images[training[0]]), set_training(LENET, {"validation_split": 0})
    )


def test_the_data_sets_own_test_part_is_compared_too():
    data, test = pictures(), pictures(30, seed=5)
    data = replace(data, test=with_image(test, 4, data.images[9]))
    finding = only("test_in_training", data)
    assert "1 test sample of 30 is also in the training part, such as sample 10" in finding.what
    assert finding.samples == (9,)


def test_samples_that_differ_in_one_bit_are_no_copies():
    data = pictures(size=(12, 12, 1))
    image = data.images[0].copy()
    image[5, 5] ^= 0x80
    other = data.images[1].copy()
    for_both = with_image(with_image(data, 3, image), 7, other)
    assert set(found(for_both)) == {"contradicting_copies"}
    assert found(for_both)["contradicting_copies"].samples == (1, 7)


def test_rows_of_few_values_may_be_alike():
    rows = np.tile(np.float32([[0.0, 1.0], [1.0, 0.0]]), (60, 1))
    assert data_findings(Dataset("xor", rows, np.arange(120) % 2, ("a", "b"), scale=1.0)) == ()


def test_a_point_at_the_origin_is_not_empty():
    points = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    points[7] = 0
    assert data_findings(Dataset("points", points, np.arange(60) % 2, ("a", "b"), scale=1.0)) == ()


def test_pictures_with_one_value_everywhere_are_counted():
    finding = only("constant_samples", with_image(with_image(pictures(), 5, 0), 9, 255))
    assert finding.samples == (5, 9)
    assert "2 pictures of 240 have one value everywhere, such as sample 6" in finding.what


def test_nan_is_an_error():
    data = pictures()
    data = replace(data, images=data.images / np.float32(255), scale=1.0)
    finding = only("nonfinite", with_image(data, 3, np.nan))
    assert finding.severity == "error"
    assert finding.samples == (3,)


def test_nearly_black_pictures_are_found():
    data = pictures()
    finding = only("nearly_black", replace(data, images=data.images // 64))
    assert "the brightest value is 3, where 255 is white" in finding.what


def test_single_nearly_black_pictures_are_named():
    data = pictures()
    finding = only("dark_samples", with_image(data, 7, data.images[7] // 64))
    assert finding.samples == (7,)
    assert "1 picture of 240 is nearly black, such as sample 8, whose brightest value is 3" in finding.what


def test_samples_of_one_class_have_nothing_to_tell_apart():
    data = pictures()
    finding = only("single_class", replace(data, labels=np.zeros(240, np.int64), classes=("0",)))
    assert finding.what == "All 240 samples are of the class 0."


def test_values_that_are_not_scaled_are_found():
    data = pictures()
    data = replace(data, images=data.images.astype(np.float32), scale=1.0)
    assert "Values run from 0 to 255, where pictures should run from 0 to 1" in only("unscaled", data).what


def test_white_ground_is_found_and_its_opposite_is_not():
    data = pictures()
    finding = only("inverted", replace(data, images=255 - data.images))
    assert finding.severity == "advice"
    assert "along the border of 100% of 240 pictures" in finding.what


def test_writing_on_its_side_is_suspected_only_of_writing():
    digits = load_dataset("digits")
    lying = replace(digits, images=np.ascontiguousarray(digits.images.swapaxes(1, 2)))
    finding = only("on_side", lying)
    assert finding.severity == "note"
    assert "may lie on their side" in finding.what
    numbered = replace(lying, classes=tuple(map(str, range(47))))  # as the IDX files of EMNIST have them
    assert "on_side" in found(numbered)
    named = replace(lying, classes=tuple(f"shoe {name}" for name in lying.classes))
    assert data_findings(named) == ()


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("inverted", lambda data: replace(data, images=16 - data.images)),
        ("on_side", lambda data: replace(data, images=np.ascontiguousarray(data.images.swapaxes(1, 2)))),
        ("nearly_black", lambda data: replace(data, scale=data.scale * 64)),
        ("unscaled", lambda data: replace(data, images=data.images.astype(np.float32) * 16, scale=1.0)),
    ],
)
def test_a_repair_of_preprocessing_takes_its_finding_away(code, spoil):
    spoiled = spoil(load_dataset("digits"))
    (fix,) = only(code, spoiled, LENET).fixes
    assert found(spoiled, apply_fix(LENET, fix)) == {}


def test_a_repair_goes_before_the_steps_that_are_there():
    document = set_training(LENET, {"preprocessing": ["MeanImage", {"kind": "Range", "low": 0}]})
    digits = load_dataset("digits")
    (fix,) = only("inverted", replace(digits, images=16 - digits.images), document).fixes
    assert apply_fix(document, fix).training.as_json()["preprocessing"] == [
        "Invert",
        "MeanImage",
        {"kind": "Range", "low": 0},
    ]


def test_two_repairs_go_together():
    digits = load_dataset("digits")
    spoiled = replace(digits, images=np.ascontiguousarray(16 - digits.images.swapaxes(1, 2)))
    document = LENET
    for _ in range(2):
        document = apply_fix(document, next(iter(found(spoiled, document).values())).fixes[0])
    assert found(spoiled, document) == {}


def smooth_photographs(n=60, side=16, seed=0):
    """Draw smooth pictures (n, side, side, 3) whose red is brighter than their blue."""
    rng = np.random.default_rng(seed)
    grid = np.linspace(0, 1, side, dtype=np.float32)
    slopes = rng.uniform(-0.3, 0.3, (n, 2, 1, 1)).astype(np.float32)
    grey = 0.45 + slopes[:, 0] * grid[:, None] + slopes[:, 1] * grid
    return np.clip(grey[..., None] + np.float32([0.08, 0.02, -0.08]), 0, 1)


def test_swapped_channels_are_suspected_and_right_ones_are_not():
    images = smooth_photographs()
    data = Dataset("photos", images, np.arange(60) % 2, ("cat", "dog"), scale=1.0)
    assert data_findings(data) == ()
    finding = only("channels_swapped", replace(data, images=np.ascontiguousarray(images[..., ::-1])))
    assert finding.severity == "note"
    assert "may be swapped" in finding.what


def test_swapped_bytes_of_16_bit_pictures_are_proved_by_swapping_them_again():
    levels = np.rint(smooth_photographs()[..., :1] * 65535).astype(np.uint16)
    data = Dataset("scans", levels / np.float32(65535), np.arange(60) % 2, ("cat", "dog"), scale=1.0)
    assert data_findings(data) == ()
    swapped = replace(data, images=levels.byteswap() / np.float32(65535))
    finding = only("byte_order", swapped)
    assert "once the two bytes of each value are swapped" in finding.what
    stored = replace(data, images=levels.byteswap().astype(np.float32), scale=65535.0)
    assert "byte_order" in found(stored)


def test_a_constant_channel_is_named():
    data = pictures(size=(12, 12, 4))
    images = data.images.copy()
    images[..., 3] = 255
    finding = only("constant_channel", replace(data, images=images))
    assert finding.what == "Channel 4 of 4 has the value 255 in all samples."


@pytest.mark.parametrize(("side", "word"), [(6, "enlarged"), (120, "reduced")])
def test_pictures_far_from_the_input_are_a_note(side, word):
    rng = np.random.default_rng(0)
    images = np.zeros((100, side, side, 1), np.uint8)
    images[:, 1:-1, 2:-2] = rng.integers(0, 256, (100, side - 2, side - 4, 1))
    data = Dataset("drawn", images, np.arange(100) % 10, tuple("0123456789"))
    finding = only("far_from_input", data, set_training(LENET, {"validation_split": 0}))
    assert f"Pictures are {word}" in finding.what


def test_few_samples_are_a_note():
    finding = only("few_samples", pictures(30))
    assert "There are 24 training samples of 10 classes, fewer than 10 for each" in finding.what


def test_errors_come_first_and_the_json_is_as_agreed():
    data = pictures(240, classes=11)
    data = replace(data, images=255 - data.images)
    findings = data_findings(data, LENET)
    assert [finding.code for finding in findings] == ["label_range", "inverted"]
    json = findings[0].as_json()
    assert list(json) == ["code", "severity", "what", "why", "samples", "fixes"]
    assert json["samples"] == [place for place in range(240) if place % 11 == 10][:20]
    assert json["fixes"][0] == {
        "label": "Set units of fc3 to 11",
        "edits": [{"op": "set", "layer": "fc3", "config": {"units": 11}}],
    }


def test_it_can_be_cancelled_between_blocks():
    asked = []

    def cancelled():
        asked.append(1)
        return len(asked) > 3

    assert data_findings(pictures(), LENET, cancelled) == ()
    assert len(asked) == 4


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("shape", [(1,), (3,), (1, 1, 1), (2, 2, 3), (5, 1, 2)])
@pytest.mark.parametrize("document", [None, LENET], ids=["alone", "lenet5"])
def test_tiny_data_sets_are_looked_at_without_a_stumble(n, shape, document):
    for values in (0, 255, np.nan):
        images = np.full((n, *shape), values, np.float32)
        data_findings(Dataset("tiny", images, np.arange(n), tuple("abc"[:n]), scale=1.0), document)


def test_every_rule_says_what_it_finds_once():
    assert len(set(RULES)) == len(RULES)
