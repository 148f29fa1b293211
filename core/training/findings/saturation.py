"""Tanh and Sigmoid units that are driven to their bounds, where they have no slope."""

from __future__ import annotations

from typing import ClassVar

from core.text import listing
from core.training.findings.cures import drawn, other_kind, slower
from core.training.findings.facts import Facts, Look
from core.training.findings.sign import Sign, series
from core.training.messages import Finding

MOST = 0.6
"""The share of a layer's outputs that may lie within 1 % of a bound."""


class Saturated(Sign):
    """More than 60 % of a Tanh's or Sigmoid's outputs lie within 1 % of a bound: hardly any gradient gets through."""

    code: ClassVar = "saturated_units"
    title: ClassVar = "Units are saturated"
    cures: ClassVar = "a tenth of the learning rate; Xavier's initialisation; ReLU instead"

    def __init__(self, facts: Facts) -> None:
        super().__init__(facts)
        self._seen: list[tuple[int, float]] = []

    def after_look(self, look: Look) -> Finding | None:
        """Name the layers."""
        if not look.saturated:
            return None
        worst = max(look.saturated, key=lambda id: look.saturated[id])
        self._seen.append((look.step, 100 * look.saturated[worst]))
        full = {id: share for id, share in look.saturated.items() if share > MOST}
        if not full:
            return None
        what = (
            f"{listing(f'{share:.0%} of {id}' for id, share in full.items())}: so many outputs lie within 1 % of a "
            f"bound, for {len(look.labels)} samples, and hardly any gradient gets through them."
        )
        why = "Begin with smaller weights, normalise what goes in, or use ReLU."
        facts = self.facts
        cures = (
            *slower(facts.training, 10),
            *drawn(facts.network.document, facts.training, "xavier_normal"),
            *other_kind(list(full), "ReLU"),
        )
        points = [(0, 0.0), *self._seen] if len(self._seen) == 1 else self._seen
        evidence = series(f"saturated outputs of {worst}", points, "%")
        return self.found(look.step, what, why, badges=dict.fromkeys(full, "saturated"), evidence=evidence, cures=cures)
