"""A finding about the samples of a data set, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from core.problems import Fix, Severity

MOST_TOLD = 20
"""Samples that are named in JSON."""


@dataclass(frozen=True, slots=True)
class DataFinding:
    """Something wrong, unwise or worth knowing about samples.

    Attributes
    ----------
    code : str
        What programs know it by, such as "rare_class"; permanent.
    severity : {"error", "advice", "note"}
        An error keeps from training.
    what, why : str
        Sentences: what was found with its numbers, and what follows from it or is to be done.
    samples : tuple of int
        Places of the samples that show it, in the order of the data set; empty where all do.
    fixes : tuple of Fix
        Edits of the document that make it go away; each has been tried.
    """

    code: str
    severity: Severity
    what: str
    why: str = ""
    samples: tuple[int, ...] = ()
    fixes: tuple[Fix, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the object that `data --json` prints."""
        return {
            "code": self.code,
            "severity": self.severity,
            "what": self.what,
            "why": self.why,
            "samples": list(self.samples[:MOST_TOLD]),
            "fixes": [fix.as_json() for fix in self.fixes],
        }

    def offering(self, fixes: tuple[Fix, ...]) -> DataFinding:
        """Return the same finding with other fixes."""
        return replace(self, fixes=fixes)
