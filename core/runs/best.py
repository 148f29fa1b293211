"""Which epoch of a run is its best."""

from __future__ import annotations

from dataclasses import dataclass

from core.training.messages import Epoch


@dataclass(frozen=True, slots=True)
class Best:
    """The best epoch so far.

    Attributes
    ----------
    epoch : int
    monitor : str
        The figure that decides: validation accuracy, else, without validation samples, the training loss.
    figure : float
        Its value.
    tie : float
        What decides between equal figures; less is better.
    """

    epoch: int
    monitor: str
    figure: float
    tie: float

    @classmethod
    def of(cls, epoch: Epoch, monitor: str = "") -> Best:
        """Return what would make an epoch the best."""
        if epoch.val_loss is None or epoch.val_accuracy is None:
            return cls(epoch.epoch, "train_loss", epoch.train_loss, epoch.train_loss)
        if monitor == "val_loss":
            return cls(epoch.epoch, monitor, epoch.val_loss, epoch.val_loss)
        return cls(epoch.epoch, "val_accuracy", epoch.val_accuracy, epoch.val_loss)

    def is_better_than(self, other: Best | None) -> bool:
        """Say whether it takes the other's place; of two equal ones the earlier stays.

        >>> epochs = [Epoch(n, n, 1.0, 0.5, loss, right, 1.0, 1.0) for n, loss, right in [(1, 0.5, 0.9), (2, 0.4, 0.9)]]
        >>> first, second = map(Best.of, epochs)
        >>> second.is_better_than(first), first.is_better_than(second), first.is_better_than(first)
        (True, False, False)
        """
        if other is None:
            return True
        sign = -1 if self.monitor == "val_accuracy" else 1
        return (sign * self.figure, self.tie) < (sign * other.figure, other.tie)
