"""The arithmetic of the courses, as literals. Source: CS231n, “Convolutional Networks”, spatial arrangement."""

import pytest

from core.analysis.check import check
from core.graph.fixing import apply_fix
from core.sliding_windows import window
from tests.drawing import chain


def checked(shape, kind, **config):
    report = check(chain(shape, (kind, config)))
    return report, list(report.layers.values())[1]


def conv(shape, filters=1, **config):
    return checked(shape, "Conv2D", filters=filters, **config)


def test_ten_filters_of_5x5_on_cifar():
    report, layer = conv((32, 32, 3), 10, kernel_size=5, stride=1, padding=2)
    assert (layer.shape, layer.parameters) == ((32, 32, 10), 760)
    assert layer.explanation == ("(32 − 5 + 2·2)/1 + 1 = 32", "(5·5·3 + 1)·10 = 760")
    assert report.problems == ()


def test_alexnets_first_layer():
    _, layer = conv((227, 227, 3), 96, kernel_size=11, stride=4, padding=0)
    assert layer.shape == (55, 55, 96)
    assert layer.parameters == 34_944
    assert layer.explanation[0] == "(227 − 11)/4 + 1 = 55"


def test_the_numpy_example():
    _, layer = conv((11, 11, 4), kernel_size=5, stride=2)
    assert layer.shape[:2] == (4, 4)


def test_three_pixels_in_steps_of_three_do_not_fit_seven():
    report, layer = conv((7, 7, 1), kernel_size=3, stride=3)
    assert layer.shape is None
    (problem,) = report.problems
    assert problem.code == "SHAPE-FIT"
    assert problem.what.endswith("a 3×3 filter does not fit a 7×7 input with stride 3.")
    assert problem.why == "(7 − 3)/3 + 1 = 2.33 is not a whole number."
    cured = {fix.label: check(apply_fix(report.document, fix)).layers[layer.id].shape for fix in problem.fixes}
    assert cured == {"Use stride 2": (3, 3, 1), "Use padding 1": (3, 3, 1), "Round down": (2, 2, 1)}


def test_ten_pixels_with_a_stride_of_two_do_not_fit():
    report, _ = conv((10, 10, 1), kernel_size=3, stride=2)
    assert report.problems[0].why == "(10 − 3)/2 + 1 = 4.5 is not a whole number."


def test_rounding_down_leaves_a_column_that_is_never_seen():
    report, layer = conv((100, 100, 1), kernel_size=5, stride=2, rounding="floor")
    assert layer.shape == (48, 48, 1)
    (note,) = report.problems
    assert (note.severity, note.code) == ("note", "SHAPE-UNREAD")
    assert note.what.endswith("1 row and 1 column at the bottom and right are never read by any filter.")
    assert note.why == "(100 − 5)/2 + 1 = 48.5, rounded down: 48."
    assert report.valid


@pytest.mark.parametrize(
    ("shape", "size", "what"),
    [
        ((100, 99, 1), 5, "1 row at the bottom is never read"),
        ((99, 100, 1), 5, "1 column at the right is never read"),
        ((12, 11, 1), (3, 3), "1 row at the bottom is never read"),
        ((13, 15, 1), (4, 8), "1 row and 1 column at the bottom and right are never read"),
    ],
)
def test_the_note_names_rows_and_columns_apart(shape, size, what):
    report, _ = conv(shape, kernel_size=size, stride=2, rounding="floor")
    assert what in report.problems[0].what


def test_padding_that_no_window_reads_is_no_loss():
    report, layer = conv((6, 6, 1), kernel_size=3, stride=2, padding=[[0, 1], [0, 1]], rounding="floor")
    assert layer.shape == (3, 3, 1)
    assert report.problems == ()


@pytest.mark.parametrize(
    ("size", "stride", "dilation", "out", "sides"),
    [
        (5, 1, 1, (6, 5), ((2, 2), (2, 2))),
        (5, 2, 1, (3, 3), ((1, 2), (2, 2))),
        (2, 1, 1, (6, 5), ((0, 1), (0, 1))),
        (3, 2, 1, (3, 3), ((0, 1), (1, 1))),
        (1, 2, 1, (3, 3), ((0, 0), (0, 0))),
        (1, 4, 1, (2, 2), ((0, 0), (0, 0))),
        (3, 1, 2, (6, 5), ((2, 2), (2, 2))),
        (2, 3, 1, (2, 2), ((0, 0), (0, 0))),
    ],
)
def test_same_always_fits_and_the_odd_pixel_goes_to_the_bottom_and_right(size, stride, dilation, out, sides):
    report, layer = conv((6, 5, 1), kernel_size=size, stride=stride, dilation=dilation, padding="same")
    assert layer.shape == (*out, 1)
    assert report.valid
    laid = window((6, 5, 1), size, stride, "same", dilation)
    assert tuple((axis.before, axis.after) for axis in laid.axes) == sides


