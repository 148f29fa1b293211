"""What was found in the runs of a document, and what has become of it since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from core.graph.values import Document
from core.training.curing_messages import Tried
from core.training.messages import Epoch, Finding

MOST_SHOWN = 3
"""Cases at a time, the worst first."""


@dataclass(frozen=True, slots=True)
class Case:
    """A finding, and what has become of it.

    Attributes
    ----------
    document : Document
        As it was trained when the finding was made.
    began : int
        The step since which the settings were those that it was found with.
    accuracy : float or None
        Of the epoch in which it was found, by validation where there is one.
    tried : tuple of Tried
        What came of its cures, where they were tried.
    since : int or None
        The step from which on it has to stay away to be cured; None while nothing was changed.
    cured : str
        How it was and how it is, once it is cured.
    """

    finding: Finding
    document: Document
    rank: int
    began: int = 0
    accuracy: float | None = None
    tried: tuple[Tried, ...] = ()
    since: int | None = None
    cured: str = ""

    @property
    def is_waiting(self) -> bool:
        """Whether it was found with earlier settings or in an earlier run, and has not been found since."""
        return self.since is not None and not self.cured

    @property
    def steps(self) -> int:
        """How many steps it took until it was found."""
        return self.finding.step - self.began


@dataclass(frozen=True, slots=True)
class Cases:
    """All cases of a document, and how they go on; immutable.

    Attributes
    ----------
    cases : tuple of Case
    began : int
        The step since which the settings are as they are.
    """

    cases: tuple[Case, ...] = ()
    began: int = 0

    @property
    def shown(self) -> tuple[Case, ...]:
        """The worst that are open, then those that are cured."""
        return tuple(sorted(self.cases, key=lambda case: (bool(case.cured), case.rank)))[:MOST_SHOWN]

    @property
    def n_open(self) -> int:
        """How many are not cured."""
        return sum(not case.cured for case in self.cases)

    @property
    def badges(self) -> Mapping[str, str]:
        """What is to be said of layers of the flattened graph as they are now; the worst where there is more."""
        said: dict[str, str] = {}
        known = (case for case in self.cases if not (case.cured or case.is_waiting))
        for case in sorted(known, key=lambda case: case.rank):
            said = {**case.finding.badges, **said}
        return said

    def changed(self, step: int) -> Cases:
        """Return them after settings were changed, or a new run began, at a step: what stays away is cured."""
        waiting = (case if case.cured else replace(case, since=step) for case in self.cases)
        return replace(self, cases=tuple(waiting), began=step)

    def found(self, case: Case) -> Cases:
        """Return them with one more; it takes the place of an older one of its sort."""
        others = (other for other in self.cases if other.finding.code != case.finding.code)
        return replace(self, cases=(*others, replace(case, began=self.began)))

    def after_epoch(self, epoch: Epoch) -> Cases:
        """Return them after an epoch: cured is what has stayed away for as long as it took to be found."""
        return replace(self, cases=tuple(_after(case, epoch) for case in self.cases))

    def tried(self, code: str, outcome: Tried) -> Cases:
        """Return them with what came of a cure."""
        cases = (
            replace(case, tried=(*case.tried, outcome)) if case.finding.code == code else case for case in self.cases
        )
        return replace(self, cases=tuple(cases))


def _after(case: Case, epoch: Epoch) -> Case:
    accuracy = epoch.train_accuracy if epoch.val_accuracy is None else epoch.val_accuracy
    if case.since is None:
        return case if case.accuracy is not None else replace(case, accuracy=accuracy)
    if case.cured or epoch.step - case.since < max(1, case.steps):
        return case
    part = "Training" if epoch.val_accuracy is None else "Validation"
    before = "" if case.accuracy is None else f" instead of {case.accuracy:.1%}"
    return replace(case, cured=f"Not found again by batch {epoch.step:,}. {part} accuracy {accuracy:.1%}{before}.")
