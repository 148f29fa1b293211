"""What `convograph bench` does."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from core.bench import limits, measuring
from core.bench.figures import table, write_into
from core.bench.measuring import Result
from core.bench.networks import CASES
from core.errors import BenchError
from core.text import listing


@dataclass(frozen=True, slots=True)
class Bench:
    """All that was measured in one run."""

    limits: limits.Limits
    results: tuple[Result, ...]

    @property
    def text(self) -> str:
        """The table."""
        return table(self.results, self.limits)

    def as_json(self) -> dict[str, Any]:
        """Return the form that `bench --json` prints."""
        return {"limits": asdict(self.limits), "results": [result.as_json() for result in self.results]}


def bench(names: Sequence[str], seconds: float, into: Path | None = None) -> Bench:
    """Measure networks, one after the other, and report progress on the error output.

    Parameters
    ----------
    names : sequence of str
        Which networks; all of them if empty.
    seconds : float
        How long each contender computes at a time.
    into : Path, optional
        A document with a place for the table.

    Raises
    ------
    BenchError
        If a network is not known.
    SaveError
        If the document has no place for the table.
    """
    for name in names:
        if name not in CASES:
            raise BenchError(f"There is no benchmark called {name}: choose {listing(CASES, 'or')}.")
    if not seconds > 0:
        raise BenchError(f"{seconds:g} seconds is too short to measure anything.")
    reached = limits.measure()
    cases = [CASES[name] for name in names or CASES]
    results = (measuring.measure(case, reached, seconds, measuring.contenders(case), _tell) for case in cases)
    measured = Bench(reached, tuple(results))
    if into is not None:
        write_into(into, measured.text)
    return measured


def _tell(what: str) -> None:
    sys.stderr.write(f"{what}\n")
    sys.stderr.flush()
