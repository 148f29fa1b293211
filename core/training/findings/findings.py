"""Everything that a run is watched for, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from core.graph.training import Training
from core.training.findings.balance import RareClass
from core.training.findings.dead import DeadLayer, DeadUnits
from core.training.findings.depth import Exploding, Vanishing
from core.training.findings.facts import Facts
from core.training.findings.figures import BelowValidation, OverFitting
from core.training.findings.gauges import Gauge, is_measured
from core.training.findings.guessing import OneAnswer, OnlyGuessing
from core.training.findings.noise import NoisyGradient
from core.training.findings.pictures import EmptyPictures
from core.training.findings.rates import RateTooHigh, RateTooLow
from core.training.findings.saturation import Saturated
from core.training.findings.sign import Sign
from core.training.messages import Batch, Epoch, Finding, Message, Started

SIGNS: tuple[type[Sign], ...] = (
    EmptyPictures,
    Exploding,
    DeadLayer,
    Vanishing,
    Saturated,
    RateTooHigh,
    RateTooLow,
    DeadUnits,
    OnlyGuessing,
    OneAnswer,
    RareClass,
    NoisyGradient,
    OverFitting,
    BelowValidation,
)
"""The worst first: what is further down often follows from what is further up."""


class Findings:
    """Puts findings among the messages of a run, each once; the run itself computes the same bits as without."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._open: list[Sign] = []
        self._in_steps: list[Sign] = []
        self._at_gauges: list[Sign] = []
        self._watch()

    def begin_anew(self, training: Training) -> None:
        """Watch from the beginning, with other settings: what is still wrong is said again."""
        self._facts.begin_anew(training)
        self._watch()

    def _watch(self) -> None:
        """Make all signs."""
        self._open = [sign(self._facts) for sign in SIGNS]
        self._in_steps = [sign for sign in self._open if type(sign).after_batch is not Sign.after_batch]
        self._at_gauges = [sign for sign in self._open if type(sign).after_gauge is not Sign.after_gauge]

    def among(self, messages: Iterable[Message]) -> Iterator[Message]:
        """Hand the messages on; what is found at the end of an epoch comes before its Epoch."""
        for message in messages:
            match message:
                case Started():
                    yield message
                    yield from self._ask(self._open, lambda sign: sign.at_start())
                case Batch():
                    self._facts.note_batch(message)
                    yield message
                    for sign in self._in_steps:  # no `_ask`: small networks take thousands of steps a second
                        found = sign.after_batch(message)
                        if found is not None:
                            self._close(sign)
                            yield found
                            break
                    if is_measured(message.step) and (gauges := self._facts.gauges.steps):
                        yield from self._ask(self._at_gauges, partial(_after_gauge, gauges))
                case Epoch() as epoch:
                    yield from self._after(epoch)
                    yield message
                case _:
                    yield message

    def _after(self, epoch: Epoch) -> Iterator[Finding]:
        look = self._facts.look(epoch, is_last=epoch.is_last)
        if look is not None:
            yield from self._ask(self._open, lambda sign: sign.after_look(look))
        yield from self._ask(self._open, lambda sign: sign.after_epoch(epoch, is_last=epoch.is_last))

    def _ask(self, signs: list[Sign], question: Callable[[Sign], Finding | None]) -> Iterator[Finding]:
        """Put a question to signs that have not been found yet."""
        for sign in tuple(signs):
            found = question(sign)
            if found is not None:
                self._close(sign)
                yield found

    def _close(self, sign: Sign) -> None:
        for signs in (self._open, self._in_steps, self._at_gauges):
            if sign in signs:
                signs.remove(sign)


def _after_gauge(gauges: Sequence[Gauge], sign: Sign) -> Finding | None:
    return sign.after_gauge(gauges)
