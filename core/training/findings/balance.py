"""Classes that are too rare to be learned."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from core.text import counted, listing
from core.training.findings.cures import balanced
from core.training.findings.facts import Facts, Look
from core.training.findings.sign import Sign, series
from core.training.messages import Finding

RARE = 0.25
"""Of an even share: a class with fewer samples is rare."""
LEARNS = 0.5
"""A network that is right less often about the common classes has other troubles."""
LEAST = 2
"""Samples of a class that have to be looked at."""


class RareClass(Sign):
    """A class with less than a quarter of an even share is never recognised, while the common ones are."""

    code: ClassVar = "rare_class_ignored"
    title: ClassVar = "A rare class is ignored"
    cures: ClassVar = "balanced class weights"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        even = facts.counts.sum() / max(1, facts.n_classes)
        self._rare = np.flatnonzero((facts.counts > 0) & (facts.counts < RARE * even))
        self._seen: list[tuple[int, float]] = []

    def after_look(self, look: Look) -> Finding | None:
        """Believe it the second time."""
        common = ~np.isin(look.labels, self._rare)
        if not len(self._rare) or not common.any():
            return None
        right = look.predicted == look.labels
        self._seen.append((look.step, 100 * float(right[~common].mean()) if (~common).any() else 100.0))
        if right[common].mean() < LEARNS or len(self._seen) < 2:
            return None
        ignored = [c for c in self._rare if np.sum(look.labels == c) >= LEAST and not right[look.labels == c].any()]
        if not ignored:
            return None
        facts = self.facts
        names = facts.dataset.classes
        said = listing(f"“{names[c] if c < len(names) else c}” ({facts.counts[c]:,})" for c in ignored[:3])
        what = (
            f"Of {counted(int(np.isin(look.labels, ignored).sum()), 'sample')} looked at none of {said} is recognised, "
            f"but {right[common].mean():.0%} of the others: {facts.counts.sum():,} samples are learned from."
        )
        why = "Let each class count alike in the loss, or add samples."
        evidence = series("rare samples that are recognised", self._seen, "%")
        return self.found(look.step, what, why, evidence=evidence, cures=balanced(facts.training))
