"""Advice about Inputs."""

import pytest

from core.analysis.check import check
from core.graph.edits import set_config
from core.graph.fixing import apply_fix
from tests.core.analysis.advice.cases import config, cured, given, offered, only
from tests.drawing import chain, document, layer

SAME = ("Conv2D", {"filters": 8, "kernel_size": 3, "padding": "same"})


def test_channels_first_is_said_where_same_padding_lets_everything_pass():
    drawn = chain((1, 10, 10), SAME, "ReLU", "Flatten", ("Dense", {"units": 10}), "Softmax")
    assert not check(drawn).errors
    problem = only(drawn, "CHANNELS-FIRST")
    assert problem.what == "input: 1×10×10 looks like channels first (C×H×W)."
    assert (
        problem.why
        == "Shapes are height × width × channels: this is an image 1 pixel high and 10 wide, of 10 channels."
    )
    assert problem.path == "$.layers[0].config.shape"
    assert offered(problem) == ["Use 10×10×1"]
    (after,) = cured(drawn, problem)
    assert config(after, "input") == {"shape": [10, 10, 1]}


@pytest.mark.parametrize("shape", [(3, 32, 32), (3, 224, 320), (1, 28, 28)])
def test_grey_and_coloured_images_are_recognised(shape):
    channels, high, wide = shape
    assert offered(only(chain(shape, SAME), "CHANNELS-FIRST")) == [f"Use {high}×{wide}×{channels}"]


@pytest.mark.parametrize(
    "shape", [(28, 28, 1), (3, 3, 3), (1, 128, 9), (1, 28, 20), (1, 1, 512), (8, 8, 8), (4, 16, 16), (784,)]
)
def test_images_signals_and_rows_are_left_alone(shape):
    assert given(chain(shape, "ReLU"), "CHANNELS-FIRST") == []


@pytest.mark.parametrize(
    ("shape", "entry", "code"),
    [
        ((1, 28, 28), ("Conv2D", {"filters": 8, "kernel_size": 3}), "SHAPE-SMALL"),
        ((3, 224, 224), ("Conv2D", {"filters": 8, "kernel_size": 8, "stride": 4}), "SHAPE-SMALL"),
        ((3, 32, 32), "MaxPool2D", "SHAPE-FIT"),
    ],
)
def test_an_error_that_comes_of_channels_first_is_cured_at_the_input_first(shape, entry, code):
    channels, high, wide = shape
    drawn = chain(shape, "BatchNorm", entry)
    (problem,) = check(drawn).errors
    assert problem.code == code
    assert offered(problem)[0] == f"Make input {high}×{wide}×{channels}"
    assert check(apply_fix(drawn, problem.fixes[0])).valid


def test_a_fix_at_the_input_is_offered_only_where_it_breaks_no_other_layer():
    drawn = document(
        layer("input", "Input", shape=(1, 28, 28)),
        layer("small", "Conv2D", "input", filters=8, kernel_size=3),
        layer("split", "Conv2D", "input", filters=28, kernel_size=1, groups=28),
        outputs=("small",),
    )
    whole = set_config(drawn, "split", {"groups": 1})
    report = check(drawn)
    assert offered(report.errors[0]) == ["Use kernel size 1", 'Use padding "same"']
    assert offered(check(whole).errors[0])[0] == "Make input 28×28×1"
    assert check(whole, report).problems == check(whole).problems
    assert check(drawn, check(whole)).problems == report.problems
