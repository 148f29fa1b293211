"""Everything that a run is watched for, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from core.training.findings.dead import DeadLayer
from core.training.findings.facts import Facts
from core.training.findings.figures import BelowValidation
from core.training.findings.guessing import OneAnswer, OnlyGuessing
from core.training.findings.pictures import EmptyPictures
from core.training.findings.sign import Sign
from core.training.messages import Batch, Epoch, Finding, Message, Started

SIGNS: tuple[type[Sign], ...] = (EmptyPictures, DeadLayer, OnlyGuessing, OneAnswer, BelowValidation)


class Findings:
    """Puts findings among the messages of a run, each once; the run itself computes the same bits as without."""

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._signs = [sign(facts) for sign in SIGNS]
        self._in_steps = [sign for sign in self._signs if type(sign).after_batch is not Sign.after_batch]

    def among(self, messages: Iterable[Message]) -> Iterator[Message]:
        """Hand the messages on; what is found at the end of an epoch comes before its Epoch."""
        for message in messages:
            match message:
                case Started():
                    yield message
                    yield from self._ask(lambda sign: sign.at_start())
                case Batch():
                    self._facts.note_samples(message.n)
                    yield message
                    for sign in self._in_steps:  # a list of its own: small networks take thousands of steps a second
                        found = sign.after_batch(message)
                        if found is not None:
                            self._in_steps.remove(sign)
                            self._signs.remove(sign)
                            yield found
                            break
                case Epoch() as epoch:
                    yield from self._after(epoch)
                    yield message
                case _:
                    yield message

    def _after(self, epoch: Epoch) -> Iterator[Finding]:
        look = self._facts.look(epoch, is_last=epoch.is_last)
        if look is not None:
            yield from self._ask(lambda sign: sign.after_look(look))
        yield from self._ask(lambda sign: sign.after_epoch(epoch, is_last=epoch.is_last))

    def _ask(self, question: Callable[[Sign], Finding | None]) -> Iterator[Finding]:
        """Put a question to every sign that has not been found yet."""
        for sign in tuple(self._signs):
            found = question(sign)
            if found is not None:
                self._signs.remove(sign)
                self._in_steps = [other for other in self._in_steps if other is not sign]
                yield found
