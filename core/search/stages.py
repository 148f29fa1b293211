"""The stages of a search: so many trials of so many epochs, first coarse, then fine."""

from __future__ import annotations

import re
from dataclasses import dataclass

from core.errors import SearchError
from core.text import excerpt

USUAL = "5x16,20x4"
MOST_STAGES, MOST_TRIALS, MOST_EPOCHS = 8, 10_000, 100_000
_STAGE = re.compile(r"(\d{1,6})\s*[x×]\s*(\d{1,6})")


@dataclass(frozen=True, slots=True)
class Stage:
    """So many trials, each of so many epochs.

    Attributes
    ----------
    margin : float
        How far a trial's accuracy may be below the median of the others at the same epoch before it is stopped.
    """

    epochs: int
    trials: int
    margin: float = 0.05

    def __str__(self) -> str:
        return f"{self.epochs}x{self.trials}"


COARSE_MARGIN, FINE_MARGIN = 0.05, 0.015
"""Five points in the first stage; later ones, whose trials lie closer together, a point and a half."""


def read_stages(text: str) -> tuple[Stage, ...]:
    """Read stages as the command line has them.

    Raises
    ------
    SearchError

    Examples
    --------
    >>> [str(stage) for stage in read_stages("5x16, 20x4")]
    ['5x16', '20x4']
    """
    found = [_STAGE.fullmatch(part.strip()) for part in text.split(",")]
    stages = [(int(match[1]), int(match[2])) for match in found if match]
    if len(stages) < len(found) or not all(0 < epochs <= MOST_EPOCHS and 0 < n <= MOST_TRIALS for epochs, n in stages):
        raise SearchError(
            f"{excerpt(text)} are no stages: write epochs x trials for each, such as {USUAL} for 16 trials of 5 epochs "
            f"and then 4 of 20 (at most {MOST_TRIALS:,} trials of {MOST_EPOCHS:,} epochs)."
        )
    if len(stages) > MOST_STAGES:
        raise SearchError(f"{len(stages)} stages are more than the {MOST_STAGES} that a search may have.")
    return tuple(Stage(epochs, n, FINE_MARGIN if i else COARSE_MARGIN) for i, (epochs, n) in enumerate(stages))
