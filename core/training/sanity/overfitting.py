"""Whether the network can learn twenty samples by heart."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf, isfinite
from time import perf_counter

import numpy as np

from core.engine.cost import step_seconds
from core.io.datasets import Indices
from core.layers.activation import ReLU
from core.layers.rectifiers import ReLU6
from core.learning.losses import CrossEntropy
from core.learning.optimizers import Optimizer
from core.problems import Fix, SetTraining
from core.text import counted, listing, rough_duration_text
from core.training.sanity.outcome import Checking, Message, Outcome
from core.training.sanity.subject import Subject

CHECK = "overfits_20_samples"
N_SAMPLES = 20
LEARNED, SHARE = 0.02, 0.1
"""A mean loss below it, and below so much of that of guessing, is as good as 0: with cross-entropy the right class has
98 %."""
STEPS = 500
"""Steps that are taken with one learning rate."""
HOPELESS_AFTER = 60
"""Steps after which a loss above `STAYED` of the start ends a trial of a rate that is not the document's own."""
STAYED = 0.9
NEAR_RATES, USUAL_RATES = (10.0, 0.1, 100.0, 0.01), (0.1, 0.01, 0.001, 0.0001)
"""Times the document's learning rate, and rates as they are: what is tried where that learns too slowly, or not at
all."""
MOST_RATE = 100.0
MOST_SECONDS = 30.0
SLOW_STEP_SECONDS = 2.0
"""An estimate of a step; slower ones are too few within the time to learn anything."""
TOLD_EVERY = 5


@dataclass(frozen=True, slots=True)
class _Trial:
    rate: float
    first: float
    loss: float
    steps: int
    least: float

    @property
    def learned(self) -> bool:
        return isfinite(self.loss) and self.loss <= self.least

    @property
    def stayed(self) -> bool:
        return not isfinite(self.loss) or self.loss > STAYED * self.first


def overfitting(subject: Subject) -> Iterator[Message]:
    """Train on twenty samples of all classes, without Dropout, penalties and augmentation, until the loss is near 0.

    The document's own optimiser is used, with its learning rate first. Where only another rate learns them, the check
    fails if the own one learns nothing at all, and that rate is named; one that is merely slow passes.

    Source: CS231n, "Neural Networks Part 3", Sanity checks: "Overfit a tiny subset of data".
    """
    samples = subject.of_every_class(N_SAMPLES)
    least = learned_below(subject)
    seconds = step_seconds(subject.program, len(samples))
    if seconds > SLOW_STEP_SECONDS:
        what = (
            f"A step of {counted(len(samples), 'sample')} would take {rough_duration_text(seconds)}: too long to find "
            "out in a short time whether they can be learned. Try it with a smaller Input, or fewer layers."
        )
        yield Outcome(CHECK, None, None, least, what, "20 samples: not tried", "the network is too large")
        return
    yield from _Overfitting(subject, samples).messages()


