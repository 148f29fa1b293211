"""What is subtracted of two snapshots, and what cannot be."""

import numpy as np
import pytest

from core.engine.network import Network
from core.io.templates import load_template
from core.training.snapshots import Interest, Snapshot, difference, take_snapshot


@pytest.fixture
def network():
    return Network(load_template("digits_cnn"))


EVERYTHING = Interest(frozenset({"conv1"}), frozenset({"conv1", "conv2"}), weights=True)


def changed(network, rng):
    """Two snapshots of one sample, between which all weights have changed."""
    sample = rng.standard_normal(network.program.nodes[network.program.read_inputs[0]].shape).astype(np.float32)
    before = take_snapshot(network, EVERYTHING, sample, 10)
    for name, array in network.weights.items():
        network.weights[name] = (array + rng.standard_normal(array.shape)).astype(array.dtype)
    return before, take_snapshot(network, EVERYTHING, sample.copy(), 40)


def test_a_difference_is_that_of_the_numbers(network):
    a, b = changed(network, np.random.default_rng(1))
    change = difference(b, a)
    assert (change.step, change.minus, change.unlike) == (40, 10, {})
    for found, mine, theirs in ((change.kernels, b.kernels, a.kernels), (change.maps, b.maps, a.maps)):
        assert found.keys() == mine.keys() == theirs.keys() != set()
    for name, array in change.weights.items():
        apart = [b.weights[name][at] - a.weights[name][at] for at in np.ndindex(array.shape)]
        np.testing.assert_array_equal(array.ravel(), np.float32(apart))
    kernel = b.weights["conv1/kernel"] - a.weights["conv1/kernel"]
    np.testing.assert_array_equal(change.kernels["conv1"], kernel)
    np.testing.assert_array_equal(change.maps["conv2"], b.maps["conv2"] - a.maps["conv2"])
    assert all(not array.flags.writeable for array in (*change.kernels.values(), *change.maps.values()))


def test_swapped_moments_change_the_sign(network):
    a, b = changed(network, np.random.default_rng(2))
    forth, back = difference(b, a), difference(a, b)
    np.testing.assert_array_equal(forth.kernels["conv1"], -back.kernels["conv1"])
    np.testing.assert_array_equal(difference(a, a).maps["conv2"], 0)


def test_half_precision_is_subtracted_in_single():
    halves = [Snapshot(step, {"fc": np.full((2, 2), value, np.float16)}) for step, value in ((2, 6e4), (1, -6e4))]
    change = difference(*halves).kernels["fc"]
    assert change.dtype == np.float32
    np.testing.assert_array_equal(change, np.float32(np.float16(6e4)) * 2)


def test_maps_of_different_samples_are_not_subtracted(network):
    a, b = changed(network, np.random.default_rng(3))
    other = Snapshot(b.step, b.kernels, b.maps, sample=b.sample + 1)
    change = difference(other, a)
    assert change.maps == {}
    assert change.unlike == dict.fromkeys(("conv1", "conv2"), "A and B show different samples.")
    assert "conv1" in change.kernels


def test_shapes_that_differ_are_named():
    b, a = Snapshot(2, {"fc": np.zeros((2, 3))}), Snapshot(1, {"fc": np.zeros((2, 4))})
    change = difference(b, a)
    assert change.kernels == {}
    assert change.unlike == {"fc": "fc is 2×3 at B and 2×4 at A: shapes that differ cannot be subtracted."}
