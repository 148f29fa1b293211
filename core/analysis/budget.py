"""A budget: how large a network may be, for designs that must stay small."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis.report import Totals
from core.declare import Declared, hyper
from core.text import brief_number, number_text


class Budget(Declared):
    """How much a network may have at most; what is left open has no limit."""

    parameters: int | None = hyper(None, ge=1, help="How many parameters the network may have.")
    macs: int | None = hyper(None, ge=1, help="How many multiply-accumulates one sample may take.")

    def overruns(self, totals: Totals) -> Iterator[str]:
        """Say by how much a network exceeds its limits, a sentence for each.

        >>> from core import check
        >>> from core.io.templates import load_template
        >>> list(Budget(parameters=50_000).overruns(check(load_template("lenet5")).totals))
        ['61,706 parameters are 11,706 more than 50,000.']
        """
        if self.parameters is not None and totals.parameters is not None and totals.parameters > self.parameters:
            had, most = totals.parameters, self.parameters
            yield f"{number_text(had)} parameters are {number_text(had - most)} more than {number_text(most)}."
        if self.macs is not None and totals.macs is not None and totals.macs > self.macs:
            had, most = totals.macs, self.macs
            yield f"{brief_number(had)} MACs are {brief_number(had - most)} more than {brief_number(most)}."