class _Overfitting:
    def __init__(self, subject: Subject, samples: Indices) -> None:
        self.subject, self.samples = subject, samples
        self.network = subject.copy()
        self.least = learned_below(subject)
        self._until = perf_counter() + MOST_SECONDS

    def messages(self) -> Iterator[Message]:
        optimizer = self.subject.optimizer
        own = yield from self._try(optimizer, STEPS)
        dead = self._dead()
        trials = [own]
        for rate in () if own.learned else _other_rates(own.rate):
            if self._is_over() or trials[-1].learned:
                break
            other = optimizer.with_settings({"learning_rate": rate})
            trials.append((yield from self._try(other, HOPELESS_AFTER)))
        if not trials[-1].learned and not self._is_over() and self.subject.loss != CrossEntropy():
            self.network, self.least = self.subject.copy(loss=CrossEntropy()), LEARNED
            for rate in (own.rate, *_other_rates(own.rate)):
                trial = yield from self._try(optimizer.with_settings({"learning_rate": rate}), HOPELESS_AFTER)
                if trial.learned:
                    yield self._another_loss(own, trial)
                    return
                if self._is_over():
                    break
        yield self._outcome(trials, dead)

    def _is_over(self) -> bool:
        return perf_counter() > self._until

    def _try(self, optimizer: Optimizer, patience: int) -> Generator[Checking, None, _Trial]:
        """Train anew with a rate, until the samples are learned or it is hopeless."""
        network, rate = self.network, optimizer.learning_rate
        network.draw_weights()
        parameters, gradients = network.parameters, network.gradients
        moments = tuple(np.zeros_like(parameters) for _ in range(optimizer.n_moments))
        scratch = np.empty_like(parameters)
        first = loss = self.subject.measure(network, self.samples)
        for step in range(1, STEPS + 1):
            if self._is_over():
                return _Trial(rate, first, loss, step - 1, self.least)
            with np.errstate(all="ignore"):
                optimizer.update(parameters, gradients, moments, step, scratch)
            loss = self.subject.measure(network, self.samples)
            if not isfinite(loss) or loss <= self.least or (step >= patience and loss > STAYED * first):
                return _Trial(rate, first, loss, step, self.least)
            if step % TOLD_EVERY == 0:
                yield Checking(CHECK, f"{counted(step, 'step')} with a learning rate of {rate:g}: loss {loss:.3g}")
        return _Trial(rate, first, loss, STEPS, self.least)

    def _dead(self) -> tuple[str, ...]:
        """Name the ReLUs that give 0 everywhere, as the last trial left them."""
        relus = [node.id for node in self.network.program.nodes if isinstance(node.kind, ReLU | ReLU6)]
        if not relus:
            return ()
        with np.errstate(all="ignore"):
            maps = self.network.activations(self.subject.pixels(self.samples), relus)
        return tuple(id for id in relus if not maps[id].any())

    def _feeding(self, relus: Iterable[str]) -> tuple[str, ...]:
        """Name the layers with weights whose outputs ReLUs read: those are drawn as cards."""
        nodes, found = self.network.program.nodes, []
        for id in relus:
            node = self.network.program.by_id[id]
            while not node.weights and len(node.sources) == 1:
                node = nodes[node.sources[0]]
            found.append(node.id)
        return tuple(dict.fromkeys(found))

    def _another_loss(self, own: _Trial, other: _Trial) -> Outcome:
        n, name = counted(len(self.samples), "sample"), self.subject.loss.kind_name()
        what = (
            f"With {name} and the learning rate of the document, {own.rate:g}, the {_way(own)}, and no other rate that "
            f"was tried learns the {n}. With cross_entropy and {other.rate:g} the {_way(other)}: "
            "set loss to cross_entropy."
        )
        fix = Fix("Set loss to cross_entropy", (SetTraining({"loss": "cross_entropy"}),))
        brief = f"{name} {own.loss:.2g} after {counted(own.steps, 'step')}"
        return Outcome(CHECK, False, own.loss, own.least, what, f"{n} are not learned", brief, fixes=(fix,))

    def _outcome(self, trials: Sequence[_Trial], dead: tuple[str, ...]) -> Outcome:
        own = trials[0]
        best = min(trials, key=lambda trial: trial.loss if isfinite(trial.loss) else inf)
        n = counted(len(self.samples), "sample")
        state = f"loss {best.loss:.2g} after {counted(best.steps, 'step')}"
        if own.learned:
            what = f"{n} are learned: with a learning rate of {own.rate:g} the {_way(own)}."
            return Outcome(CHECK, True, own.loss, self.least, what, f"{n} are learned to 0", state)
        own_way = f"With the learning rate of the document, {own.rate:g}, the {_way(own)}"
        own_way += f", and {listing(dead)} {'gives' if len(dead) == 1 else 'give'} 0 for every sample." if dead else "."
        if best.learned and not own.stayed:
            what = f"{n} are learned: with a learning rate of {best.rate:g} the {_way(best)}. {own_way}"
            return Outcome(CHECK, True, best.loss, self.least, what, f"{n} are learned to 0", state)
        title = f"{n} are not learned"
        if best.learned:
            fix = self._with_rate(best.rate)
            size = "high" if best.rate < own.rate else "low"
            what = (
                f"{own_way} That rate is too {size}: with {best.rate:g} the {_way(best)}. "
                f"Set learning_rate to {best.rate:g}."
            )
            return Outcome(
                CHECK,
                False,
                own.loss,
                self.least,
                what,
                title,
                f"rate {own.rate:g} is too {size}",
                self._feeding(dead),
                "dead",
                fix,
            )
        if self._is_over():
            what = (
                f"{own_way} That took {MOST_SECONDS:g} s, and there was no time for more: whether they can be learned "
                "is not known. Try it with a smaller Input, or fewer layers."
            )
            return Outcome(CHECK, None, best.loss, self.least, what, f"{n}: not finished", state)
        what = f"{own_way} {self._cure(trials, best, dead)}"
        measured = best.loss if isfinite(best.loss) else None
        return Outcome(CHECK, False, measured, self.least, what, title, state, self._feeding(dead), "dead")

    def _cure(self, trials: Sequence[_Trial], best: _Trial, dead: tuple[str, ...]) -> str:
        tried = [trial.rate for trial in trials]
        others = f"None of the rates tried from {min(tried):g} to {max(tried):g} learns them"
        others += "" if best is trials[0] else f"; the best, {best.rate:g}, ends at a loss of {best.loss:.3g}"
        if dead:
            return f"{others}. Units that give 0 learn nothing: use LeakyReLU, another initializer, or a BatchNorm."
        if known := self.subject.unscaled() or self._contradiction():
            return f"{others}. {known}"
        return (
            f"{others}. Look whether the samples show what their labels say, whether layers are frozen, and whether "
            "a layer has so few units that the classes can't be told apart."
        )

    def _contradiction(self) -> str:
        dataset = self.subject.dataset
        seen: dict[bytes, int] = {}
        for pixels, place in zip(dataset.pixels(self.samples), self.samples.tolist(), strict=True):
            other = seen.setdefault(pixels.tobytes(), place)
            if dataset.labels[other] != dataset.labels[place]:
                one, two = (f"“{dataset.classes[dataset.labels[each]]}”" for each in (other, place))
                files = f", {dataset.sources[other]} and {dataset.sources[place]}" if dataset.sources else ""
                return (
                    f"The same picture has the labels {one} and {two}{files}: no network can tell them apart. "
                    "Remove one of them."
                )
        return ""

    def _with_rate(self, rate: float) -> tuple[Fix, ...]:
        optimizer = self.subject.settings.optimizer_as_json() | {"learning_rate": rate}
        return (Fix(f"Set learning_rate to {rate:g}", (SetTraining({"optimizer": optimizer}),)),)


def learned_below(subject: Subject) -> float:
    """Return the loss below which samples are learned."""
    return min(LEARNED, SHARE * subject.guess)


def _other_rates(own: float) -> list[float]:
    """List what is tried beside the rate of the document.

    >>> _other_rates(0.01)
    [0.1, 0.001, 1.0, 0.0001]
    """
    rates = [*(float(f"{own * times:.3g}") for times in NEAR_RATES), *USUAL_RATES]
    return [rate for rate in dict.fromkeys(rates) if 0 < rate <= MOST_RATE and rate != own]


def _way(trial: _Trial) -> str:
    if not isfinite(trial.loss):
        return f"loss goes from {trial.first:.3g} to infinity in {counted(trial.steps, 'step')}"
    return f"loss goes from {trial.first:.3g} to {trial.loss:.2g} in {counted(trial.steps, 'step')}"
