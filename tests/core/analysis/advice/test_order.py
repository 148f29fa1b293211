"""Advice about what stands before what."""

import pytest

from core.analysis.check import check
from core.graph.values import Document
from tests.core.analysis.advice.cases import config, cured, given, kinds, offered, only
from tests.drawing import chain, document, layer


def conv(filters=8, kernel_size=3, **settings):
    return ("Conv2D", {"filters": filters, "kernel_size": kernel_size, **settings})


def dense(units):
    return ("Dense", {"units": units})


def images(*entries):
    return chain((16, 16, 8), *entries)


# --- sums -----------------------------------------------------------------------------------------------------------


def test_two_convolutions_need_something_non_linear_between():
    drawn = images(conv(), conv())
    problem = only(drawn, "LINEAR-TWICE")
    assert problem.what == "conv2: it follows conv1 with nothing non-linear in between."
    assert problem.why == (
        "Two weighted sums in a row amount to one: together they can learn no more than a single layer."
    )
    assert (problem.layer, problem.path) == ("conv2", "$.layers[2]")
    assert offered(problem) == ["Insert ReLU"]
    (after,) = cured(drawn, problem)
    assert kinds(after) == ["Input", "Conv2D", "ReLU", "Conv2D"]


@pytest.mark.parametrize(
    "between",
    [
        ["BatchNorm"],
        [("AvgPool2D", {}), "Dropout"],
        [("ZeroPad2D", {"padding": 1})],
        [("Upsample2D", {}), "GaussianNoise", ("ChannelShuffle", {"groups": 2})],
        [("SpaceToDepth", {}), ("DepthToSpace", {})],
        [("PadChannels", {"before": 1, "after": 1}), ("Crop2D", {"cropping": 1})],
    ],
)
def test_what_a_sum_passes_through_as_a_sum_is_nothing_between(between):
    what = only(images(conv(), *between, conv()), "LINEAR-TWICE").what
    assert what == f"conv{len(between) + 2}: it follows conv1 with nothing non-linear in between."


@pytest.mark.parametrize(
    "between", ["ReLU", "Tanh", "PReLU", "Maxout", "MaxPool2D", "L2Pool2D", "LayerNorm", "LocalResponseNorm"]
)
def test_what_is_not_linear_is_enough(between):
    assert given(images(conv(), between, conv()), "LINEAR-TWICE") == []


def test_two_dense_layers_are_one_too():
    drawn = chain((32,), dense(20), "Dropout", dense(10))
    assert only(drawn, "LINEAR-TWICE").what == "fc3: it follows fc1 with nothing non-linear in between."
    cured(drawn, only(drawn, "LINEAR-TWICE"))


def test_three_in_a_row_are_two_cases():
    assert [problem.layer for problem in given(images(conv(), conv(), conv()), "LINEAR-TWICE")] == ["conv2", "conv3"]


def test_a_linear_classifier_after_a_convolution_is_left_alone():
    assert given(images(conv(), "Flatten", dense(10)), "LINEAR-TWICE") == []


def test_one_layer_factorised_into_two_is_left_alone():
    bottleneck = [conv(2, 1), conv(8, 1)]
    wide = [conv(8, 1), conv(8, 1)]
    depthwise = [conv(8, 3, groups=8), conv(16, 1)]
    crossed = [conv(8, [1, 3]), conv(8, [3, 1])]
    straight = [conv(8, [1, 3]), conv(8, [1, 3])]
    assert [
        bool(given(images(*pair), "LINEAR-TWICE")) for pair in (bottleneck, wide, depthwise, crossed, straight)
    ] == [
        False,
        True,
        False,
        False,
        True,
    ]


def test_paths_that_meet_are_not_a_row():
    drawn = document(
        layer("input", "Input", shape=(8, 8, 3)),
        layer("conv1", "Conv2D", "input", filters=3, kernel_size=1),
        layer("add", "Add", ("conv1", "input")),
        layer("conv2", "Conv2D", "add", filters=3, kernel_size=1),
    )
    assert given(drawn, "LINEAR-TWICE") == []


