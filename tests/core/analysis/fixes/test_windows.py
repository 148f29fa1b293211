"""Fixes for windows that do not fit: what cures the cause comes first, and every result is tried."""

from core.analysis.check import check
from core.graph.edits import set_config
from core.graph.fixing import apply_fix
from tests.drawing import chain, document, layer

ALEXNET = ("Conv2D", {"filters": 96, "kernel_size": 11, "stride": 4})


def results(drawn, id):
    """Map the label of each offered fix to the size of the layer's output after it."""
    (problem,) = check(drawn).errors
    assert (problem.code, problem.layer) == ("SHAPE-FIT", id)
    return {fix.label: check(apply_fix(drawn, fix)).layers[id].shape[:2] for fix in problem.fixes}


def test_a_pool_is_rounded_before_it_is_undone():
    for kind in ("MaxPool2D", "AvgPool2D", "L2Pool2D"):
        (problem,) = check(chain((25, 25, 1), kind)).errors
        assert [fix.label for fix in problem.fixes] == ["Round down: 12×12", "Round up: 13×13", "Use stride 1"]
    assert results(chain((25, 25, 1), "MaxPool2D"), "pool1") == {
        "Round down: 12×12": (12, 12),
        "Round up: 13×13": (13, 13),
        "Use stride 1": (24, 24),
    }


def test_a_pool_whose_last_window_would_lie_beyond_the_image_is_only_rounded_down():
    drawn = chain((4, 4, 1), ("MaxPool2D", {"pool_size": 1, "stride": 2}))
    assert list(results(drawn, "pool1")) == ["Round down: 2×2", "Use stride 1"]


def test_the_first_convolution_of_alexnet_gets_the_cures_of_the_course():
    cures = results(chain((224, 224, 3), ALEXNET), "conv1")
    assert cures == {
        "Make input 227×227×3": (55, 55),
        "Use stride 3": (72, 72),
        "Use padding 2 and round down": (55, 55),
        "Round down": (54, 54),
    }
    assert next(iter(cures)) == "Make input 227×227×3"


def test_the_input_is_made_larger_only_for_what_follows_it_directly():
    drawn = chain((224, 224, 3), "ReLU", ALEXNET)
    assert list(results(drawn, "conv2")) == ["Use stride 3", "Use padding 2 and round down", "Round down"]


def test_each_axis_of_the_input_grows_by_what_it_lacks():
    oblong = ("Conv2D", {"filters": 1, "kernel_size": (3, 4), "stride": 2})
    assert list(results(chain((7, 7, 1), oblong), "conv1")) == ["Make input 7×8×1", "Use stride [2, 1]", "Round down"]


def test_the_input_stays_where_another_layer_would_no_longer_fit():
    drawn = document(
        layer("input", "Input", shape=(224, 224, 3)),
        layer("conv", "Conv2D", "input", filters=96, kernel_size=11, stride=4),
        layer("halves", "MaxPool2D", "input"),
        outputs=("conv",),
    )
    free = set_config(drawn, "halves", {"rounding": "floor"})
    assert list(results(drawn, "conv")) == ["Use stride 3", "Use padding 2 and round down", "Round down"]
    assert next(iter(results(free, "conv"))) == "Make input 227×227×3"
    assert check(free, check(drawn)).problems == check(free).problems
    assert check(drawn, check(free)).problems == check(drawn).problems
