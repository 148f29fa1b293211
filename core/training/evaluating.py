"""How right a trained network is about samples: loss, accuracy and how sure that is, and which classes it mixes up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite, sqrt
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.analysis.check import check
from core.engine.network import Network
from core.errors import DataError, WeightsError
from core.graph.training import TrainingSettings
from core.graph.values import Document
from core.io.datasets import Dataset, Indices, load_dataset, plain_dataset
from core.io.prepared import Beside, beside_of
from core.shapes import Shape
from core.text import counted, listing
from core.training.batches import batches
from core.training.parts import part_size
from core.training.preparation import Preparation, divided, fitted_to, load_for, read_preparation
from core.training.requirements import Question, require_trainable, training_input

Part: TypeAlias = Literal["validation", "test", "all"]
PARTS: Final[tuple[Part, ...]] = ("validation", "test", "all")
"""What the validation holds back, what the data set keeps for the test, or all but that."""

Weights: TypeAlias = Path | str | Mapping[str, ArrayLike] | Network
"""A file, arrays by name, or a network that was trained."""

_NORMAL_95 = 1.959963984540054  # within so many deviations of the mean lie 95 % of a normal distribution


@dataclass(frozen=True, slots=True)
class ClassFigures:
    """How right a network is about one class; a share of nothing counts as 0.

    Attributes
    ----------
    name : str
    precision : float
        Of the samples that it takes for this class, the share that is of it.
    recall : float
        Of the samples of this class, the share that it takes for it.
    f1 : float
        `2·precision·recall/(precision + recall)`.
    n : int
        How many samples are of this class.
    """

    name: str
    precision: float
    recall: float
    f1: float
    n: int

    def as_json(self) -> dict[str, Any]:
        """Return what `evaluate --json` prints."""
        return {
            "name": self.name,
            "precision": self.precision,
            "recall": self.recall,
            "f1": self.f1,
            "n": self.n,
        }


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """What came of it.

    Attributes
    ----------
    n : int
        How many samples were looked at.
    loss : float
        Their mean loss, as training measures it; NaN or infinite where the network computes no numbers.
    accuracy : float
        The share of them whose highest score is at their label.
    interval : (low, high), floats
        Where the accuracy on all samples of this sort lies, with 95 % confidence.
    confusion : array of int, (C, C)
        How many samples of the class of the row were taken for the class of the column.
    classes : tuple of ClassFigures
    """

    n: int
    loss: float
    accuracy: float
    interval: tuple[float, float]
    confusion: NDArray[np.int64]
    classes: tuple[ClassFigures, ...]

    def as_json(self) -> dict[str, Any]:
        """Return what `evaluate --json` prints."""
        return {
            "n": self.n,
            "loss": self.loss if isfinite(self.loss) else None,
            "accuracy": self.accuracy,
            "interval": list(self.interval),
            "confusion": self.confusion.tolist(),
            "classes": [figures.as_json() for figures in self.classes],
        }


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A trained network, and the samples that it is measured on.

    Attributes
    ----------
    network : Network
        With its weights.
    preparation : Preparation
        As for the training of the weights.
    dataset : Dataset
        Fitted to the Input.
    samples : array of int, (N,)
        Places in it.
    """

    network: Network
    preparation: Preparation
    dataset: Dataset
    samples: Indices


def evaluate(
    document: Document,
    weights: Weights,
    data: Dataset | tuple[ArrayLike, ArrayLike] | str | None = None,
    *,
    part: Part | None = None,
    base: Path | None = None,
) -> Evaluation:
    """Measure how right a trained network is. Samples are prepared as they were for the training of its weights.

    Parameters
    ----------
    weights : Path or str or mapping of str to array or Network
        A file that training saved, its arrays by name, or the network of a training: `run.network`.
    data : Dataset or (images, labels) or str, optional
        By default the data set that the document names. Plain arrays are as for `train`.
    part : {"validation", "test", "all"}, optional
        Which samples; by default all of data that is given, and otherwise those that training keeps back.
    base : Path, optional
        Where the path of a data set starts: the document's folder.

    Raises
    ------
    NetworkError
        If the document has errors, or its network doesn't tell classes apart.
    DataError
        If the data can't be read, doesn't fit the Input, or has no such part.
    WeightsError
        If the weights don't suit the network.

    Examples
    --------
    >>> from core.io.templates import load_template
    >>> from core.training.trainer import train
    >>> document = load_template("mlp")
    >>> run = train(document)
    >>> *_, finished = run
    >>> evaluation = evaluate(document, run.network)
    >>> evaluation.n, evaluation.accuracy > 0.9, evaluation.confusion.shape
    (359, True, (10, 10))
    """
    return evaluated(trial_of(document, weights, data, part=part, base=base))


