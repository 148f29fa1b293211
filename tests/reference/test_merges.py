"""Layers that reckon with several paths, and Reshape, by hand."""

import numpy as np
import pytest

from core.analysis.check import check
from core.graph.fixing import apply_fix
from core.layers import KINDS, Context
from core.layers.kind import ReceptiveField
from tests.drawing import document, layer


def passed(kind, *xs, dy=None):
    spec, ctx = KINDS[kind](), Context()
    y = spec.forward(tuple(np.asarray(x, float) for x in xs), {}, ctx)
    dxs, _ = spec.backward(np.ones_like(y) if dy is None else np.asarray(dy, float), {}, ctx)
    return y, dxs


def test_difference():
    y, dxs = passed("Subtract", [[5, 1]], [[2, 4]], dy=[[1, 10]])
    assert y.tolist() == [[3, -3]]
    assert [dx.tolist() for dx in dxs] == [[[1, 10]], [[-1, -10]]]


def test_mean():
    y, dxs = passed("Average", [[3, 0]], [[6, 0]], [[0, 9]], dy=[[3, 30]])
    assert y.tolist() == [[3, 3]]
    assert [dx.tolist() for dx in dxs] == [[[1, 10]]] * 3


def test_the_first_of_equal_maxima_gets_the_whole_gradient():
    y, dxs = passed("Maximum", [[1, 7, 2]], [[4, 7, 2]], [[4, 0, 3]], dy=[[10, 20, 30]])
    assert y.tolist() == [[4, 7, 3]]
    assert [dx.tolist() for dx in dxs] == [[[0, 20, 0]], [[10, 0, 0]], [[0, 0, 30]]]


def test_products_with_zeros():
    y, dxs = passed("Multiply", [[0, 2]], [[0, 3]], [[5, 4]])
    assert y.tolist() == [[0, 24]]
    assert [dx.tolist() for dx in dxs] == [[[0, 12]], [[0, 8]], [[0, 6]]]


@pytest.mark.parametrize("gate", [(2, 1, 1, 3), (2, 3)])
@pytest.mark.parametrize("gate_first", [False, True])
def test_squeeze_and_excitation(gate, gate_first):
    rng = np.random.default_rng(1)
    x, factors, dy = rng.standard_normal((2, 4, 5, 3)), rng.standard_normal(gate), rng.standard_normal((2, 4, 5, 3))
    order = (factors, x) if gate_first else (x, factors)
    y, dxs = passed("Multiply", *order, dy=dy)
    wide = factors.reshape(2, 1, 1, 3)
    np.testing.assert_allclose(y, x * wide)
    np.testing.assert_allclose(dxs[gate_first], dy * wide)
    np.testing.assert_allclose(dxs[not gate_first], (dy * x).sum((1, 2)).reshape(gate))


def test_what_can_be_multiplied():
    def problem_of(*shapes):
        return next(iter(KINDS["Multiply"]().problems(shapes)), None)

    assert problem_of((8, 6, 4), (4,)) is None
    assert problem_of((4,), (1, 1, 4)) is None
    assert problem_of((1, 1, 4), (1, 1, 4)) is None
    assert problem_of((8, 6, 4), (8, 6, 1)) is not None
    assert problem_of((4,), (8, 6, 4), (5,)).what == "{1} gives 8×6×4 but {2} gives 5 features"
    assert problem_of((8, 6, 4), (5,)).why == (
        "Values are multiplied place by place, so an input must be 8×6×4, or one factor for each channel: 1×1×4 or 4."
    )


def test_a_gate_of_another_size_is_cured_by_a_dense_layer():
    drawn = document(
        layer("input", "Input", shape=(8, 6, 4)),
        layer("gap", "GlobalAvgPool2D", "input"),
        layer("squeeze", "Dense", "gap", units=2),
        layer("scale", "Multiply", ["input", "squeeze"]),
    )
    (problem,) = check(drawn).problems
    fix = next(fix for fix in problem.fixes if "Dense" in fix.label)
    assert fix.label == "Insert a Dense layer to 4 features"
    cured = check(apply_fix(drawn, fix))
    assert not cured.errors
    assert cured.layers["scale"].shape == (8, 6, 4)


def test_reshape_is_flatten_turned_round():
    x = np.arange(24.0).reshape(2, 2, 2, 3)
    flat = KINDS["Flatten"]().forward((x,), {}, Context())
    np.testing.assert_array_equal(KINDS["Reshape"].read({"shape": [2, 2, 3]}).forward((flat,), {}, Context()), x)


def test_reshape_offers_shapes_that_hold_as_many_values():
    (problem,) = KINDS["Reshape"].read({"shape": [7, 7, 60]}).problems(((3136,),))
    assert problem.what == "3,136 features cannot be laid out as 7×7×60"
    assert problem.why == "3,136 values, but 7·7·60 = 2,940."
    assert [fix.label for fix in problem.fixes] == ["Use shape 7×7×64", "Use shape 3136"]


def test_reshape_loses_places_unless_it_changes_nothing():
    field = ReceptiveField((5, 5), (2, 2))
    spec = KINDS["Reshape"].read({"shape": [4, 4, 2]})
    assert spec.receptive_field(((4, 4, 2),), (field,)) == field
    assert spec.receptive_field(((8, 4, 1),), (field,)) is None
