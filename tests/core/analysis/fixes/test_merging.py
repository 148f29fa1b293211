"""Fixes for merges whose inputs do not go together."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.analysis.check import check
from core.graph.fixing import apply_fix
from tests.drawing import document, layer


def merging(kind, *shapes, **settings):
    inputs = [layer(f"in{port}", "Input", shape=shape) for port, shape in enumerate(shapes)]
    return document(*inputs, layer("merge", kind, [entry.id for entry in inputs], **settings))


def fixed(drawn):
    """Carry out each fix that is offered for the merge: label → shape that it gives then."""
    problem = next(problem for problem in check(drawn).problems if problem.layer == "merge")
    results = {}
    for fix in problem.fixes:
        after = check(apply_fix(drawn, fix))
        assert after.valid or "Disconnect" in fix.label, fix.label
        results[fix.label] = after.layers["merge"].shape
    return results


def test_a_shortcut_with_stride_brings_the_larger_image_to_the_smaller():
    assert fixed(merging("Add", (28, 28, 128), (56, 56, 64))) == {
        "Convolve in1 to 28×28": (28, 28, 128),
        "Pool in1 to 28×28": (28, 28, 128),
        "Enlarge in0 to 56×56": (56, 56, 128),
    }
    odd = fixed(merging("Add", (7, 7, 8), (13, 13, 8)))
    assert odd["Convolve in1 to 7×7"] == (7, 7, 8)
    assert "Pool in1 to 7×7" not in odd


def test_small_differences_are_cut_or_padded_first():
    assert list(fixed(merging("Add", (8, 9, 4), (6, 6, 4))).items()) == [
        ("Crop in0 to 6×6", (6, 6, 4)),
        ("Pad in1 with zeros to 8×9", (8, 9, 4)),
        ("Average in0 to 6×6", (6, 6, 4)),
    ]
    assert list(fixed(merging("Concat", (64, 64, 2), (56, 57, 3)))) == [
        "Crop in0 to 56×57",
        "Pad in1 with zeros to 64×64",
        "Average in0 to 56×57",
    ]


def test_images_that_cross_meet_at_the_least_or_the_largest_of_both():
    results = fixed(merging("Concat", (8, 6, 2), (6, 8, 3)))
    assert results == {
        "Crop in0 and in1 to 6×6": (6, 6, 5),
        "Pad in0 and in1 with zeros to 8×8": (8, 8, 5),
        "Average in0 and in1 to 6×6": (6, 6, 5),
    }


def test_an_axis_that_does_not_suit_becomes_depth():
    assert fixed(merging("Concat", (4, 4, 2), (2, 2, 2), axis=0)) == {
        "Pool in0 to 2×2, join in depth": (2, 2, 4),
        "Enlarge in1 to 4×4, join in depth": (4, 4, 4),
    }


def test_a_factor_for_each_channel_need_not_be_as_large_as_the_image():
    results = fixed(merging("Multiply", (8, 8, 4), (1, 1, 4), (4, 4, 4)))
    assert results["Pool in0 to 4×4"] == (4, 4, 4)
    assert results["Enlarge in2 to 8×8"] == (8, 8, 4)


def test_features_and_images_can_meet_as_features():
    assert fixed(merging("Add", (5,), (8, 8, 3)))["Average in1"] == (5,)
    assert fixed(merging("Average", (8, 8, 3), (3,), (4, 4, 2)))["Average in0 and in2"] == (3,)


IMAGES = st.tuples(st.integers(1, 20), st.integers(1, 20), st.integers(1, 3))


@pytest.mark.parametrize("kind", ["Add", "Subtract", "Multiply", "Average", "Maximum", "Concat"])
@settings(max_examples=60)
@given(data=st.data())
def test_images_of_any_sizes_can_be_merged(kind, data):
    shapes = data.draw(st.lists(IMAGES, min_size=2, max_size=2 if kind == "Subtract" else 4))
    drawn = merging(kind, *shapes)
    if not check(drawn).valid:
        assert fixed(drawn) != {}
