"""What explanations say, against the numbers of the courses and against the mathematics itself.

Source: CS231n, “Convolutional Networks”, Implementation as Matrix Multiplication and Backpropagation; Araujo, Norris
and Sim, “Computing Receptive Fields of Convolutional Neural Networks”, Distill 2019.
"""

import numpy as np
import pytest

from core.analysis.check import check
from core.io.templates import load_template
from core.layers import KINDS, Context, ReceptiveField
from core.layers.kind import Kind
from tests.contract.cases import LAYER_CASES, draw_inputs, draw_weights
from tests.drawing import chain


def explained(kind: str, config, *inputs, fields=None):
    """Return the lines of each topic."""
    spec: Kind = KINDS[kind].read(config)
    return {found.topic: found.lines for found in spec.explain_more(inputs, fields)}


ALEXNET_1 = ("Conv2D", {"filters": 96, "kernel_size": 11, "stride": 4}, (227, 227, 3))
LENET_1 = ("Conv2D", {"filters": 6, "kernel_size": 5, "padding": 2}, (28, 28, 1))


def test_im2col_of_alexnets_first_layer_as_in_the_course():
    lines = explained(*ALEXNET_1)["As matrices"]
    assert lines[0].startswith("X_col is 363×3025: for each of 55·55 = 3,025 places a column")
    assert lines[1] == "W_row is 96×363: for each filter a row"
    assert lines[2] == "Y = W_row·X_col is 96×363 · 363×3025 = 96×3025, laid out as 55×55×96"
    assert "1,098,075 values, 4.2 MiB: 7.1 times as many" in lines[4]


def test_forward_and_backward_of_alexnets_first_layer():
    found = explained(*ALEXNET_1)
    assert found["Shape and parameters"] == ("(227 − 11)/4 + 1 = 55", "(11·11·3 + 1)·96 = 34,944")
    assert found["Forward"] == (
        "y[i, j, k] = Σ w[a, b, c, k]·x[4·i + a, 4·j + b, c] + bias[k]",
        "Σ over 11·11 pixels and 3 channels: 363 products for each of 55·55·96 = 290,400 values",
        "363·290,400 = 105,415,200 multiply–accumulates",
    )
    assert "summed over all 55·55 = 3,025 places" in found["Backward"][0]
    assert "filters turned by 180°, 96 channels in and 3 out" in found["Backward"][2]
    assert found["Backward"][4] == (
        "S − 1 = 3 between neighbours: 55 become 4·(55 − 1) + 1 = 217; padding F − 1 − P = 11 − 1 − 0 = 10; "
        "217 − 11 + 2·10 + 1 = 227"
    )


def test_lenets_first_layer_on_28_by_28():
    found = explained(*LENET_1, fields=[ReceptiveField()])
    assert found["Forward"][-1] == "Outside the image x is 0: 2 on every side."
    assert found["Backward"][-1] == "padding F − 1 − P = 5 − 1 − 2 = 2; 28 − 5 + 2·2 + 1 = 28"
    assert found["Receptive field"][1] == "r = 1 + (5 − 1)·1 = 5, j = 1·1 = 1"
    assert found["As matrices"][0].startswith("X_col is 25×784")
    assert found["Memory"] == (
        "Output: 28·28·6 = 4,704 values of 4 bytes, 18.4 KiB a sample, and in training as much again for its gradient: "
        "36.8 KiB",
        "Parameters: 156 values, 624 B",
        "Trained with SGD, with gradient and velocity, 3·156 values, 1.8 KiB; with Adam, which keeps two moments, "
        "4·156 values, 2.4 KiB",
    )


def test_a_pool_on_28_by_28_with_the_indicator_of_the_maximum():
    found = explained("MaxPool2D", {}, (28, 28, 6), fields=[ReceptiveField((5, 5))])
    assert found["Backward"] == (
        "∂ℓ/∂x[p, q, c] = Σ ∂ℓ/∂y[i, j, c]·1[(p, q) is the first largest pixel of window (i, j)]",
        "At most 1,176 of 28·28·6 = 4,704 values get a gradient, all others 0.",
        "No two windows overlap: a pixel gets the gradient of one at most.",
    )
    assert found["Receptive field"][1] == "r = 5 + (2 − 1)·1 = 6, j = 1·2 = 2"
    assert found["As matrices"][0].startswith("X_col is 4×1176")


def test_alexnets_overlapping_pools():
    found = explained("MaxPool2D", {"pool_size": 3, "stride": 2}, (55, 55, 96))
    assert found["Backward"][-1] == "A pixel lies in up to 4 windows: their gradients add up."


def test_dense_as_matrices():
    assert explained("Dense", {"units": 10}, (4704,))["As matrices"] == (
        "Y = X·W is N×4704 · 4704×10 = N×10, for a batch of N",
        "∂ℓ/∂W = Xᵀ·∂ℓ/∂Y is 4704×N · N×10 = 4704×10; ∂ℓ/∂X = ∂ℓ/∂Y·Wᵀ is N×10 · 10×4704 = N×4704",
    )


