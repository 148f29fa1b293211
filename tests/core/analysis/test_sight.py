"""Where receptive fields lie, held against what really changes when a pixel does."""

import numpy as np
import pytest

from core.analysis.check import check
from core.analysis.receptive_field import Box, seen
from core.engine.network import Network
from core.graph.edits import set_config
from core.io.templates import load_template
from tests.drawing import chain, document, layer


def really_seen(drawn, id, row, column):
    """The hull of the input pixels that change one place of a layer's output, by trying every one."""
    report = check(drawn)
    assert report.valid, report.errors
    network = Network(drawn)
    for name in network.weights:
        network.weights[name] = np.abs(network.weights[name]) + 0.1  # no path cancels another
    high, wide, channels = report.layers["input"].shape
    zero = np.zeros((1, high, wide, channels), np.float32)
    rng = np.random.default_rng(0)
    changed = []
    for y in range(high):
        for x in range(wide):
            lit = zero.copy()
            lit[0, y, x] = 100 + rng.random(channels)
            outputs = network.activations(np.concatenate([zero, lit]), [id])[id]
            if not np.array_equal(outputs[0, row, column], outputs[1, row, column]):
                changed.append((y, x))
    ys, xs = zip(*changed, strict=True)
    return Box(min(ys), min(xs), max(ys) + 1, max(xs) + 1)


def clipped(box, shape):
    return Box(max(0, box.top), max(0, box.left), min(shape[0], box.bottom), min(shape[1], box.right))


def residual():
    return document(
        layer("input", "Input", shape=[9, 9, 1]),
        layer("conv1", "Conv2D", "input", filters=2, kernel_size=3, padding=1),
        layer("conv2", "Conv2D", "conv1", filters=2, kernel_size=3, padding=1),
        layer("add1", "Add", ["conv1", "conv2"]),
        layer("relu1", "ReLU", "add1"),
    )


CASES = {
    "padded": (chain([9, 9, 1], ("Conv2D", {"filters": 2, "kernel_size": 3, "padding": 1})), "conv1", 4, 0),
    "strided": (chain([11, 9, 1], ("Conv2D", {"filters": 2, "kernel_size": 3, "stride": 2})), "conv1", 2, 3),
    "lopsided": (chain([8, 8, 1], ("Conv2D", {"filters": 1, "kernel_size": 2, "padding": "same"})), "conv1", 3, 7),
    "dilated": (chain([9, 9, 1], ("Conv2D", {"filters": 1, "kernel_size": 3, "dilation": 2})), "conv1", 1, 2),
    "deep": (
        chain(
            [12, 12, 1],
            ("Conv2D", {"filters": 2, "kernel_size": 3, "padding": 1}),
            "ReLU",
            "MaxPool2D",
            ("Conv2D", {"filters": 2, "kernel_size": 3}),
        ),
        "conv4",
        1,
        2,
    ),
    "residual": (residual(), "relu1", 4, 8),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_is_what_changes_the_value(case):
    drawn, id, row, column = case
    report = check(drawn)
    box = seen(report, id, row, column)
    assert clipped(box, report.layers["input"].shape) == really_seen(drawn, id, row, column)


def test_its_size_is_that_of_the_report():
    report = check(load_template("lenet5"))
    for id in ("input", "conv1", "relu1", "pool1", "conv2", "relu2", "pool2"):
        field = report.layers[id].receptive_field
        box, below = seen(report, id, 0, 0), seen(report, id, 1, 0)
        assert (box.bottom - box.top, box.right - box.left) == field.size
        assert below.top - box.top == field.jump[0]


def test_a_hand_worked_place():
    assert seen(check(load_template("lenet5")), "conv1", 12, 14) == Box(10, 12, 15, 17)
    assert seen(check(load_template("lenet5")), "conv1", 0, 0) == Box(-2, -2, 3, 3)


def test_behind_flatten_everything_is_seen():
    report = check(load_template("lenet5"))
    assert seen(report, "flat", 0, 0) is None
    assert seen(report, "fc3", 0, 0) is None


def test_what_is_unknown_has_no_place():
    report = check(set_config(load_template("lenet5"), "conv1", {"stride": 4}))
    assert seen(report, "pool1", 0, 0) is None
    assert seen(report, "nobody", 0, 0) is None
