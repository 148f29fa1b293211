"""Fixes for rows and columns that no window reads."""

from core.analysis.check import check
from core.graph.fixing import apply_fix
from tests.drawing import chain, document, layer


def cured(drawn, id):
    (problem,) = check(drawn).problems_of(id)
    assert (problem.code, problem.severity) == ("SHAPE-UNREAD", "note")
    results = {}
    for fix in problem.fixes:
        after = check(apply_fix(drawn, fix))
        assert after.problems == ()
        results[fix.label] = after.layers[id].shape
    return results


def test_a_pool_can_round_up():
    assert cured(chain((7, 9, 2), ("MaxPool2D", {"rounding": "floor"})), "pool1") == {"Round up": (4, 5, 2)}


def test_a_filter_gets_a_wider_margin_where_it_lacks_one():
    high = ("Conv2D", {"filters": 2, "kernel_size": 3, "stride": 2, "rounding": "floor", "padding": [[1, 0], [0, 0]]})
    assert cured(chain((7, 9, 2), high), "conv1") == {"Use padding [1, 0]": (4, 4, 2)}
    local = ("LocallyConnected2D", {"filters": 2, "kernel_size": 3, "stride": 3, "rounding": "floor"})
    assert cured(chain((7, 8, 2), local), "local1") == {"Use padding [[0, 2], [0, 1]]": (3, 3, 2)}


def test_filters_smaller_than_their_stride_leave_no_more_at_the_end_than_between():
    def sparse(side, kernel_size, stride):
        conv = {"filters": 2, "kernel_size": kernel_size, "stride": stride, "rounding": "floor"}
        return [problem.what for problem in check(chain((side, 9, 2), ("Conv2D", conv))).problems]

    assert sparse(8, 1, 2) == []  # the shortcut of a residual network
    assert sparse(8, 2, [4, 1]) == []  # 0 1 · · 4 5 · ·
    assert sparse(9, 2, [4, 1]) == ["conv1: 3 rows at the bottom are never read by any filter."]


def test_a_fix_that_would_cause_an_error_is_not_offered():
    drawn = document(
        layer("input", "Input", shape=(7, 7, 1)),
        layer("pool", "MaxPool2D", "input", rounding="floor"),
        layer("three", "Input", shape=(3, 3, 1)),
        layer("add", "Add", ("pool", "three")),
    )
    (note,) = check(drawn).problems
    assert (note.code, note.fixes) == ("SHAPE-UNREAD", ())
