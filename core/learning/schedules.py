"""How the learning rate changes from step to step: one class per schedule, settings and mathematics together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import cos, floor, inf, pi
from typing import ClassVar

from core.declare import RisingField, Setting, hyper
from core.kinds import Kind, table_of

SLACK = 1e-9
"""Epochs that are fractions are met as many steps from the start as they stand for, whatever rounding says."""


@dataclass(frozen=True, slots=True)
class Clock:
    """When a rate is asked for.

    Attributes
    ----------
    step : float
        Steps taken before, from 0; a fraction only within an epoch in which the batch size was changed.
    steps_per_epoch : int
    total_steps : int
        Of the whole training.
    history : tuple of float
        The validation losses of the epochs that are complete.
    """

    step: float
    steps_per_epoch: int
    total_steps: int
    history: tuple[float, ...] = ()

    @property
    def epochs(self) -> float:
        """How many epochs have passed."""
        return self.step / self.steps_per_epoch

    def has_passed(self, epoch: float) -> bool:
        """Tell whether so many epochs, or fractions of one, have passed."""
        return self.step + SLACK >= epoch * self.steps_per_epoch


class Schedule(Kind):
    """A rule for the rate of every step; an instance is its settings.

    The rate is a function of the step alone (and of the validation losses before it), so that a training that goes on
    needs to remember nothing. With a warm-up the rate of each of its steps is multiplied by a factor that rises
    linearly; the schedule itself runs from the first step, as in PyTorch's ChainedScheduler with a LinearLR.
    """

    source: ClassVar[str] = ""

    warmup: float = hyper(
        0.0, ge=0, le=100_000, help="Epochs in which the rate rises linearly to what the schedule has it at."
    )
    warmup_start: float = hyper(0.1, gt=0, le=1, help="The share of the rate that the warm-up begins with.")

    @classmethod
    @cache
    def settings(cls) -> Mapping[str, Setting]:
        """Return its own settings, then those of the warm-up."""
        found = super().settings()
        own = {name: setting for name, setting in found.items() if name not in Schedule.model_fields}
        return own | {name: found[name] for name in Schedule.model_fields}

    def rate(self, base: float, clock: Clock) -> float:
        """Return the learning rate of the step that follows.

        Parameters
        ----------
        base : float
            The optimiser's learning rate.
        clock : Clock
        """
        rate, warm_steps = self.unwarmed(base, clock), self.warmup * clock.steps_per_epoch
        if clock.step >= warm_steps:
            return rate
        return rate * (self.warmup_start + (1 - self.warmup_start) * clock.step / warm_steps)

    def unwarmed(self, base: float, clock: Clock) -> float:
        """Do what `rate` says, as if there were no warm-up."""
        raise NotImplementedError


def rate_of(schedule: Schedule | None, base: float, clock: Clock) -> float:
    """Return the learning rate of the step that follows; without a schedule it stays as it is set."""
    return base if schedule is None else schedule.rate(base, clock)


def preview(
    schedule: Schedule | None, base: float, steps_per_epoch: int, epochs: int, val_losses: Sequence[float] = ()
) -> list[float]:
    """Return the rates of all steps of a training, to be drawn before it begins.

    Parameters
    ----------
    val_losses : sequence of float
        The validation loss of each epoch, as far as it is known; where it isn't, it is taken to fall.

    Examples
    --------
    >>> preview(Step(every=1, factor=0.5), base=0.8, steps_per_epoch=2, epochs=3)
    [0.8, 0.8, 0.4, 0.4, 0.2, 0.2]
    >>> preview(Plateau(factor=0.5, patience=0), 0.8, 1, 4, val_losses=[1, 1, 1])
    [0.8, 0.8, 0.4, 0.2]
    """
    total = steps_per_epoch * epochs
    history = tuple(val_losses)
    return [
        rate_of(schedule, base, Clock(step, steps_per_epoch, total, history[: step // steps_per_epoch]))
        for step in range(total)
    ]


class Step(Schedule):
    """The rate drops by a factor every few epochs: `a₀·factor^⌊t/every⌋`, t in epochs.

    PyTorch's StepLR with `step_size=every`, if it is stepped once an epoch.
    """

    source: ClassVar = "CS231n, “Neural Networks Part 3”, Annealing the learning rate, Step decay"

    every: float = hyper(10.0, gt=0, le=100_000, help="Epochs from one drop to the next.")
    factor: float = hyper(0.1, gt=0, le=1, help="What the rate is multiplied by.")

    def unwarmed(self, base: float, clock: Clock) -> float:
        return base * self.factor ** floor((clock.step + SLACK) / (self.every * clock.steps_per_epoch))


class MultiStep(Schedule):
    """The rate drops by a factor at given epochs: `a₀·factor^(how many of them have passed)`.

    PyTorch's MultiStepLR, if it is stepped once an epoch.
    """

    source: ClassVar = "He et al., “Deep Residual Learning”, CVPR 2016, section 4.2, where the rate is divided by 10"

    at: RisingField = hyper(help="Epochs after which the rate drops.", start=[5, 8])
    factor: float = hyper(0.1, gt=0, le=1, help="What the rate is multiplied by.")

    def unwarmed(self, base: float, clock: Clock) -> float:
        return base * self.factor ** sum(map(clock.has_passed, self.at))


class Exponential(Schedule):
    """The rate falls by the same share in every step: `a₀·factor^t`, t in epochs.

    PyTorch's ExponentialLR, stepped once a batch with `gamma=factor^(1/steps per epoch)`; stepped once an epoch, it
    agrees at the beginning of each.
    """

    source: ClassVar = "CS231n, “Neural Networks Part 3”, Annealing the learning rate, Exponential decay"

    factor: float = hyper(0.95, gt=0, le=1, help="What is left of the rate after an epoch.")

    def unwarmed(self, base: float, clock: Clock) -> float:
        return float(base * self.factor**clock.epochs)


class Cosine(Schedule):
    """The rate follows half a wave down to a minimum: `m + (a₀ − m)·(1 + cos(π·step/steps))/2`.

    The minimum is reached after the last step. PyTorch's CosineAnnealingLR with `T_max` = all steps, stepped once a
    batch.
    """

    source: ClassVar = "Loshchilov and Hutter, “SGDR”, ICLR 2017, equation 5, without restarts"

    minimum: float = hyper(0.0, ge=0, le=1e3, help="The rate after the last step.")

    def unwarmed(self, base: float, clock: Clock) -> float:
        share = min(1.0, clock.step / clock.total_steps)
        return self.minimum + (base - self.minimum) * (1 + cos(pi * share)) / 2


class InverseTime(Schedule):
    """The rate falls as time passes, ever more slowly: `a₀/(1 + decay·t)`, t in epochs."""

    source: ClassVar = "CS231n, “Neural Networks Part 3”, Annealing the learning rate, 1/t decay"

    decay: float = hyper(gt=0, le=1e6, help="The rate is halved after 1/decay epochs.", start=0.5)

    def unwarmed(self, base: float, clock: Clock) -> float:
        return base / (1 + self.decay * clock.epochs)


class OneCycle(Schedule):
    """The rate rises from `a₀/div` to the optimiser's `a₀`, then falls to `a₀/(div·final_div)`, each as half a wave.

    PyTorch's OneCycleLR with `max_lr=a₀`, stepped once a batch; the momentum, which it moves the other way, stays as
    it is set: `cycle_momentum=False`.
    """

    source: ClassVar = "Smith and Topin, “Super-Convergence”, 2018, in PyTorch's form"

    rise: float = hyper(0.3, ge=0, le=1, help="The share of all steps in which the rate rises.")
    div: float = hyper(25.0, ge=1, le=1e9, help="The rate begins at so many parts of the highest.")
    final_div: float = hyper(1e4, ge=1, le=1e12, help="The rate ends at so many parts of what it began with.")

    def unwarmed(self, base: float, clock: Clock) -> float:
        last, top = clock.total_steps - 1, self.rise * clock.total_steps - 1
        low = base / self.div
        if clock.step <= top:
            return _wave(low, base, clock.step / top if top else 1.0)
        return _wave(base, low / self.final_div, min(1.0, (clock.step - top) / (last - top)) if last > top else 1.0)


class Plateau(Schedule):
    """The rate drops by a factor where the validation loss has not fallen for a while.

    It drops after `patience + 1` epochs in a row in none of which the loss came below the best by the share
    `min_delta`. PyTorch's ReduceLROnPlateau, stepped once an epoch; its `eps`, below which a rate does not drop any
    more, is 0 here.
    """

    source: ClassVar = "PyTorch, torch.optim.lr_scheduler.ReduceLROnPlateau, mode “min”, threshold mode “rel”"

    factor: float = hyper(0.1, gt=0, lt=1, help="What the rate is multiplied by.")
    patience: int = hyper(5, ge=0, le=100_000, help="Epochs without gain that are put up with.")
    min_delta: float = hyper(1e-4, ge=0, lt=1, help="The share by which a loss must fall to count as a gain.")

    def unwarmed(self, base: float, clock: Clock) -> float:
        return float(base * self.factor ** _n_drops(clock.history, self.patience, self.min_delta))


@lru_cache(maxsize=16)
def _n_drops(history: tuple[float, ...], patience: int, min_delta: float) -> int:
    """Count how often the rate dropped; asked in every step, it changes once an epoch."""
    best, n_bad, n_drops = inf, 0, 0
    for loss in history:
        if loss < best * (1 - min_delta):
            best, n_bad = loss, 0
        else:
            n_bad += 1
        if n_bad > patience:
            n_drops, n_bad = n_drops + 1, 0
    return n_drops


def _wave(start: float, end: float, share: float) -> float:
    """Go from start to end along half a cosine wave."""
    return end + (start - end) / 2 * (1 + cos(pi * share))


SCHEDULES: dict[str, type[Schedule]] = table_of(Step, MultiStep, Exponential, Cosine, InverseTime, OneCycle, Plateau)
"""Every schedule, by the name that documents use."""
