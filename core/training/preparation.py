"""How samples are prepared on their way into a network: scaled, augmented where they are learned from, preprocessed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.analysis.report import Report
from core.augmentation.augmentation import Augmentation, augmented
from core.engine.program import Program, compile_program
from core.engine.threads import ONE_THREAD
from core.graph.training import TrainingSettings
from core.graph.values import Document
from core.io.datasets import Dataset, Indices, counted_from, fit_to, load_dataset, split
from core.io.prepared import Beside, read_beside
from core.io.weights import Array, read_weights
from core.preprocessing.step import Batch, Fitted, Preprocessing, fit_steps, treated
from core.problems import Fix, Problem, SetTraining
from core.shapes import Shape, count

BLOCK = 1 << 20
"""Values of samples that are treated at once."""


@dataclass(frozen=True, slots=True, eq=False)
class Preparation:
    """What is done to samples of a data set that is fitted to the Input.

    Attributes
    ----------
    steps : tuple of Fitted
        Preprocessing, for every sample alike.
    augmentation : tuple of Augmentation
        For samples that are learned from, before preprocessing: black is 0 there.
    seed : int
        Where the random numbers of augmentation start.
    """

    steps: tuple[Fitted, ...] = ()
    augmentation: tuple[Augmentation, ...] = ()
    seed: int = 0

    def of(self, dataset: Dataset, samples: Indices | slice) -> Batch:
        """Return samples as they are validated, tested and looked at, in memory that no one else holds."""
        return self._treated(dataset.pixels(samples))

    def one(self, sample: Batch) -> Batch:
        """Return one sample, (H, W, C) or (C,), as it reaches the network."""
        prepared: Batch = self._treated(sample[None].astype(np.float32))[0]
        return prepared

    def black(self, shape: Shape) -> Batch:
        """Return what a black sample of a shape is once it is prepared, as a sample."""
        return self.one(np.zeros(shape, np.float32))

    def learned(self, dataset: Dataset, samples: Indices, epoch: int) -> Batch:
        """Return samples as an epoch learns from them, in memory that no one else holds."""
        return self._treated(augmented(dataset.pixels(samples), self.augmentation, self.seed, epoch, samples))

    def _treated(self, x: Batch) -> Batch:
        if not self.steps:
            return x
        with ONE_THREAD:
            return treated(x, self.steps)


@dataclass(frozen=True, slots=True)
class _Blocks:
    """Samples of a data set in blocks; each is made when it is asked for."""

    dataset: Dataset
    samples: Indices

    def __iter__(self) -> Iterator[Batch]:
        at_once = max(1, BLOCK // count(self.dataset.shape))
        for start in range(0, len(self.samples), at_once):
            yield self.dataset.pixels(self.samples[start : start + at_once])


def fit_preparation(
    settings: TrainingSettings, dataset: Dataset, samples: Indices, known: tuple[Fitted, ...] = ()
) -> Preparation:
    """Learn from the training part what preprocessing needs.

    It goes through the samples in blocks, at least once for each step that learns anything. The same samples give the
    same bits.

    Parameters
    ----------
    dataset
        Fitted to the Input.
    samples
        Places of the training samples.
    known
        Steps that were fitted to the same samples before: they are taken if they are what the settings ask for.
    """
    if tuple(fitted.step for fitted in known) == settings.preprocessing and all(
        fitted.shape == dataset.shape for fitted in known
    ):
        steps = known
    else:
        with ONE_THREAD:
            steps = fit_steps(settings.preprocessing, _Blocks(dataset, np.asarray(samples)), dataset.shape)
    return Preparation(steps, settings.augmentation, settings.seed)


def load_for(settings: TrainingSettings, shape: Shape, base: Path | None = None) -> Dataset:
    """Load the data set that settings name; pictures of many sizes come in the shape of the Input.

    Raises
    ------
    DataError
        It can't be read.
    """
    return load_dataset(settings.dataset, base, shape, settings.resize)


def fitted_to(dataset: Dataset, settings: TrainingSettings, shape: Shape) -> Dataset:
    """Return stored samples in the shape of the Input, with labels that count from 0.

    Raises
    ------
    DataError
        They can't be brought to that shape, or labels are smaller than the first.
    """
    return fit_to(counted_from(dataset, settings.first_label), shape, settings.resize)


def divided(dataset: Dataset, settings: TrainingSettings) -> tuple[Indices, Indices]:
    """Return the places of the samples that are learned from, and of those that are kept back for validation."""
    return split(dataset.labels, settings.validation_split, settings.seed)


def read_preparation(path: Path, program: Program, document: Document) -> Beside:
    """Read how samples were prepared that the weights in a file were learned from, and what the classes are called.

    Networks that training can't feed, with several Inputs, have no preparation.

    Raises
    ------
    WeightsError
        If the file can't be read, or its preprocessing doesn't suit the network.
    """
    if len(program.read_inputs) != 1:
        return Beside()
    shape = program.nodes[program.read_inputs[0]].shape
    return read_beside(path, shape, document.training.settings.preprocessing)


def read_trained(path: Path, report: Report) -> tuple[dict[str, Array], Beside]:
    """Read the weights of a network that was checked, and how samples were prepared for them.

    Raises
    ------
    NetworkError
        If the document has errors.
    WeightsError
        If the file can't be read, or doesn't suit the network.
    """
    document = report.document
    weights = read_weights(path, report.weight_shapes)
    return weights, read_preparation(path, compile_program(document, report), document)


def preparing_problems(settings: TrainingSettings, shape: Shape) -> Iterator[Problem]:
    """Yield what can't be done to samples of a shape, each with the fix that leaves it out.

    Examples
    --------
    >>> from core.augmentation.moving import Flip
    >>> [problem.what for problem in preparing_problems(TrainingSettings(augmentation=(Flip(),)), (2,))]
    ["Flip changes images, but the network's Input takes 2 features."]
    """
    for field in ("preprocessing", "augmentation"):
        steps: tuple[Preprocessing | Augmentation, ...] = getattr(settings, field)
        for place, step in enumerate(steps):
            if what := step.refusal(shape):
                others = [other.written() for i, other in enumerate(steps) if i != place]
                fix = Fix(f"Take {step.label()} out", (SetTraining({field: others}),))
                path = f"$.training.{field}[{place}]"
                yield Problem("TRAIN-PREPARING", what=what, field=field, path=path, fixes=(fix,))
