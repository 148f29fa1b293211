"""Advice about the size of maps."""

from core.analysis.check import check
from tests.core.analysis.advice.cases import config, cured, given, kinds, offered, only
from tests.drawing import chain, document, layer


def conv(kernel_size=3, filters=4, **settings):
    return ("Conv2D", {"filters": filters, "kernel_size": kernel_size, **settings})


def images(side, *entries):
    return chain((side, side, 3), *entries)


# --- shrinking ------------------------------------------------------------------------------------------------------


def test_32_28_24_shrinks_too_fast():
    drawn = images(32, conv(5), "ReLU", conv(5), "ReLU")
    problem = only(drawn, "MAP-SHRINKS")
    assert problem.what == "conv3: 32×32 becomes 24×24 in 2 convolutions, for lack of padding."
    assert problem.why == "What is at the borders is washed away, and soon too little is left for later layers."
    assert (problem.layer, problem.path) == ("conv3", "$.layers[3].config.padding")
    assert offered(problem) == ["Use padding 2"]
    (after,) = cured(drawn, problem)
    assert check(after).layers["conv3"].shape == (28, 28, 4)


def test_several_convolutions_may_lose_less_than_a_quarter():
    assert given(images(33, conv(5), "ReLU", conv(5)), "MAP-SHRINKS") == []
    assert given(images(32, conv(5), "MaxPool2D", conv(3)), "MAP-SHRINKS") == []
    assert given(images(32, conv(5), conv(5, padding=2), conv(1)), "MAP-SHRINKS") == []


def test_one_convolution_may_lose_less_than_a_third():
    assert only(images(12, conv(5)), "MAP-SHRINKS").what == (
        "conv1: 12×12 becomes 8×8 in one step, for lack of padding."
    )
    assert given(images(13, conv(5)), "MAP-SHRINKS") == []
    assert given(images(14, conv(5)), "MAP-SHRINKS") == []  # LeNet-5


def test_a_long_run_is_told_of_each_time_it_has_lost_a_quarter():
    drawn = images(16, conv(), "ReLU", conv(), "ReLU", conv(), "ReLU", conv(), "ReLU", conv())
    assert [problem.what.partition(" in")[0] for problem in given(drawn, "MAP-SHRINKS")] == [
        "conv3: 16×16 becomes 12×12",
        "conv7: 12×12 becomes 8×8",
    ]


def test_padding_that_keeps_the_size_fits_the_filter():
    tall = only(images(8, conv([5, 3])), "MAP-SHRINKS")
    assert offered(tall) == ["Use padding [2, 1]"]
    even = only(images(8, conv(4)), "MAP-SHRINKS")
    assert offered(even) == ["Use padding same"]
    spread = only(images(8, conv(3, dilation=2)), "MAP-SHRINKS")
    assert offered(spread) == ["Use padding 2"]


def test_a_filter_as_large_as_the_map_is_a_dense_layer():
    assert given(images(5, conv(5)), "MAP-SHRINKS") == []
    assert given(images(6, conv(5)), "MAP-SHRINKS") != []


def test_steps_of_three_pixels_are_for_the_first_layer():
    drawn = images(64, conv(padding=1), "ReLU", conv(stride=3, rounding="floor"), "ReLU")
    problem = only(drawn, "MAP-SHRINKS")
    assert problem.what == "conv3: 64×64 becomes 21×21 in one step."
    assert problem.why == (
        "Its filters move 3 pixels at a time, so what lies in between is easily lost. Only the first layer of a "
        "network for large images takes steps that long."
    )
    assert offered(problem) == ["Use stride 2"]
    cured(drawn, problem)
    fitting = images(63, conv(padding=1), "ReLU", conv(stride=3))
    (after,) = cured(fitting, only(fitting, "MAP-SHRINKS"))
    assert config(after, "conv3")["stride"] == 2
    assert given(images(227, conv(11, stride=4)), "MAP-SHRINKS") == []
    assert given(images(64, conv(padding=1), conv(stride=2, rounding="floor")), "MAP-SHRINKS") == []


# --- what the last map sees -----------------------------------------------------------------------------------------


def seeing(side, end="GlobalAvgPool2D"):
    """Two 3×3 convolutions with a pool between: the last sees 8×8."""
    return images(side, conv(padding=1), "ReLU", "MaxPool2D", conv(padding=1), "ReLU", end, ("Dense", {"units": 10}))


