"""The best epoch of a training: its weights are kept, and without gain for long the training ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.layers.values import Array
from core.learning.stopping import EarlyStopping, Figures
from core.text import counted


@dataclass(frozen=True, slots=True, eq=False)
class Best:
    """The best epoch so far.

    Attributes
    ----------
    epoch : int
    figures : Figures
        What was measured at its end.
    weights : mapping of str to array
        Those it ended with; read-only copies.
    """

    epoch: int
    figures: Figures
    weights: Mapping[str, Array]


def is_better(figures: Figures, best: Figures | None, stopping: EarlyStopping | None) -> bool:
    """Tell whether an epoch is the best so far.

    It is by what early stopping watches, else by the validation accuracy; of two epochs that are alike in it, by the
    other of the two figures; without validation samples by the training loss. Of equals the first is the best.

    >>> is_better(Figures(1, 0.5, 0.9), Figures(1, 0.6, 0.9), None)
    True
    >>> is_better(Figures(1, 0.5, 0.8), Figures(1, 0.6, 0.9), None)
    False
    >>> is_better(Figures(1, 0.5, 0.8), Figures(1, 0.6, 0.9), EarlyStopping(monitor="val_loss"))
    True
    """
    return best is None or _rank(figures, stopping) > _rank(best, stopping)


def _rank(figures: Figures, stopping: EarlyStopping | None) -> tuple[float, ...]:
    if figures.val_loss is None or figures.val_accuracy is None:
        return (-figures.train_loss,)
    if stopping is not None and stopping.monitor == "val_loss":
        return (-figures.val_loss, figures.val_accuracy)
    return (figures.val_accuracy, -figures.val_loss)


def end_reason(stopping: EarlyStopping | None, history: Sequence[Figures]) -> str:
    """Say why a training ends after the last of these epochs, as a sentence; "" where it goes on.

    >>> history = [Figures(0, loss, 0.9) for loss in (0.5, 0.6, 0.7)]
    >>> end_reason(EarlyStopping(patience=2), history)
    'The validation loss has brought no gain for 2 epochs.'
    >>> end_reason(EarlyStopping(patience=3), history)
    ''
    """
    if stopping is None:
        return ""
    n = stopping.n_without_gain(history)
    if n < stopping.patience:
        return ""
    watched = {"val_loss": "loss", "val_accuracy": "accuracy"}[stopping.monitor]
    least = f" of more than {stopping.min_delta:g}" if stopping.min_delta else ""
    return f"The validation {watched} has brought no gain{least} for {counted(n, 'epoch')}."
