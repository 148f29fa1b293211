"""Figures that are taken under other conditions than those they are compared with."""

from __future__ import annotations

from math import sqrt
from typing import ClassVar, Literal

from core.text import listing
from core.training.findings.facts import Facts
from core.training.findings.sign import Sign
from core.training.messages import Epoch, Finding

LEAST_GAP = 0.03
"""Training accuracy has to be so much below that of validation to be worth a word, and twice what chance does."""


class BelowValidation(Sign):
    """Training accuracy is below validation accuracy, as layers that compute otherwise in training make it."""

    code: ClassVar = "training_below_validation"
    severity: ClassVar[Literal["advice", "note"]] = "note"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        nodes = facts.network.program.nodes
        drawing = [node for node in nodes if node.kind.stochastic]
        self._drawing = [node.id for node in drawing]
        self._kinds = list(dict.fromkeys(type(node.kind).__name__ for node in drawing))
        self._batchwise = [
            node.id for node in nodes if any(weight.role == "statistic" for weight in node.weights.values())
        ]

    def after_epoch(self, epoch: Epoch, *, is_last: bool) -> Finding | None:
        """Compare, from the second epoch on: in the first the network learns most of what it knows at its end."""
        if epoch.epoch < 2 or epoch.val_accuracy is None or not (self._drawing or self._batchwise):
            return None
        chance = sqrt(0.25 / len(self.facts.validation))
        if epoch.val_accuracy - epoch.train_accuracy < max(LEAST_GAP, 2 * chance):
            return None
        if self._drawing:
            how = f"training figures are taken with {listing(self._kinds)} on ({listing(self._drawing)})"
        else:
            how = f"in training {listing(self._batchwise)} normalised each batch by its own mean and variance"
        what = (
            f"Training accuracy ({epoch.train_accuracy:.1%}) is below validation accuracy ({epoch.val_accuracy:.1%}): "
            f"{how}, and while the network still learned."
        )
        return self.found(epoch.step, what, "Judge the network by its validation figures.")
