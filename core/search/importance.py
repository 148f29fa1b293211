"""How much of the difference between trials a searched setting explains by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.search.ranges import Choice, Range
from core.search.trials import Trial

LEAST_TRIALS = 12
"""With fewer, the shares would say more about chance than about settings."""
MOST_GROUPS, LEAST_IN_GROUP = 4, 4
"""Numbers are divided into so many groups of equal size, as far as each has so many trials."""


def importances(trials: Sequence[Trial], ranges: Mapping[str, Range]) -> dict[str, float] | None:
    """Return for each searched setting the share of the variance between trials that it explains by itself.

    Trials are ranked by accuracy, those that diverged last: ranks keep a few that learned nothing from deciding all.
    They are grouped by the setting: by its values where it is a choice, else into groups of equal size from the
    smallest value to the largest, which also sees an optimum in the middle. The share is that of the variance of ranks
    that lies between the groups, less what chance alone puts there (ε²); what settings do together is in none.

    Only the first stage counts, whose values are drawn all over the ranges.

    Source: T. L. Kelley, "An unbiased correlation ratio measure", PNAS 1935.

    Returns
    -------
    dict of str to float, or None
        By path, from the most important on; None with fewer than `LEAST_TRIALS`, or where all trials are equal.

    Examples
    --------
    >>> from core.search.ranges import Log, Uniform
    >>> rng = np.random.default_rng(0)
    >>> drawn = [{"rate": 10 ** rng.uniform(-4, 0), "l2": rng.random()} for _ in range(40)]
    >>> trials = [
    ...     Trial(n, 0, d, "finished", (1 - abs(np.log10(d["rate"]) + 2) / 4,), (0,)) for n, d in enumerate(drawn)
    ... ]
    >>> shares = importances(trials, {"rate": Log(1e-4, 1), "l2": Uniform(0, 1)})
    >>> [(name, round(share, 1)) for name, share in shares.items()]
    [('rate', 0.8), ('l2', 0.1)]
    """
    first = [trial for trial in trials if trial.stage == 0 and trial.outcome != "failed"]
    if len(first) < LEAST_TRIALS:
        return None
    figures = np.array([-1.0 if t.accuracy is None or t.outcome == "diverged" else t.accuracy for t in first])
    ranks = _ranks(figures)
    if not np.ptp(ranks):
        return None
    shares = {path: _share(ranks, _groups([t.values[path] for t in first], range)) for path, range in ranges.items()}
    return dict(sorted(shares.items(), key=lambda item: -item[1]))


def _ranks(figures: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ranks from 0 on; equal figures share the mean of theirs."""
    _, place, counts = np.unique(figures, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    means: NDArray[np.float64] = last - (counts + 1) / 2
    return means[place]


def _groups(values: Sequence[object], range: Range) -> NDArray[np.intp]:
    """Return the group of each value, numbered from 0."""
    if isinstance(range, Choice):
        known = list(range.values)
        return np.array([known.index(value) if value in known else len(known) for value in values])
    n = max(2, min(MOST_GROUPS, len(values) // LEAST_IN_GROUP))
    ranks = _ranks(np.array(values, np.float64))
    return (ranks * n / len(values)).astype(np.intp)


def _share(ranks: NDArray[np.float64], groups: NDArray[np.intp]) -> float:
    """Return ε² = 1 − (n − 1)/(n − k) · (variance within the k groups)/(variance of all), not below 0."""
    sizes = np.bincount(groups)
    used = sizes > 0
    n, k = len(ranks), int(used.sum())
    if k < 2 or n <= k:
        return 0.0
    means = np.bincount(groups, ranks)[used] / sizes[used]
    between = float((sizes[used] * (means - ranks.mean()) ** 2).sum())
    whole = float(((ranks - ranks.mean()) ** 2).sum())
    return max(0.0, 1 - (n - 1) / (n - k) * (1 - between / whole))
