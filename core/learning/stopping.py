"""When a training ends before its epochs are done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, NamedTuple

from core.declare import hyper
from core.kinds import Kind, table_of


class Figures(NamedTuple):
    """What was measured at the end of an epoch.

    Attributes
    ----------
    train_loss : float
    val_loss, val_accuracy : float or None
        None where no samples are kept back.
    """

    train_loss: float
    val_loss: float | None = None
    val_accuracy: float | None = None


class EarlyStopping(Kind):
    """Training ends once the monitored figure has brought no gain for a number of epochs."""

    name: ClassVar = "early_stopping"
    source: ClassVar = "Prechelt, “Early Stopping – But When?”, 1998, the criterion UP, in Keras's form"

    monitor: Literal["val_loss", "val_accuracy"] = hyper("val_loss", help="The figure that is watched.")
    patience: int = hyper(5, ge=1, le=100_000, help="Epochs in a row without gain after which training ends.")
    min_delta: float = hyper(0.0, ge=0, le=1e6, help="A gain counts only where it is larger than this.")

    def written(self) -> dict[str, Any]:
        """Return the form that stands in the file, where no kind needs to be named."""
        return self.config(whole=True)

    def n_without_gain(self, history: Sequence[Figures]) -> int:
        """Count the epochs since the last gain.

        Examples
        --------
        >>> losses = [Figures(0, loss, 0) for loss in (0.9, 0.5, 0.55, 0.49, 0.495)]
        >>> EarlyStopping().n_without_gain(losses), EarlyStopping(min_delta=0.1).n_without_gain(losses)
        (1, 3)
        """
        sign = -1 if self.monitor == "val_loss" else 1
        best, n = None, 0
        for figures in history:
            figure = getattr(figures, self.monitor)
            if figure is None:
                continue
            if best is None or sign * figure > sign * best + self.min_delta:
                best, n = figure, 0
            else:
                n += 1
        return n


STOPPINGS: dict[str, type[EarlyStopping]] = table_of(EarlyStopping)
"""The one way to stop early, as a table for the form and the file."""