# --- biases ---------------------------------------------------------------------------------------------------------


def test_a_bias_before_batch_normalisation_has_no_effect():
    drawn = images(conv(), "BatchNorm", "ReLU")
    problem = only(drawn, "BIAS-UNUSED")
    assert problem.what == "conv1: its bias has no effect: bn2 subtracts each channel's mean, and the bias with it."
    assert problem.why == "bn2 has a shift of its own."
    assert (problem.layer, problem.path) == ("conv1", "$.layers[1].config.bias")
    (after,) = cured(drawn, problem)
    assert config(after, "conv1")["bias"] is False
    assert only(images(conv(), ("InstanceNorm", {"affine": False})), "BIAS-UNUSED").why == "It only costs memory."
    assert only(chain((9,), dense(5), "BatchNorm"), "BIAS-UNUSED").layer == "fc1"


def test_a_bias_that_something_else_sees_is_needed():
    def branching(*more, outputs=None):
        return document(
            layer("input", "Input", shape=(8, 8, 3)),
            layer("conv", "Conv2D", "input", filters=3, kernel_size=1),
            layer("bn", "BatchNorm", "conv"),
            *more,
            outputs=outputs,
        )

    assert given(branching(), "BIAS-UNUSED") != []
    assert given(branching(layer("relu", "ReLU", "conv")), "BIAS-UNUSED") == []
    assert given(branching(outputs=("bn", "conv")), "BIAS-UNUSED") == []
    assert given(images(conv(bias=False), "BatchNorm"), "BIAS-UNUSED") == []
    assert given(images(conv(), "ReLU", "BatchNorm"), "BIAS-UNUSED") == []
    assert given(images(conv(), "LayerNorm"), "BIAS-UNUSED") == []


def test_when_a_second_consumer_comes_or_goes_the_advice_goes_or_comes():
    base = images(conv(), "BatchNorm", "ReLU")
    more = Document(graph=document(*base.graph.layers, layer("tanh", "Tanh", "conv1")).graph)
    first = check(base)
    second = check(more, first)
    third = check(base, second)
    found = [[problem.code for problem in report.problems] for report in (first, second, third)]
    assert found == [["BIAS-UNUSED"], [], ["BIAS-UNUSED"]]


# --- dropout --------------------------------------------------------------------------------------------------------


def test_dropout_before_batch_normalisation_can_move_after_the_last_one():
    drawn = images(
        conv(),
        "ReLU",
        "Dropout",
        conv(bias=False),
        "BatchNorm",
        "ReLU",
        conv(bias=False),
        "BatchNorm",
        "ReLU",
        "Flatten",
    )
    problem = only(drawn, "DROPOUT-ORDER")
    assert problem.what == "drop3: it comes before the batch normalisation bn5."
    assert problem.why == (
        "Dropping values changes their variance in training only, so bn5 learns a variance that it never meets at "
        "inference."
    )
    assert offered(problem) == ["Move it before flat10", "Remove the dropout"]
    moved, removed = cured(drawn, problem)
    assert kinds(moved)[-2:] == ["Dropout", "Flatten"]
    assert "drop3" in check(moved).layers
    assert "Dropout" not in kinds(removed)


def test_a_dropout_keeps_its_settings_when_it_moves():
    drawn = images(("SpatialDropout", {"rate": 0.25}), "BatchNorm", "ReLU", "GlobalAvgPool2D")
    moved, _ = cured(drawn, only(drawn, "DROPOUT-ORDER"))
    assert config(moved, "drop1") == {"rate": 0.25}


def test_dropout_is_only_removed_where_nothing_follows_the_normalisation():
    assert offered(only(images("Dropout", "BatchNorm"), "DROPOUT-ORDER")) == ["Remove the dropout"]


def test_dropout_after_all_normalisation_or_of_nothing_is_fine():
    assert given(images("BatchNorm", "Dropout", conv()), "DROPOUT-ORDER") == []
    assert given(images(("Dropout", {"rate": 0}), "BatchNorm"), "DROPOUT-ORDER") == []
    assert given(images("Dropout", "LayerNorm"), "DROPOUT-ORDER") == []
