"""Training figures that say more, or less, than the network is worth."""

from __future__ import annotations

from math import sqrt
from typing import ClassVar, Literal

from core.text import listing
from core.training.findings.cures import dropped_out, early_end, penalised, shifted
from core.training.findings.facts import Facts
from core.training.findings.sign import Sign, series
from core.training.messages import Epoch, Finding

LEAST_GAP = 0.03
"""Training accuracy has to be so much below that of validation to be worth a word, and twice what chance does."""

BY_HEART, APART = 0.9, 0.2
"""A network that is right about so many training samples, and so many fewer of validation, has learned by heart."""


class OverFitting(Sign):
    """The network is right about nearly all training samples, and about at least 20 % fewer of validation."""

    code: ClassVar = "over_fitting"
    title: ClassVar = "It learns the training part by heart"
    cures: ClassVar = "shifted pictures; Dropout before the last Dense layer; L2; early stopping"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._gaps: list[tuple[int, float]] = [(0, 0.0)]

    def after_epoch(self, epoch: Epoch, *, is_last: bool) -> Finding | None:
        """Compare, as far as chance allows."""
        if epoch.val_accuracy is None or epoch.val_loss is None:
            return None
        gap = epoch.train_accuracy - epoch.val_accuracy
        self._gaps.append((epoch.step, 100 * gap))
        chance = sqrt(0.25 / len(self.facts.validation))
        if epoch.train_accuracy < BY_HEART or gap < max(APART, 2 * chance):
            return None
        what = (
            f"After epoch {epoch.epoch:,} it is right about {epoch.train_accuracy:.1%} of the training samples, but "
            f"about {epoch.val_accuracy:.1%} of the validation samples (loss {epoch.train_loss:.3g} and "
            f"{epoch.val_loss:.3g}): it learns them by heart."
        )
        why = "More samples help most; augmentation, Dropout and L2 make more of those there are."
        training, program = self.facts.training, self.facts.network.program
        cures = (
            *shifted(training, self.facts.dataset.shape),
            *dropped_out(program),
            *penalised(training, 0.01),
            *early_end(training),
        )
        evidence = series("training accuracy above validation", self._gaps, "points")
        return self.found(epoch.step, what, why, evidence=evidence, cures=cures)


class BelowValidation(Sign):
    """Training accuracy is below validation accuracy, as layers that compute otherwise in training make it."""

    code: ClassVar = "training_below_validation"
    title: ClassVar = "Training figures are below validation"
    severity: ClassVar[Literal["advice", "note"]] = "note"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._gaps: list[tuple[int, float]] = []
        nodes = facts.network.program.nodes
        drawing = [node for node in nodes if node.kind.stochastic]
        self._drawing = [node.id for node in drawing]
        self._kinds = list(dict.fromkeys(type(node.kind).__name__ for node in drawing))
        self._batchwise = [
            node.id for node in nodes if any(weight.role == "statistic" for weight in node.weights.values())
        ]

    def after_epoch(self, epoch: Epoch, *, is_last: bool) -> Finding | None:
        """Compare, from the second epoch on: in the first the network learns most of what it knows at its end."""
        if epoch.val_accuracy is None or not (self._drawing or self._batchwise):
            return None
        self._gaps.append((epoch.step, 100 * (epoch.val_accuracy - epoch.train_accuracy)))
        if epoch.epoch < 2:
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
        evidence = series("validation accuracy above training", self._gaps, "points")
        return self.found(epoch.step, what, "Judge the network by its validation figures.", evidence=evidence)
