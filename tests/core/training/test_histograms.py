"""Values inside layers are counted without changing what is learned, and for a bounded share of the time."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.graph.edits import set_training
from core.graph.values import Document
from core.io.templates import load_template
from core.training import histograms
from core.training.histograms import SHARE, Counter, histogram
from core.training.messages import Batch, Finished
from core.training.step_histograms import BINS, SOURCES, Histogram, StepHistograms
from core.training.trainer import Trainer
from tests.core.training.making import chain


def _document(**training: object) -> Document:
    return set_training(
        load_template("mlp"), {"epochs": 1, "optimizer": {"kind": "SGD", "learning_rate": 0.1}, **training}
    )


class _Clock:
    """A clock that stands still until a test moves it on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _trained(document: Document, *, counted: bool, replicas: int = 1) -> tuple[np.ndarray, tuple[StepHistograms, ...]]:
    trainer = Trainer(document, replicas=replicas)
    counter = trainer.meter.counter = Counter(trainer.network, _Clock())  # it never rests
    counter.is_on = counted
    for _ in trainer.messages():
        pass
    return np.append(trainer.network.parameters, trainer.network.statistics), counter.take()


@pytest.mark.parametrize("replicas", [1, 2])
def test_counting_does_not_change_a_run_that_draws_and_has_statistics(replicas: int) -> None:
    document = chain(
        ("input", "Input", {"shape": [8, 8, 1]}),
        ("conv1", "Conv2D", {"filters": 4, "kernel_size": 3}),
        ("norm1", "BatchNorm", {}),
        ("flat", "Flatten", {}),
        ("drop1", "Dropout", {}),
        ("fc1", "Dense", {"units": 10}),
        dataset="digits",
        epochs=1,
        batch_size=360,
    )
    plain, none = _trained(document, counted=False, replicas=replicas)
    looked_at, some = _trained(document, counted=True, replicas=replicas)
    assert np.array_equal(plain, looked_at)
    assert none == ()
    assert [one.step for one in some] == [1, 2, 3, 4]


def test_a_step_is_counted_as_it_is_taken() -> None:
    trainer = Trainer(_document())
    counter = trainer.meter.counter = Counter(trainer.network, _Clock())
    counter.is_on = True
    messages = trainer.messages()
    next(messages)
    before = {name: array.copy() for name, array in trainer.network.weights.items()}
    assert isinstance(next(messages), Batch)
    (one,) = counter.take()
    assert list(one.layers) == [node.id for node in trainer.network.program.nodes]
    kernel, bias = before["fc1/kernel"], before["fc1/bias"]
    layer = one.layers["fc1"]
    assert layer.weights.n == layer.weights.size == kernel.size + bias.size
    assert (layer.weights.low, layer.weights.high) == (min(0, kernel.min()), kernel.max())
    moved = [trainer.network.weights[f"fc1/{part}"] - before[f"fc1/{part}"] for part in ("kernel", "bias")]
    assert layer.updates.norm == pytest.approx(np.sqrt(sum(np.square(part).sum() for part in moved)), rel=1e-4)
    assert layer.updates.norm == pytest.approx(0.1 * layer.gradients.norm, rel=1e-3)  # plain descent
    relu = one.layers["relu1"]
    assert relu.of("weights") is relu.of("updates") is None
    assert relu.activations.low == 0
    assert 0 < relu.activations.zeros < 1
    for histograms_ in one.layers.values():
        for counted in filter(None, map(histograms_.of, SOURCES)):
            assert counted.counts.sum() == counted.n


def test_batches_that_are_computed_in_parts_are_counted_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.training.engine.part_size", lambda program: 100)
    _, some = _trained(_document(batch_size=360), counted=True)
    assert [one.step for one in some] == [1, 2, 3, 4]


def test_it_rests_until_it_has_taken_no_more_than_its_share_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = Trainer(_document(batch_size=4, epochs=6))
    clock, spent = _Clock(), 0.0
    counter = trainer.meter.counter = Counter(trainer.network, clock)
    counter.is_on = True

    def slow(arrays: Sequence[np.ndarray]) -> Histogram:
        nonlocal spent
        clock.now, spent = clock.now + 1e-3, spent + 1e-3
        return histogram(arrays)

    monkeypatch.setattr(histograms, "histogram", slow)
    for message in trainer.messages():
        if isinstance(message, Batch):
            clock.now += 2e-3  # the step itself
    assert len(counter.take()) > 5
    assert SHARE / 2 <= spent / clock.now <= SHARE * 1.2


def test_where_there_is_no_memory_to_look_the_run_goes_on_and_is_not_looked_at_again() -> None:
    trainer = Trainer(_document())
    n_asked = 0

    def full(_: object) -> None:
        nonlocal n_asked
        n_asked += 1
        raise MemoryError

    counter = trainer.meter.counter = Counter(trainer.network)
    counter._network = SimpleNamespace(program=trainer.network.program, activations=full)
    counter.is_on = True
    *_, last = trainer.messages()
    assert isinstance(last, Finished)
    assert counter.take() == ()
    assert n_asked == 1


def test_what_nobody_takes_does_not_pile_up() -> None:
    _, some = _trained(_document(batch_size=4), counted=True)
    assert len(some) == histograms.MOST
    assert some[-1].step == 360


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True, width=32), min_size=0, max_size=200))
def test_whatever_the_values_all_finite_ones_are_in_a_bin(values: list[float]) -> None:
    finite = [value for value in values if np.isfinite(value)]
    with np.errstate(all="ignore"):
        one = histogram([np.array(values, np.float32)])
    assert one.size == len(values)
    assert one.n == one.counts.sum() == len(finite)
    assert len(one.counts) == BINS
    if finite:
        assert (one.low, one.high) == (min(finite), max(finite))
        assert one.counts[0] > 0


def test_bins_are_those_of_numpy() -> None:
    values = np.random.default_rng(3).normal(size=5000).astype(np.float32)
    one = histogram([values[:2000].reshape(20, 100), values[2000:]])
    expected, edges = np.histogram(values.astype(np.float64), BINS)
    assert np.abs(one.counts.astype(int) - expected).sum() <= 4  # a value on an edge
    assert (edges[0], edges[-1]) == (one.low, one.high)


def test_of_many_values_evenly_spaced_ones_are_counted_and_the_norm_is_that_of_all() -> None:
    values = np.arange(4 * histograms.MOST_COUNTED, dtype=np.float64)
    one = histogram([values])
    assert (one.n, one.size) == (histograms.MOST_COUNTED, values.size)
    assert one.norm == pytest.approx(np.linalg.norm(values))
    assert np.ptp(one.counts) == 0
