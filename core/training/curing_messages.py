"""What trials of cures say: frozen messages, any number of Curing and then a Tried for each cure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from core.problems import Fix


@dataclass(frozen=True, slots=True)
class Curing:
    """A step of a trial is done.

    Attributes
    ----------
    cure : Fix or None
        What is tried; None while it is measured what becomes of the document as it is.
    share : float
        How much of this trial is done, from 0 to 1.
    """

    cure: Fix | None
    share: float


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of a cure.

    Attributes
    ----------
    helps : bool
        Whether it is worth offering.
    what : str
        What it gave, in words: "Validation accuracy 0.62 after 1 epoch instead of 0.10."
    before, after : float
        The figure without it and with it; NaN where it could not be measured.
    """

    cure: Fix
    helps: bool
    what: str
    before: float = float("nan")
    after: float = float("nan")


CureMessage: TypeAlias = Curing | Tried
