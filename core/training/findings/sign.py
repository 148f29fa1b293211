"""What all findings have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import ClassVar, Literal

from core.problems import Fix
from core.training.findings.facts import Facts, Look
from core.training.findings.gauges import Gauge
from core.training.messages import Batch, Epoch, Evidence, Finding

MOST_CURES = 3
"""Each is tried, which takes time."""
MOST_POINTS = 60
"""Of a series, evenly spread over it: as many as a spark line has room for."""


class Sign:
    """Something that a run is watched for; told of everything until it has found it, which it says once.

    Attributes
    ----------
    code : str
        What programs know the finding by; permanent.
    title : str
        What it is in a few words.
    severity : {"advice", "note"}
        Advice says that the run as it is leads nowhere; a note, how its figures are to be read.
    cures : str
        What is tried against it, in words; "" where no edit helps.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    severity: ClassVar[Literal["advice", "note"]] = "advice"
    cures: ClassVar[str] = ""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def at_start(self) -> Finding | None:
        """Look before the first step."""
        return None

    def after_batch(self, batch: Batch) -> Finding | None:
        """Look after a step."""
        return None

    def after_gauge(self, gauges: Sequence[Gauge]) -> Finding | None:
        """Look after a step that was measured; the newest is the last."""
        return None

    def after_look(self, look: Look) -> Finding | None:
        """Look at what the network does with a few samples after an epoch; not after every short one."""
        return None

    def after_epoch(self, epoch: Epoch, *, is_last: bool) -> Finding | None:
        """Look after an epoch."""
        return None

    def found(
        self,
        step: int,
        what: str,
        why: str,
        *,
        badges: Mapping[str, str] | None = None,
        evidence: Evidence | None = None,
        cures: Iterable[Fix] = (),
    ) -> Finding:
        """Make the finding: one sentence with the evidence, and one that says what to do."""
        offered = tuple(cures)[:MOST_CURES]
        return Finding(self.code, self.severity, step, what, why, self.title, badges or {}, evidence, offered)


def series(name: str, points: Iterable[tuple[int, float]], unit: str = "") -> Evidence | None:
    """Make evidence of (step, value); None where fewer than two values are finite.

    >>> series("loss", [(10, 2.3), (20, float("nan")), (30, 2.2)])
    Evidence(name='loss', unit='', steps=(10, 30), values=(2.3, 2.2))
    """
    finite = [(step, value) for step, value in points if isfinite(value)]
    if len(finite) < 2:
        return None
    every = -(-len(finite) // MOST_POINTS)
    kept = finite[::-every][::-1]
    return Evidence(name, unit, tuple(step for step, _ in kept), tuple(value for _, value in kept))