@pytest.mark.parametrize("n", range(1, 12))
@pytest.mark.parametrize("f", range(1, 6))
@pytest.mark.parametrize("s", range(1, 5))
def test_same_gives_the_rounded_up_quotient(n, f, s):
    laid = window((n, n, 1), f, s, "same")
    assert laid.out == (-(-n // s),) * 2
    assert all(axis.fits for axis in laid.axes)
    assert window((n, n, 1), f, s, "same", 1, "ceil").out == laid.out


@pytest.mark.parametrize(
    ("side", "config", "out"),
    [
        (112, {"pool_size": 3, "stride": 2, "rounding": "ceil"}, 56),  # GoogLeNet's pools
        (56, {"pool_size": 3, "stride": 2, "rounding": "ceil"}, 28),
        (6, {"pool_size": 3, "stride": 2, "padding": 1, "rounding": "ceil"}, 4),
        (5, {"pool_size": 2, "stride": 2, "rounding": "ceil"}, 3),
        (4, {"pool_size": 2, "stride": 2, "rounding": "ceil"}, 2),
        (4, {"pool_size": 1, "stride": 3, "padding": 0, "rounding": "ceil"}, 2),
        (3, {"pool_size": 2, "stride": 2, "padding": 1, "rounding": "ceil"}, 2),  # a third would start in the padding
        (5, {"pool_size": 2, "stride": 2, "rounding": "floor"}, 2),
    ],
)
def test_ceil_pools_start_inside_the_image_or_the_padding_before_it(side, config, out):
    for kind in ("MaxPool2D", "AvgPool2D"):
        _, layer = checked((side, side, 2), kind, **config)
        assert layer.shape == (out, out, 2)


@pytest.mark.parametrize(
    ("size", "padding", "good"),
    [
        (2, 1, True),
        (3, 1, True),
        (3, 2, False),
        (2, 2, False),
        (4, 2, True),
        ((2, 4), (1, 2), True),
        ((2, 4), 2, False),
    ],
)
def test_pool_padding_above_half_the_pool_is_an_error(size, padding, good):
    for kind in ("MaxPool2D", "AvgPool2D"):
        report, layer = checked((9, 9, 1), kind, pool_size=size, stride=1, padding=padding)
        assert report.valid is good
        assert (layer.shape is not None) is good
        if not good:
            assert report.problems[0].code == "POOL-PADDING"
            for fix in report.problems[0].fixes:
                assert check(apply_fix(report.document, fix)).valid


def test_pools_halve_without_parameters():
    _, layer = checked((224, 224, 64), "MaxPool2D")
    assert (layer.shape, layer.parameters, layer.macs) == ((112, 112, 64), 0, 0)


def test_dilation_widens_the_filter():
    _, layer = conv((9, 9, 1), kernel_size=3, dilation=2)
    assert layer.shape == (5, 5, 1)
    assert layer.explanation[0] == "(9 − (2·(3 − 1) + 1))/1 + 1 = 5"


def test_a_filter_larger_than_the_image_is_named_with_its_span():
    report, _ = conv((4, 4, 1), kernel_size=5)
    assert report.problems[0].what.endswith("a 5×5 filter is larger than the 4×4 input.")
    report, _ = conv((4, 4, 1), kernel_size=3, dilation=3, padding=1)
    assert report.problems[0].why == "It spans 7 pixels, and there are only 6."


def test_dense_takes_features_only_and_flatten_is_one_click_away():
    report, _ = checked((7, 7, 512), "Dense", units=4096)
    (problem,) = report.problems
    assert [fix.label for fix in problem.fixes] == ["Insert Flatten"]
    cured = check(apply_fix(report.document, problem.fixes[0]))
    assert cured.valid
    assert cured.totals.parameters == 102_764_544  # VGG-16's first fully connected layer


def test_small_filters_in_a_row_see_as_much_as_a_large_one_with_fewer_parameters():
    c = 16
    small = chain((32, 32, c), *[("Conv2D", {"filters": c, "kernel_size": 3, "padding": 1, "bias": False})] * 3)
    large = chain((32, 32, c), ("Conv2D", {"filters": c, "kernel_size": 7, "padding": 3, "bias": False}))
    stacked, single = check(small), check(large)
    assert stacked.layers["conv3"].receptive_field.size == single.layers["conv1"].receptive_field.size == (7, 7)
    assert (stacked.totals.parameters, single.totals.parameters) == (27 * c * c, 49 * c * c)
