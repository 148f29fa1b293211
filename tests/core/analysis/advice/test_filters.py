"""Advice about filters: large ones, even ones, strides and numbers."""

from core.analysis.check import check
from tests.core.analysis.advice.cases import config, cured, given, kinds, offered, only
from tests.drawing import chain, document, layer


def conv(filters, kernel_size, **settings):
    return ("Conv2D", {"filters": filters, "kernel_size": kernel_size, **settings})


def after_first(entry, channels=64):
    """A convolution after another one, on 32×32."""
    return chain((32, 32, 3), conv(channels, 3, padding=1), "ReLU", entry, "ReLU")


def test_large_filters_beyond_the_first_layer_can_be_stacked_and_both_counts_are_shown():
    drawn = after_first(conv(64, 5, padding=2))
    problem = only(drawn, "FILTER-LARGE")
    assert problem.what == "conv3: two stacked 3×3 filters see as much as its 5×5 filter, with fewer parameters."
    assert problem.why == (
        "(5·5·64 + 1)·64 = 102,464 against (3·3·64 + 1)·64 + (3·3·64 + 1)·64 = 73,856, "
        "with 1 extra non-linearity in between."
    )
    assert problem.path == "$.layers[3].config.kernel_size"
    assert offered(problem) == ["Stack two 3×3 filters"]
    (stacked,) = cured(drawn, problem)
    assert kinds(stacked) == ["Input", "Conv2D", "ReLU", "Conv2D", "ReLU", "Conv2D", "ReLU"]
    before, after = check(drawn).layers["conv3"], check(stacked).layers["conv3"]
    assert after.shape == before.shape == (32, 32, 64)
    assert after.receptive_field == before.receptive_field
    assert (before.parameters, check(stacked).totals.parameters - check(drawn).totals.parameters) == (102_464, -28_608)


def test_a_7x7_filter_is_three_3x3_filters_with_the_padding_shared_out_and_the_stride_at_the_end():
    drawn = after_first(conv(64, 7, padding=[[1, 2], [3, 0]], stride=[1, 2], rounding="floor", bias=False))
    problem = only(drawn, "FILTER-LARGE")
    assert problem.why.startswith("7·7·64·64 = 200,704 against 3·3·64·64 + 2·3·3·64·64 = 110,592, with 2 extra")
    (stacked,) = cured(drawn, problem)
    assert [config(stacked, id).get("padding", 0) for id in ("conv1", "conv2", "conv4", "conv3")] == [
        1,
        [[1, 1], [1, 0]],
        [[0, 1], [1, 0]],
        [[0, 0], [1, 0]],
    ]
    assert config(stacked, "conv3")["stride"] == [1, 2]
    assert check(stacked).layers["conv3"].shape == check(drawn).layers["conv3"].shape
    assert check(stacked).layers["conv3"].receptive_field == check(drawn).layers["conv3"].receptive_field


def test_same_stays_same_in_a_stack():
    drawn = after_first(conv(64, 5, padding="same"))
    (stacked,) = cured(drawn, only(drawn, "FILTER-LARGE"))
    assert [config(stacked, id)["padding"] for id in ("conv2", "conv3")] == ["same", "same"]


def test_large_filters_are_left_alone_where_a_stack_would_cost_more():
    # 25·C·K against 9·C·K + 9·K·K: a stack is cheaper where K < 16/9·C. LeNet-5 goes from 6 channels to 16.
    assert given(after_first(conv(113, 5)), "FILTER-LARGE") != []
    assert given(after_first(conv(114, 5)), "FILTER-LARGE") == []
    assert given(after_first(conv(16, 5), channels=6), "FILTER-LARGE") == []


def test_the_first_layer_and_filters_of_other_forms_may_be_large():
    assert given(chain((32, 32, 64), conv(64, 11)), "FILTER-LARGE") == []
    for entry in (conv(64, 3), conv(64, 4), conv(64, [1, 7]), conv(64, 5, groups=64), conv(64, 5, dilation=2)):
        assert given(after_first(entry), "FILTER-LARGE") == []