def trial_of(
    document: Document,
    weights: Weights,
    data: Dataset | tuple[ArrayLike, ArrayLike] | str | None = None,
    *,
    part: Part | None = None,
    base: Path | None = None,
) -> Trial:
    """Load all that `evaluate` needs, and refuse what it refuses; the parameters are the same."""
    if part is None:
        part = "validation" if data is None else "all"
    report = check(document)
    settings = document.training.settings
    shape = training_input(require_trainable(Question(report), to_learn=False)).shape
    stored = load_for(settings, shape, base) if data is None else _stored(data, settings, shape, base)
    if part == "test":
        if stored.test is None:
            raise DataError(f"{stored.name} has no test part of its own: evaluate its validation part, or all of it.")
        stored = stored.test
    require_trainable(Question(report, stored.facts), to_learn=False)
    network = Network(document, report=report)
    beside = _take(network, weights)
    dataset = fitted_to(stored, settings, shape)
    samples = np.arange(len(dataset))
    if part == "validation":
        _, samples = divided(stored, settings)
        if not len(samples):
            raise DataError(f"Nothing of {stored.name} is kept back for validation: evaluate all of it.")
    return Trial(network, Preparation(beside.steps), dataset, samples)


def evaluated(trial: Trial) -> Evaluation:
    """Measure loss and accuracy, and count what is taken for what."""
    network, dataset, samples = trial.network, trial.dataset, trial.samples
    output, loss, predicted = network.output_ids[0], 0.0, []
    at_once = min(network.document.training.settings.batch_size, part_size(network.program))
    with np.errstate(all="ignore"):
        for batch in batches(samples, at_once):
            x, labels = trial.preparation.of(dataset, batch), dataset.labels[batch]
            loss += network.evaluate(x, labels)[0]
            predicted.append(network.activations(x, [output])[output].reshape(len(x), -1).argmax(axis=1))
    return measured(loss / len(samples), dataset.labels[samples], np.concatenate(predicted), dataset.classes)


def measured(
    loss: float, labels: NDArray[np.int64], predicted: NDArray[np.int64], names: tuple[str, ...]
) -> Evaluation:
    """Count what was taken for what.

    Parameters
    ----------
    labels, predicted : array of int, (N,)
    names
        Of the classes; others are called by their number.

    Examples
    --------
    >>> evaluation = measured(0.5, np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), ("cat", "dog"))
    >>> evaluation.accuracy, evaluation.confusion.tolist()
    (0.75, [[1, 1], [0, 2]])
    >>> evaluation.classes[1]
    ClassFigures(name='dog', precision=0.6666666666666666, recall=1.0, f1=0.8, n=2)
    """
    n_classes = max(len(names), int(predicted.max()) + 1)
    names = (*names, *map(str, range(len(names), n_classes)))
    confusion = np.bincount(labels * n_classes + predicted, minlength=n_classes**2).reshape(n_classes, n_classes)
    right, own, taken = confusion.diagonal(), confusion.sum(axis=1), confusion.sum(axis=0)
    figures = []
    for i, name in enumerate(names):
        precision, recall = _share(right[i], taken[i]), _share(right[i], own[i])
        f1 = _share(2 * right[i], own[i] + taken[i])
        figures.append(ClassFigures(name, precision, recall, f1, int(own[i])))
    n, n_right = len(labels), int(right.sum())
    return Evaluation(n, loss, n_right / n, wilson_interval(n_right, n), confusion, tuple(figures))


def wilson_interval(n_right: int, n: int) -> tuple[float, float]:
    """Return between which shares the true one lies, with 95 % confidence, where `n_right` of `n` were counted.

    `(p + z²/2n ± z·√(p(1 − p)/n + z²/4n²))/(1 + z²/n)`, with p = n_right/n and z = 1.96: unlike p ± z·√(p(1 − p)/n) it
    holds for few samples, and never leaves 0 … 1.

    Source: Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", JASA 1927.

    >>> low, high = wilson_interval(8, 10)
    >>> round(low, 4), round(high, 4)
    (0.4902, 0.9433)
    """
    share, z = n_right / n, _NORMAL_95
    middle = share + z**2 / (2 * n)
    reach = z * sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    whole = 1 + z**2 / n
    return max((middle - reach) / whole, 0.0), min((middle + reach) / whole, 1.0)


def _share(n: int, of: int) -> float:
    return float(n / of) if of else 0.0


def _stored(
    data: Dataset | tuple[ArrayLike, ArrayLike] | str, settings: TrainingSettings, shape: Shape, base: Path | None
) -> Dataset:
    if isinstance(data, Dataset):
        return data
    if isinstance(data, str):
        return load_dataset(data, base, shape, settings.resize)
    if not isinstance(data, tuple) or len(data) != 2:
        raise DataError("The data are neither a Dataset nor a pair of arrays: give (images, labels).")
    return plain_dataset(*data)


def _take(network: Network, weights: Weights) -> Beside:
    """Give a network its weights; return how samples are prepared for them."""
    if isinstance(weights, Path | str):
        network.load_weights(weights)
        return read_preparation(Path(weights), network.program, network.document)
    if isinstance(weights, Network):
        network.weights.update(weights.weights)
        return weights.beside
    settings = network.document.training.settings
    own = {name: weights[name] for name in network.weights if name in weights}
    if missing := [name for name in network.weights if name not in own]:
        rest = [counted(len(missing) - 3, "other")] if len(missing) > 3 else []
        raise WeightsError(f"These weights do not suit the network: {listing([*missing[:3], *rest])} is missing.")
    network.weights.update(own)
    return beside_of(weights, training_input(network.program).shape, settings.preprocessing)
