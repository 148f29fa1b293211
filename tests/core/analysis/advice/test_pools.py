"""Advice about pools."""

import pytest

from core.analysis.check import check
from tests.core.analysis.advice.cases import config, cured, given, offered, only
from tests.drawing import chain


def pooled(kind="MaxPool2D", side=32, **settings):
    return chain((side, side, 3), (kind, settings))


@pytest.mark.parametrize("kind", ["MaxPool2D", "AvgPool2D", "L2Pool2D"])
def test_pools_larger_than_3x3_lose_too_much(kind):
    drawn = pooled(kind, pool_size=4)
    problem = only(drawn, "POOL-LARGE")
    assert problem.what == f"{problem.layer}: a 4×4 pool is larger than 3×3."
    assert problem.why == "It keeps one value in 16, which loses too much about where things are."
    assert problem.path == "$.layers[1].config.pool_size"
    assert offered(problem) == ["Use 2×2 with stride 2", "Use 3×3 with stride 2"]
    two, three = cured(drawn, problem)
    assert check(two).layers[problem.layer].shape == (16, 16, 3)
    assert check(three).layers[problem.layer].shape == (15, 15, 3)


def test_a_large_pool_across_one_axis_is_large():
    problem = only(pooled(pool_size=[1, 5], stride=1, padding=[0, 2]), "POOL-LARGE")
    assert problem.what == "pool1: a 1×5 pool is larger than 3×3."


def test_pools_of_3x3_and_pools_of_the_whole_image_are_fine():
    assert given(pooled(side=31, pool_size=3, stride=2), "POOL-LARGE") == []
    assert given(pooled("AvgPool2D", side=7, pool_size=7), "POOL-LARGE") == []
    assert given(pooled("AvgPool2D", side=8, pool_size=7, stride=1), "POOL-LARGE") != []


def test_the_smaller_pools_fit():
    odd = pooled(side=9, pool_size=5, stride=4)
    two, three = cured(odd, only(odd, "POOL-LARGE"))
    assert config(two, "pool1") == {"stride": 2, "rounding": "floor"}
    assert config(three, "pool1") == {"pool_size": 3, "stride": 2}