def test_a_margin_that_no_stack_can_share_out_leaves_the_advice_without_a_fix():
    assert only(after_first(conv(64, 5, padding=3)), "FILTER-LARGE").fixes == ()


def test_even_filters_have_no_middle():
    drawn = chain((8, 8, 3), conv(4, [3, 4], padding="same"))
    problem = only(drawn, "FILTER-EVEN")
    assert problem.what == "conv1: a 3×4 filter has no middle, so “same” cannot pad evenly."
    assert problem.why == "It adds 1 pixel left and 2 right: each such layer shifts the picture by half a pixel."
    assert offered(problem) == ["Use 3×5 filters", "Use 3×3 filters"]
    cured(drawn, problem)
    local = ("LocallyConnected2D", {"filters": 1, "kernel_size": 2, "padding": "same"})
    high = only(chain((8, 8, 3), local), "FILTER-EVEN")
    assert high.why.startswith("It adds 0 pixels above and 1 below")
    assert offered(high) == ["Use 3×3 filters", "Use 1×1 filters"]


def test_even_filters_are_fine_where_the_margin_is_even():
    for entry in (
        conv(4, 3, padding="same"),
        conv(4, 4, padding="same", stride=2),
        conv(4, 2, padding="same", dilation=2),
        conv(4, 4, padding=1),
    ):
        assert given(chain((8, 8, 3), entry), "FILTER-EVEN") == []


def test_strides_beyond_the_first_layer_could_be_pools():
    drawn = after_first(conv(32, 3, stride=2, padding=1, rounding="floor"))
    problem = only(drawn, "STRIDE-LARGE")
    assert problem.what == "conv3: its filters move 2 pixels at a time; a pool could do the downsampling."
    assert offered(problem) == ["Pool first, then stride 1"]
    (pooled,) = cured(drawn, problem)
    assert kinds(pooled) == ["Input", "Conv2D", "ReLU", "MaxPool2D", "Conv2D", "ReLU"]
    assert check(pooled).layers["conv3"].shape == check(drawn).layers["conv3"].shape == (16, 16, 32)
    odd = chain((9, 9, 3), conv(4, 3, padding=1), "ReLU", conv(4, 3, stride=2, padding=1))
    (pooled,) = cured(odd, only(odd, "STRIDE-LARGE"))
    assert check(pooled).layers["conv3"].shape == check(odd).layers["conv3"].shape == (5, 5, 4)
    assert given(after_first(conv(32, 3)), "STRIDE-LARGE") == []
    assert given(chain((9, 9, 3), conv(4, 3, stride=2)), "STRIDE-LARGE") == []


def test_numbers_of_filters_should_be_powers_of_two_but_not_numbers_of_classes():
    def ending(filters):
        return chain((8, 8, 3), conv(filters, 3), "ReLU", conv(10, 1), "GlobalAvgPool2D")

    problem = only(ending(20), "FILTERS-COUNT")
    assert problem.what == "conv1: its number of filters, 20, is not a power of two."
    assert problem.why == "Powers of two, here 16 or 32, fit memory best."
    assert offered(problem) == ["Use 16 filters"]
    cured(ending(20), problem)
    assert offered(only(ending(6), "FILTERS-COUNT")) == ["Use 8 filters"]
    assert offered(only(ending(23), "FILTERS-COUNT")) == ["Use 16 filters"]
    assert [given(ending(n), "FILTERS-COUNT") for n in (1, 2, 16, 64)] == [[]] * 4


def test_a_fix_that_would_break_a_sum_of_paths_is_not_offered():
    drawn = document(
        layer("input", "Input", shape=(8, 8, 20)),
        layer("conv", "Conv2D", "input", filters=20, kernel_size=3, padding=1),
        layer("add", "Add", ("conv", "input")),
        layer("gap", "GlobalAvgPool2D", "add"),
        layer("fc", "Dense", "gap", units=10),
    )
    assert only(drawn, "FILTERS-COUNT").fixes == ()
