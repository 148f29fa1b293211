import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from core.io.datasets import split
from core.training.batches import SHUFFLING, batches, n_batches, shuffled


@given(n=st.integers(1, 200), size=st.integers(1, 250))
def test_batches_hold_every_sample_once_and_in_order(n, size):
    cut = list(batches(np.arange(n), size))
    assert_array_equal(np.concatenate(cut), np.arange(n))
    assert len(cut) == n_batches(n, size)
    assert {len(batch) for batch in cut[:-1]} <= {size}
    assert len(cut[-1]) <= size + (size > 1)


@given(n=st.integers(2, 200), size=st.integers(2, 250))
def test_no_batch_is_a_single_sample_where_that_can_be_helped(n, size):
    assert all(len(batch) > 1 for batch in batches(np.arange(n), size))


def test_nothing_to_validate_makes_no_batch():
    assert list(batches(np.arange(0), 32)) == []


def test_an_order_depends_on_the_seed_and_the_epoch_alone():
    samples = np.arange(50, 150)
    orders = {(seed, epoch): shuffled(samples, seed, epoch).tolist() for seed in (0, 1) for epoch in (1, 2)}
    assert len({tuple(order) for order in orders.values()}) == 4
    assert shuffled(samples, 1, 2).tolist() == orders[1, 2]
    assert all(sorted(order) == samples.tolist() for order in orders.values())
    assert_array_equal(samples, np.arange(50, 150))


def test_orders_split_and_weights_are_drawn_from_different_branches():
    states = [np.random.SeedSequence(3).generate_state(4)]
    states += [part.generate_state(4) for part in np.random.SeedSequence(3).spawn(2)]
    states += [np.random.SeedSequence(3, spawn_key=(SHUFFLING, epoch)).generate_state(4) for epoch in (1, 2)]
    assert len({tuple(state) for state in states}) == 5
    training, _ = split(np.zeros(100, np.int64), 0.5, seed=3)
    assert shuffled(training, 3, 1).tolist() != training.tolist()
