"""Importance: the setting that decides has the largest share, one that does nothing none; few trials say nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.search.importance import LEAST_TRIALS, importances
from core.search.ranges import Choice, Log, Uniform
from core.search.trials import Trial

RANGES = {"rate": Log(1e-4, 1.0), "l2": Uniform(0.0, 1.0), "width": Choice((8, 16, 32))}


def drawn(n, accuracy, seed=0, outcome="finished"):
    rng = np.random.default_rng(seed)
    values = [{path: range.draw(rng) for path, range in RANGES.items()} for _ in range(n)]
    return [Trial(i, 0, v, outcome, (accuracy(v, rng),), (1.0,)) for i, v in enumerate(values, 1)]


def peak(values, _):
    """An optimum in the middle: no correlation with the rate at all."""
    return 1 - abs(np.log10(values["rate"]) + 2) / 3


def test_an_optimum_in_the_middle_is_seen():
    shares = importances(drawn(60, peak), RANGES)
    assert next(iter(shares)) == "rate"
    assert shares["rate"] > 0.6
    assert shares["l2"] < 0.15
    assert shares["width"] < 0.15


def test_a_choice_that_decides_all_has_all():
    shares = importances(drawn(30, lambda values, _: values["width"] / 100), RANGES)
    assert shares["width"] == pytest.approx(1)


def test_two_that_add_up_share():
    shares = importances(drawn(200, lambda values, _: values["l2"] + values["width"] / 32), RANGES)
    assert min(shares["l2"], shares["width"]) > 0.2
    assert shares["rate"] < 0.05
    assert sum(shares.values()) < 1.05


def test_pure_chance_explains_nothing():
    means = [
        np.mean([*importances(drawn(40, lambda _, rng: rng.random(), seed), RANGES).values()]) for seed in range(20)
    ]
    assert np.mean(means) < 0.05


def test_what_diverged_is_worst_and_what_failed_is_left_out():
    good = drawn(20, lambda values, _: 0.9)
    lost = [Trial(20 + i, 0, t.values | {"rate": 0.9}, "diverged", why="nan") for i, t in enumerate(good[:8])]
    failed = [Trial(40 + i, 0, t.values | {"width": 8}, "failed", why="no memory") for i, t in enumerate(good)]
    shares = importances([*good, *lost, *failed], RANGES)
    assert next(iter(shares)) == "rate"
    assert shares == importances([*good, *lost], RANGES)


def test_few_or_equal_trials_say_nothing():
    assert importances(drawn(LEAST_TRIALS - 1, peak), RANGES) is None
    assert importances(drawn(40, lambda *_: 0.5), RANGES) is None
    fine = [Trial(t.number, 1, t.values, "finished", t.accuracies, t.losses) for t in drawn(40, peak)]
    assert importances(fine, RANGES) is None


@given(st.lists(st.floats(0, 1), min_size=LEAST_TRIALS, max_size=40), st.integers(0, 1000))
def test_shares_are_shares_whatever_the_trials(accuracies, seed):
    figures = iter(accuracies)
    shares = importances(drawn(len(accuracies), lambda *_: next(figures), seed), RANGES)
    assert shares is None or all(0 <= share <= 1 + 1e-9 for share in shares.values())
