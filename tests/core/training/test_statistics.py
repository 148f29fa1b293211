"""Steps are measured without changing them."""

from __future__ import annotations

import numpy as np

from core.graph.edits import set_training
from core.graph.values import Document
from core.io.templates import load_template
from core.training.messages import Batch
from core.training.statistics import EVERY
from core.training.step_statistics import StepStatistics
from core.training.trainer import Trainer


def _document() -> Document:
    return set_training(load_template("mlp"), {"epochs": 1, "optimizer": {"kind": "SGD", "learning_rate": 0.1}})


def _trained(*, measured: bool) -> tuple[np.ndarray, tuple[StepStatistics, ...]]:
    trainer = Trainer(_document())
    trainer.meter.is_on = measured
    for _ in trainer.messages():
        pass
    return trainer.network.parameters.copy(), trainer.meter.take()


def test_measuring_does_not_change_a_run() -> None:
    plain, none = _trained(measured=False)
    looked_at, some = _trained(measured=True)
    assert np.array_equal(plain, looked_at)
    assert none == ()
    assert [one.step for one in some] == list(range(EVERY, 46, EVERY))


def test_a_step_of_plain_descent_moves_a_layer_by_rate_times_gradient() -> None:
    trainer = Trainer(_document())
    trainer.meter.is_on = True
    before: dict[str, np.ndarray] = {}
    for message in trainer.messages():
        if isinstance(message, Batch) and message.step == EVERY - 1:
            before = {name: array.copy() for name, array in trainer.network.weights.items()}
        if isinstance(message, Batch) and message.step == EVERY:
            break
    (one,) = trainer.meter.take()
    assert list(one.layers) == ["fc1", "fc2"]
    for id, layer in one.layers.items():
        weights = np.concatenate([before[f"{id}/{part}"].ravel() for part in ("kernel", "bias")])
        np.testing.assert_allclose(layer.update_ratio * np.linalg.norm(weights), 0.1 * layer.gradient_norm, rtol=1e-3)
