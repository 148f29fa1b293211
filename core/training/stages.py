"""Preprocessing seen stage by stage: the steps that are set, and those that could be, each fitted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from core.io.datasets import Dataset, Indices, fit_to
from core.io.datasets.resize import Resize
from core.preprocessing.directions import PCA, Whiten, n_keeping
from core.preprocessing.step import Array, Batch, Fitted, Preprocessing, fit_steps, treated
from core.preprocessing.table import PREPROCESSING
from core.shapes import Shape, count

USUAL_SHARE = 0.95
"""The share of the variance that PCA keeps when it is switched on."""
BLOCK = 1 << 19
"""Values that are fitted at once: a stage can be given up after each block."""


MOST_KEPT = 64
"""Lists of steps whose outcome is remembered."""


class GivenUpError(Exception):
    """Nobody wants to know any more."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A step, set or not.

    Attributes
    ----------
    step : Preprocessing
    place : int or None
        In the list that is set; None where it is off.
    before : tuple of Preprocessing
        The steps that are set and come before it.
    """

    step: Preprocessing
    place: int | None
    before: tuple[Preprocessing, ...]

    @property
    def is_on(self) -> bool:
        """Whether it is set."""
        return self.place is not None


@dataclass(frozen=True, slots=True, eq=False)
class FittedStage:
    """A stage with what it learned.

    Attributes
    ----------
    stage : Stage
    fitted : Fitted or None
        None where it can't be applied to such samples.
    before : tuple of Fitted
        The fitted steps before it.
    refusal : str
        Why it can't be applied.
    """

    stage: Stage
    fitted: Fitted | None
    before: tuple[Fitted, ...] = ()
    refusal: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """In which directions samples vary, and how much.

    Attributes
    ----------
    mean : array, the shape of a sample
    variances : array, (D,)
        Largest first.
    directions : array, (D, D)
        In rows, in the same order.
    """

    mean: Array
    variances: Array
    directions: Array


def stages(steps: Sequence[Preprocessing]) -> tuple[Stage, ...]:
    """Return the steps that are set, in order, and among them those of all other kinds, where they usually stand.

    >>> from core.preprocessing.centring import MeanImage
    >>> [(stage.step.kind_name(), stage.place) for stage in stages([MeanImage()])][3:6]
    [('MeanImage', 0), ('ChannelMean', None), ('Standardize', None)]
    """
    kinds = {type(step) for step in steps}
    rows: list[tuple[Preprocessing, int | None]] = [(step, place) for place, step in enumerate(steps)]
    for kind in sorted(PREPROCESSING.values(), key=lambda kind: kind.usual_place):
        if kind not in kinds:
            rows.insert(_usual_row(kind, [step for step, _ in rows]), (kind.read(kind.start_config()), None))
    found: list[Stage] = []
    for step, place in rows:
        found.append(Stage(step, place, tuple(stage.step for stage in found if stage.is_on)))
    return tuple(found)


def _usual_row(kind: type[Preprocessing], steps: Sequence[Preprocessing]) -> int:
    later = (row for row, step in enumerate(steps) if step.usual_place > kind.usual_place)
    return next(later, len(steps))


def switched(steps: Sequence[Preprocessing], stage: Stage) -> tuple[Preprocessing, ...]:
    """Return the steps with a stage switched on, or off if it is on."""
    if stage.place is not None:
        return (*steps[: stage.place], *steps[stage.place + 1 :])
    place = len(stage.before)
    return (*steps[:place], stage.step, *steps[place:])


class Stages:
    """Fits stages to the training samples of a data set, and remembers what it fitted, whichever thread asks.

    Parameters
    ----------
    dataset : Dataset
        As it is stored.
    samples : array of int
        Places of the training samples.
    shape : Shape
        Of the network's Input.
    resize : {"stretch", "fit", "crop"}
        How samples get its sides.
    """

    def __init__(self, dataset: Dataset, samples: Indices, shape: Shape, resize: Resize = "stretch") -> None:
        self.dataset, self.samples, self.shape, self.resize = dataset, samples, shape, resize
        self._fitted: dict[tuple[Preprocessing, ...], tuple[Fitted, ...]] = {(): ()}
        self._spectra: dict[tuple[Preprocessing, ...], Spectrum] = {}

    def is_of(self, dataset: Dataset, samples: Indices, shape: Shape, resize: Resize) -> bool:
        """Tell whether it is about these very samples."""
        same = self.dataset is dataset and self.samples is samples
        return same and (self.shape, self.resize) == (shape, resize)

    def fit(self, steps: Sequence[Preprocessing], may_go_on: Callable[[], bool]) -> Iterator[FittedStage]:
        """Yield the stages of some steps in order; those after one that can't be applied are left out.

        Raises
        ------
        GivenUpError
            If it may not go on, at the latest after a block of samples.
        """
        for stage in stages(steps):
            refusal = _refusal(stage, self.shape)
            yield FittedStage(stage, None, refusal=refusal) if refusal else self._staged(stage, may_go_on)
            if refusal and stage.is_on:
                return

    def _staged(self, stage: Stage, may_go_on: Callable[[], bool]) -> FittedStage:
        from core.engine.threads import ONE_THREAD  # looks for libraries: not before somebody looks at stages

        with ONE_THREAD:
            before = self._steps(stage.before, may_go_on)
            if isinstance(stage.step, PCA) and not stage.is_on:
                n = n_keeping(self.spectrum(stage.before, may_go_on).variances, USUAL_SHARE)
                stage = replace(stage, step=PCA(components=n))
            *_, fitted = self._steps((*stage.before, stage.step), may_go_on)
            return FittedStage(stage, fitted, before)

    def sample(self, index: int) -> Batch:
        """Return a sample in the shape of the Input, before preprocessing, (1, …)."""
        return sample_of(self.dataset, index, self.shape, self.resize)

    def spectrum(self, before: tuple[Preprocessing, ...], may_go_on: Callable[[], bool]) -> Spectrum:
        """Return the directions of samples that went through some steps."""
        spectrum = self._spectra.pop(before, None)
        if spectrum is None:
            arrays = self._fit(PCA(components=count(self.shape)), before, may_go_on).arrays
            spectrum = Spectrum(arrays["mean"], arrays["variances"], arrays["components"])
        *_, latest = (None, *self._spectra.items())  # they are large: that of PCA and that of whitening are kept
        self._spectra = dict(filter(None, [latest])) | {before: spectrum}
        return spectrum

    def _steps(self, steps: tuple[Preprocessing, ...], may_go_on: Callable[[], bool]) -> tuple[Fitted, ...]:
        known = self._fitted.get(steps)
        if known is not None:
            return known
        *before, step = steps
        earlier = self._steps(tuple(before), may_go_on)
        if isinstance(step, PCA | Whiten):
            spectrum = self.spectrum(tuple(before), may_go_on)
            arrays = step.keeping(spectrum.mean, spectrum.variances, spectrum.directions.T)
            fitted = (*earlier, Fitted(step, self.shape, arrays))
        else:
            fitted = (*earlier, self._fit(step, tuple(before), may_go_on))
        if len(self._fitted) > MOST_KEPT:
            self._fitted = {(): ()}
        self._fitted[steps] = fitted
        return fitted

    def _fit(self, step: Preprocessing, before: tuple[Preprocessing, ...], may_go_on: Callable[[], bool]) -> Fitted:
        blocks = _Blocks(self, self._steps(before, may_go_on), may_go_on)
        (fitted,) = fit_steps([step], blocks, self.shape)
        return fitted


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Training samples as they leave some steps, block by block."""

    owner: Stages
    steps: tuple[Fitted, ...]
    may_go_on: Callable[[], bool]

    def __iter__(self) -> Iterator[Batch]:
        owner = self.owner
        at_once = max(1, BLOCK // max(count(owner.shape), count(owner.dataset.shape)))
        for start in range(0, len(owner.samples), at_once):
            if not self.may_go_on():
                raise GivenUpError
            yield treated(
                _fit(owner.dataset, owner.samples[start : start + at_once], owner.shape, owner.resize), self.steps
            )


def sample_of(dataset: Dataset, index: int, shape: Shape, resize: Resize = "stretch") -> Batch:
    """Return a stored sample in the shape of an Input, before augmentation and preprocessing, (1, …)."""
    return _fit(dataset, np.array([index]), shape, resize)


def _fit(dataset: Dataset, samples: Indices, shape: Shape, resize: Resize) -> Batch:
    """Return some samples in the shape of the Input, without fitting all others."""
    x = dataset.pixels(samples)
    few = Dataset(dataset.name, x, np.zeros(len(x), np.int64), dataset.classes, scale=1.0)
    return fit_to(few, shape, resize).pixels(slice(None))


def _refusal(stage: Stage, shape: Shape) -> str:
    """Say why a step can't be applied; one that is off begins with as many components as suit the samples."""
    step = PCA(components=1) if isinstance(stage.step, PCA) and not stage.is_on else stage.step
    return step.refusal(shape)
