"""What all findings have in common."""

from __future__ import annotations

from typing import ClassVar, Literal

from core.training.findings.facts import Facts, Look
from core.training.messages import Batch, Epoch, Finding


class Sign:
    """Something that a run is watched for; told of everything until it has found it, which it says once.

    Attributes
    ----------
    code : str
        What programs know the finding by; permanent.
    severity : {"advice", "note"}
        Advice says that the run as it is leads nowhere; a note, how its figures are to be read.
    """

    code: ClassVar[str]
    severity: ClassVar[Literal["advice", "note"]] = "advice"

    def __init__(self, facts: Facts) -> None:
        self.facts = facts

    def at_start(self) -> Finding | None:
        """Look before the first step."""
        return None

    def after_batch(self, batch: Batch) -> Finding | None:
        """Look after a step."""
        return None

    def after_look(self, look: Look) -> Finding | None:
        """Look at what the network does with a few samples after an epoch; not after every short one."""
        return None

    def after_epoch(self, epoch: Epoch, *, is_last: bool) -> Finding | None:
        """Look after an epoch."""
        return None

    def found(self, step: int, what: str, why: str) -> Finding:
        """Make the finding: one sentence with the evidence, and one that says what to do."""
        return Finding(self.code, self.severity, step, what, why)
