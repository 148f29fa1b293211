"""The memory that training is said to take is what it takes."""

import tracemalloc

import pytest

from core.analysis.check import check
from core.engine.program import compile_program
from core.text import bytes_text
from core.training.needs import training_bytes, training_needs
from core.training.readiness import readiness
from core.training.trainer import Trainer
from tests.core.training.making import chain, some_digits


def net(*more, **training):
    return chain(
        ("input", "Input", {"shape": [8, 8, 1]}),
        ("conv1", "Conv2D", {"filters": 16, "kernel_size": 3, "padding": 1}),
        *more,
        ("relu1", "ReLU", {}),
        ("flat", "Flatten", {}),
        ("fc1", "Dense", {"units": 256}),
        ("fc2", "Dense", {"units": 10}),
        **{"epochs": 1, "batch_size": 320} | training,
    )


def limit_parts(monkeypatch, most):
    for module in ("engine", "needs"):
        monkeypatch.setattr(f"core.training.{module}.part_size", lambda program: most)


@pytest.mark.parametrize(
    ("most", "drawn"),
    [
        (10_000, net()),
        (10_000, net(batch_size=150)),
        (10_000, net(batch_size=150, optimizer={"kind": "SGD"})),
        (60, net()),
        (60, net(validation_split=0)),
        (60, net(("norm1", "BatchNorm", {}))),
    ],
    ids=["whole", "last batch", "no moments", "parts", "no validation", "statistics"],
)
def test_what_is_said_is_what_an_epoch_takes(monkeypatch, most, drawn):
    limit_parts(monkeypatch, most)
    list(Trainer(drawn, some_digits(500), replicas=1).messages())  # what is loaded once is loaded
    data = some_digits(500)
    tracemalloc.start()
    try:
        trainer = Trainer(drawn, data, replicas=1)
        list(trainer.messages())
        taken = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert 0.85 * taken < trainer.memory_bytes < 1.1 * taken


def test_only_a_batch_that_is_divided_takes_less_than_a_whole_one(monkeypatch):
    def takes(drawn):
        return training_bytes(compile_program(drawn), drawn.training, None, 1)

    divided, whole = net(), net(("norm1", "BatchNorm", {}))
    before = takes(divided), takes(whole)
    limit_parts(monkeypatch, 60)
    assert takes(divided) < before[0] - 3_000_000
    assert takes(whole) == before[1]


def test_the_same_figure_is_given_everywhere(monkeypatch):
    limit_parts(monkeypatch, 60)
    drawn = net(batch_size=1000)
    trainer = Trainer(drawn)
    said = bytes_text(trainer.memory_bytes)
    assert readiness(check(drawn)).notes[-1] == f"Training needs about {said} of memory, beside the data."
    assert next(trainer.messages()).memory_bytes == trainer.memory_bytes
    assert training_needs(drawn, n=1797).memory_bytes == trainer.memory_bytes