def test_the_last_map_should_see_half_of_the_input():
    drawn = seeing(18)
    problem = only(drawn, "FIELD-SMALL")
    assert problem.what == "relu5: each of its values sees 8×8 pixels of the 18×18 input: less than half."
    assert problem.why == (
        "No filter ever sees as a whole what extends further. Pools, more layers and dilation enlarge the receptive "
        "field."
    )
    assert problem.layer == "relu5"
    assert given(seeing(16), "FIELD-SMALL") == []
    assert only(seeing(18, "Flatten"), "FIELD-SMALL").layer == "relu5"


def test_a_pool_before_a_late_convolution_and_dilation_widen_the_view():
    drawn = seeing(18)
    problem = only(drawn, "FIELD-SMALL")
    assert offered(problem) == ["Insert a 2×2 pool before conv4", "Dilate conv4 by 2"]
    pooled, dilated = cured(drawn, problem)
    assert kinds(pooled) == [
        *("Input", "Conv2D", "ReLU", "MaxPool2D", "MaxPool2D", "Conv2D", "ReLU", "GlobalAvgPool2D", "Dense"),
    ]
    assert check(dilated).layers["relu5"].receptive_field.size == (12, 12)
    assert check(dilated).layers["relu5"].shape == (9, 9, 4)


def test_where_one_pool_is_not_enough_dilation_is():
    problem = only(seeing(64), "FIELD-SMALL")
    assert offered(problem) == ["Dilate conv4 by 7"]
    (dilated,) = cured(seeing(64), problem)
    assert check(dilated).layers["relu5"].receptive_field.size == (32, 32)


def test_an_axis_of_its_own_is_looked_at():
    drawn = chain((8, 40, 3), conv(padding=1), "ReLU", conv(padding=1), "GlobalAvgPool2D")
    assert only(drawn, "FIELD-SMALL").what.startswith("conv3: each of its values sees 5×5 pixels of the 8×40 input")
    cured(drawn, only(drawn, "FIELD-SMALL"))


def test_one_convolution_before_a_linear_classifier_is_left_alone():
    def single(end):
        return images(28, conv(), end, ("Dense", {"units": 10}))

    assert given(single("Flatten"), "FIELD-SMALL") == []
    assert given(single("GlobalAvgPool2D"), "FIELD-SMALL") != []


def test_networks_without_convolutions_and_with_images_as_output_are_left_alone():
    assert given(images(28, "Flatten", ("Dense", {"units": 10})), "FIELD-SMALL") == []
    assert given(images(64, conv(padding=1), "ReLU", conv(padding=1)), "FIELD-SMALL") == []


def test_a_view_of_the_whole_image_on_the_way_counts():
    """Squeeze and excitation: every value of the last map depends on the whole image."""
    drawn = document(
        layer("input", "Input", shape=(64, 64, 3)),
        layer("conv", "Conv2D", "input", filters=8, kernel_size=3, padding=1),
        layer("squeeze", "GlobalAvgPool2D", "conv"),
        layer("excite", "Sigmoid", "squeeze"),
        layer("scale", "Multiply", ("conv", "excite")),
        layer("gap", "GlobalAvgPool2D", "scale"),
        layer("fc", "Dense", "gap", units=10),
    )
    assert given(drawn, "FIELD-SMALL") == []


# --- divisible inputs -----------------------------------------------------------------------------------------------


def halved_twice(side, *end):
    floor = ("MaxPool2D", {"rounding": "floor"})
    return images(side, conv(padding=1), "ReLU", floor, conv(padding=1), "ReLU", floor, *end)


def test_the_total_stride_should_divide_the_input():
    drawn = halved_twice(30)
    problem = only(drawn, "INPUT-SIDE")
    assert problem.what == "input: 30×30 is not divisible by the total stride 4."
    assert problem.why == "The values of pool6 lie 4 pixels apart, so some layer crops or pads unevenly."
    assert problem.path == "$.layers[0].config.shape"
    assert offered(problem) == ["Use 32×32×3"]
    cured(drawn, problem)
    assert offered(only(halved_twice(29), "INPUT-SIDE")) == ["Use 28×28×3"]
    assert only(halved_twice(30, "Flatten", ("Dense", {"units": 3})), "INPUT-SIDE").layer == "input"
    assert given(halved_twice(28), "INPUT-SIDE") == []


def test_images_that_were_enlarged_are_left_alone():
    assert given(images(31, ("Upsample2D", {"factor": 2})), "INPUT-SIDE") == []