def test_a_transposed_convolution_of_a_dcgan():
    config = {"filters": 8, "kernel_size": 4, "stride": 2, "padding": 1}
    found = explained("ConvTranspose2D", config, (7, 7, 3), fields=[ReceptiveField((5, 5), (2, 2))])
    assert found["Forward"][-1] == ("7 become 2·(7 − 1) + 1 = 13; padding F − 1 − P = 2; 13 − 4 + 2·2 + 1 = 14")
    assert "up to ⌈4/2⌉·⌈4/2⌉ = 4 values, equally many" in found["Forward"][2]
    assert found["Backward"][1] == "(14 − 4 + 2·1)/2 + 1 = 7"
    assert found["Receptive field"][1] == "r = 5 + (⌈4/2⌉ − 1)·2 = 7, j = 2/2 = 1"
    assert "Y_col = W·X is 128×3 · 3×49 = 128×49" in found["As matrices"][2]


def test_a_filter_that_is_no_multiple_of_its_stride_can_show_a_checkerboard():
    found = explained("ConvTranspose2D", {"filters": 1, "kernel_size": 3, "stride": 2}, (4, 4, 1))
    assert "3 is not a multiple of 2: such outputs can show a checkerboard" in found["Forward"][2]


def test_without_sharing_places_learn_alone():
    lines = explained("LocallyConnected2D", {"filters": 96, "kernel_size": 11, "stride": 4}, (227, 227, 3))["Backward"]
    assert "summed over the batch alone: each of 55·55 = 3,025 places has its own weights" in lines[0]
    assert lines[-1].endswith("(11·11·3 + 1)·96 = 34,944 parameters, 3,025 times fewer")


def test_batchnorm_names_the_values_it_takes_the_mean_of():
    found = explained("BatchNorm", {}, (28, 28, 6))
    assert found["Forward"][0] == (
        "In training μ and σ² of each channel are those of all N·28·28 values of the channel in a batch of N."
    )
    assert "Statistics: 12 values without a gradient, 48 B" in found["Memory"]


def test_reports_explain_with_the_receptive_fields_of_the_network():
    report = check(load_template("lenet5"))
    found = {topic.topic: topic.lines for topic in report.layers["pool2"].explanations}
    assert found["Receptive field"][1:] == (
        "r = 14 + (2 − 1)·2 = 16, j = 2·2 = 4",
        "A value sees 16×16 pixels of the input; neighbours look 4 pixels apart.",
    )
    whole = {topic.topic: topic.lines for topic in report.layers["fc2"].explanations}
    assert whole["Receptive field"] == ("Every value sees the whole input, as what feeds it does.",)


def test_what_is_not_known_is_not_explained():
    report = check(chain((7, 7, 1), ("Conv2D", {"filters": 1, "kernel_size": 3, "stride": 3})))
    assert report.layers["conv1"].explanations == ()


CONVOLUTIONS = [
    case for case in LAYER_CASES if type(case.values[0]).__name__ == "Conv2D" and case.values[0].groups == 1
]


def correlate(x, kernel):
    """Slide a kernel over x with stride 1, in plain loops. (N, H, W, C), (F, F, C, K) -> (N, H', W', K)."""
    fh, fw = kernel.shape[:2]
    high, wide = x.shape[1] - fh + 1, x.shape[2] - fw + 1
    y = np.zeros((len(x), high, wide, kernel.shape[3]))
    for i in range(high):
        for j in range(wide):
            y[:, i, j] = np.tensordot(x[:, i : i + fh, j : j + fw], kernel, 3)
    return y


@pytest.mark.parametrize(("kind", "example"), CONVOLUTIONS)
def test_the_backward_of_a_convolution_is_the_convolution_that_the_explanation_describes(kind, example):
    rng = np.random.default_rng(7)
    (x,) = draw_inputs(example, rng, batch=1)
    if x.size > 5_000:
        x = x[:, :31, :31]  # 31 = 4·5 + 11, so that the filter still fits
    weights, ctx = draw_weights(kind, example, rng), Context()
    dy = rng.standard_normal(kind.forward((x,), weights, ctx).shape)
    (dx,), _ = kind.backward(dy, weights, ctx)
    found = kind.window(x.shape[1:])
    spread = np.zeros((1, *((axis.out - 1) * axis.stride + 1 for axis in found.axes), kind.filters))
    spread[:, :: found.high.stride, :: found.wide.stride] = dy  # S − 1 zeros between neighbours
    turned = np.zeros((found.high.span, found.wide.span, kind.filters, x.shape[3]))
    turned[:: found.high.dilation, :: found.wide.dilation] = weights["kernel"][::-1, ::-1].swapaxes(2, 3)
    for place, axis in enumerate(found.axes, 1):
        margin, end = axis.span - 1 - axis.before, axis.span - 1 - axis.after  # F − 1 − P
        unread = axis.slack - (axis.out - 1) * axis.stride
        sides = [(0, 0)] * 4
        sides[place] = (max(0, margin), max(0, end + unread))
        spread = np.pad(spread, sides)
        cut = slice(max(0, -margin), spread.shape[place] - max(0, -(end + unread)))
        spread = spread[(slice(None),) * place + (cut,)]
    np.testing.assert_allclose(correlate(spread, turned), dx, atol=1e-10)
