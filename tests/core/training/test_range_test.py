"""The range test proposes a rate that trains well, says so where there is none, and touches nothing of the document."""

from __future__ import annotations

from dataclasses import replace
from math import inf, isfinite

import numpy as np
import pytest

from core.graph.edits import set_training
from core.io.templates import load_template
from core.training.messages import Epoch
from core.training.range_test import range_test
from core.training.sweep import HIGHEST, LOWEST, STEPS, RangeTested, Tried, TryingOut, steepest
from core.training.trainer import Trainer
from tests.core.training.making import linear, rows


def _tested(document, data=None) -> RangeTested:
    *_, tested = range_test(document, data)
    assert isinstance(tested, RangeTested)
    return tested


def _loss_after(document, rate, n_epochs) -> float:
    optimizer = document.training.optimizer.with_settings({"learning_rate": rate})
    changed = set_training(document, {"epochs": n_epochs, "optimizer": {"kind": "SGD", **optimizer.config()}})
    losses = [message.val_loss for message in Trainer(changed, replicas=1).messages() if isinstance(message, Epoch)]
    return losses[-1] if len(losses) == n_epochs and isfinite(losses[-1]) else inf


@pytest.mark.parametrize("momentum", [0, 0.9])
def test_lenet_on_digits_learns_well_with_the_proposal_and_not_with_other_magnitudes(momentum) -> None:
    document = set_training(
        load_template("lenet5"), {"dataset": "digits", "optimizer": {"kind": "SGD", "momentum": momentum}}
    )
    rate = _tested(document).proposal
    assert rate is not None
    loss = _loss_after(document, rate, 2)
    assert loss < 0.7
    assert loss < 0.5 * _loss_after(document, rate / 100, 2)
    assert loss < 0.5 * _loss_after(document, min(rate * 100, 1000), 2)


def test_of_a_quadratic_it_proposes_less_than_what_diverges_and_more_than_what_crawls() -> None:
    """With squared error one layer is a quadratic: plain descent diverges beyond 2 divided by the largest curvature."""
    data = rows(n=60, features=4, classes=3)
    document = linear(4, 3, loss="mse", batch_size=60, validation_split=0, optimizer={"kind": "SGD"})
    x = np.column_stack([data.images, np.ones(60)])  # (n, features and bias)
    curvature = np.linalg.eigvalsh(2 * x.T @ x / 60 / 3)  # the mean is over all 3 outputs too
    rate = _tested(document, data).proposal
    assert rate is not None
    assert 0.02 / curvature.max() < rate < 2 / curvature.max()


def test_the_sweep_is_exponential_and_is_told_step_by_step() -> None:
    messages = list(range_test(load_template("mlp")))
    tried = [message for message in messages if isinstance(message, Tried)]
    assert [one.step for one in tried] == list(range(1, len(tried) + 1))
    assert tried[0].rate == LOWEST
    assert np.allclose(np.diff(np.log10([one.rate for one in tried])), np.log10(HIGHEST / LOWEST) / (STEPS - 1))
    last = messages[-1]
    assert last.tried == tuple(tried)
    assert {message.rate for message in messages if isinstance(message, TryingOut)} == {last.proposal}
    assert f"{last.proposal:g}" in last.what
    assert [fix.label for fix in last.fixes] == [f"Use {last.proposal:g}"]


def test_the_fix_sets_the_rate_and_nothing_else() -> None:
    document = set_training(load_template("mlp"), {"optimizer": {"kind": "SGD", "momentum": 0.5}})
    (fix,) = _tested(document).fixes
    changed = set_training(document, dict(fix.edits[0].settings))
    assert changed.training.optimizer.momentum == 0.5
    rate = changed.training.optimizer.learning_rate
    assert changed.training.optimizer == document.training.optimizer.with_settings({"learning_rate": rate})


def test_it_says_the_same_each_time() -> None:
    document = load_template("mlp")
    assert _tested(document) == _tested(document)


def test_where_nothing_is_learned_it_proposes_nothing_and_says_what_to_do() -> None:
    data = rows(n=64, features=4, classes=2)
    blank = replace(data, images=np.zeros_like(data.images))
    document = linear(4, 2, optimizer={"kind": "SGD"})
    tested = _tested(document, blank)
    assert tested.proposal is None
    assert tested.fixes == ()
    assert tested.what.startswith("No learning rate is proposed: from 1e-06 to ")
    assert "sanity checks" in tested.what


def test_a_loss_that_only_rises_has_no_steepest_fall() -> None:
    assert steepest([Tried(n, 10.0**n, 2.0 + n) for n in range(20)]) is None
    assert steepest([]) is None


def test_closing_it_ends_it() -> None:
    messages = range_test(load_template("mlp"))
    next(messages)
    messages.close()
    assert list(messages) == []
