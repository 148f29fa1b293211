import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from core.errors import DataError
from core.io.datasets import load_dataset, n_kept_back, split


def labelled(*sizes):
    return np.repeat(np.arange(len(sizes)), sizes)


def kept(labels, fraction, seed=3):
    return np.bincount(labels[split(labels, fraction, seed)[1]], minlength=labels.max() + 1).tolist()


@pytest.mark.parametrize(
    ("n", "fraction", "n_kept"),
    [
        (1797, 0.2, 359),
        (10_000, 0.2, 2000),
        (10, 0, 0),
        (10, 0.01, 1),
        (10, 0.99, 9),
        (2, 0.5, 1),
        (1, 0.5, 0),
        (0, 0.5, 0),
    ],
)
@pytest.mark.parametrize("n_classes", [1, 3, 10_000])
def test_sizes(n, fraction, n_kept, n_classes):
    training, validation = split(np.arange(n) % n_classes, fraction, seed=3)
    assert (len(training), len(validation)) == (n - n_kept, n_kept)
    assert_array_equal(np.sort(np.concatenate([training, validation])), np.arange(n))


@pytest.mark.parametrize(
    ("sizes", "fraction", "expected"),
    [
        ((10, 20, 30), 0.1, [1, 2, 3]),
        ((50, 30, 20), 0.25, [13, 7, 5]),  # round(25.0); 12.5 and 7.5 want the last one, the first drawn has it
        ((9, 1), 0.5, [5, 0]),
        ((1, 1, 98), 0.2, [0, 0, 20]),
        ((3, 3, 1, 1), 0.5, [2, 2, 0, 0]),
        ((3, 3, 1, 1), 0.8, [2, 2, 1, 1]),  # six of eight leave nothing to learn for two classes, whichever they are
    ],
)
def test_each_class_gives_its_share(sizes, fraction, expected):
    assert kept(labelled(*sizes), fraction) == expected


def test_classes_with_the_same_claim_are_drawn():
    assert {tuple(kept(labelled(5, 5), 0.1, seed)) for seed in range(8)} == {(1, 0), (0, 1)}


@given(
    sizes=st.lists(st.integers(0, 40), min_size=1, max_size=12).filter(any),
    fraction=st.floats(0, 0.6),
    seed=st.integers(0, 99),
)
def test_no_class_is_a_sample_away_from_its_share(sizes, fraction, seed):
    labels = np.random.default_rng(seed).permutation(labelled(*sizes, 1))[: sum(sizes)]
    sizes = np.bincount(labels)
    n_kept = n_kept_back(len(labels), fraction)
    training, validation = split(labels, fraction, seed)
    given_away = np.bincount(labels[validation], minlength=len(sizes))
    assert_array_equal(np.sort(np.concatenate([training, validation])), np.arange(len(labels)))
    assert given_away.sum() == n_kept
    if (sizes >= 5).all():  # classes of few samples may be full
        assert (np.abs(given_away - sizes * n_kept / len(labels)) < 1).all()


@given(st.lists(st.integers(1, 30), min_size=2, max_size=12), st.floats(0.01, 0.5))
def test_every_class_is_learned_from(sizes, fraction):
    labels = labelled(*sizes)
    if n_kept_back(len(labels), fraction) <= len(labels) - len(sizes):
        assert set(labels[split(labels, fraction, seed=1)[0]]) == set(range(len(sizes)))


def test_the_seed_draws_the_split():
    labels = labelled(60, 40)
    first, again, other = (split(labels, 0.3, seed)[1].tolist() for seed in (0, 0, 1))
    assert first == again != other


def test_what_is_drawn_of_a_class_does_not_lie_together():
    labels = labelled(100, 100)
    first, second = (split(labels, 0.2, seed=0)[1] % 100).reshape(2, 20)
    assert first.tolist() != second.tolist()
    assert np.ptp(first) > 50


def test_the_digits():
    labels = load_dataset("digits").labels
    assert kept(labels, 0.2, seed=0) == [36, 36, 35, 37, 36, 36, 36, 36, 35, 36]


@pytest.mark.parametrize("fraction", [-0.1, 1, 2.5, float("nan")])
def test_a_fraction_outside_its_range(fraction):
    with pytest.raises(DataError, match="The validation split is"):
        split(labelled(5, 5), fraction, seed=0)
