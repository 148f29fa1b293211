"""What is read of a run's folder to be looked at: its curve, and where it stands."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.runs.stored import StoredRun
from core.training.messages import Batch, Epoch, Started
from core.training.standing import Standing

STEPS = 1 << 18
"""Batches of a curve that are read at once; where fewer are kept, each stands for those that are left out."""


def standing_of(stored: StoredRun) -> Standing:
    """Read where a run stands; where that was thinned out, its best weights, from which training begins anew.

    Raises
    ------
    ConvographError
    """
    if stored.has_resume:
        return stored.standing()
    weights = stored.best_weights()
    for array in weights.values():
        array.setflags(write=False)
    return Standing(weights, training=stored.known.trained.training)


def curve_of(stored: StoredRun, after: int = 0) -> tuple[Started, list[Batch], tuple[Epoch, ...]]:
    """Read what a run reported: all of its epochs, and its batches after a step.

    Raises
    ------
    ConvographError
    """
    record, epochs = stored.known, stored.curve
    columns = stored.batches
    steps = columns["step"]
    first = int(steps[0]) - 1 if len(steps) else 0
    n = record.data.get("training", 0)
    settings = record.trained.training.settings
    per_epoch = epochs[-1].step // epochs[-1].epoch if epochs else _batches_of(n, settings.batch_size) or record.step
    started = Started(
        epochs=settings.epochs,
        batches_per_epoch=max(1, per_epoch),
        n_training=n if isinstance(n, int) else 0,
        n_validation=0,
        parameters=0,
        step=first,
        epoch=int(columns["epoch"][0]) - 1 if len(steps) else 0,
    )
    return started, _batches(columns, after), epochs


def _batches_of(n: object, batch_size: int) -> int:
    return -(-n // batch_size) if isinstance(n, int) else 0


def _batches(columns: dict[str, NDArray[Any]], after: int) -> list[Batch]:
    """Return batches step by step; one that was left out is like the next one that is there."""
    steps = columns["step"]
    if not len(steps):
        return []
    first = max(after + 1, int(steps[0]))
    wanted = np.arange(first, min(int(steps[-1]), first + STEPS) + 1)
    places = np.searchsorted(steps, wanted)
    figures = zip(
        *(columns[name][places].tolist() for name in ("epoch", "batch", "loss", "accuracy", "n")), strict=True
    )
    return [Batch(int(step), *row) for step, row in zip(wanted.tolist(), figures, strict=True)]
