"""What sanity checks say: frozen messages, any number of Checking and then an Outcome for each check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from core.problems import Fix

TITLES: Mapping[str, str] = {
    "initial_loss": "Initial loss is that of guessing",
    "regularisation_raises_loss": "Loss rises with L2",
    "overfits_20_samples": "20 samples are learned to 0",
    "gradients": "Gradients agree with differences",
}
"""What each check is about, for whoever has not made it yet."""


@dataclass(frozen=True, slots=True)
class Checking:
    """A piece of work for a check is done.

    Attributes
    ----------
    check : str
        What programs know it by, such as "initial_loss".
    stand : str
        How far it is, in words: "fc1/kernel", "40 steps with a learning rate of 0.001".
    """

    check: str
    stand: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a check.

    Attributes
    ----------
    check : str
        What programs know it by.
    passed : bool or None
        None where it could not be judged, such as where it would take minutes.
    measured : float or mapping of str to float or None
        What was measured; of gradients the worst relative error by array.
    expected : float or None
        What that is compared with.
    what : str
        Sentences: what was found with its numbers and, where it failed, what to do.
    title, brief : str
        The same in a few words each, to stand beside a tick: "Initial loss 2.47", "ln 10 = 2.303".
    layers : tuple of str
        Layers of the flattened graph that are to blame.
    badge : str
        What is wrong with each of these, in a word or two: "dead".
    fixes : tuple of Fix
        What has been tried and helps.
    """

    check: str
    passed: bool | None
    measured: float | Mapping[str, float] | None
    expected: float | None
    what: str
    title: str = ""
    brief: str = ""
    layers: tuple[str, ...] = ()
    badge: str = ""
    fixes: tuple[Fix, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        """Return the object that `sanity --json` prints."""
        measured = dict(self.measured) if isinstance(self.measured, Mapping) else self.measured
        return {
            "check": self.check,
            "passed": self.passed,
            "measured": measured,
            "expected": self.expected,
            "what": self.what,
        }


Message: TypeAlias = Checking | Outcome
