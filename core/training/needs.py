"""What training takes, told before any of it is taken."""

from __future__ import annotations

from dataclasses import dataclass

from core.analysis.report import Report
from core.engine.cost import replicas_for
from core.engine.plans.memory_plan import EVALUATION, STEP
from core.engine.plans.needs import bytes_for, trains
from core.engine.program import Program, compile_program
from core.engine.weights import bytes_of_weights
from core.graph.training import Training, UnreadableOptimizer
from core.graph.values import Document
from core.io.datasets import n_kept_back
from core.shapes import VALUE_BYTES
from core.training.batches import n_batches
from core.training.parts import is_divisible, part_size


@dataclass(frozen=True, slots=True)
class Needs:
    """What training takes.

    Attributes
    ----------
    memory_bytes : int
        Of the network with all its replicas and of the optimiser; the data comes on top.
    replicas : int
        How many processes share each batch.
    """

    memory_bytes: int
    replicas: int


def training_needs(document: Document, report: Report | None = None, n: int | None = None) -> Needs | None:
    """Return what training a document would take, on this machine and by default; None where it can't be trained.

    Parameters
    ----------
    document : Document
    report : Report, optional
        What `check` says about it, where that is known already.
    n : int, optional
        How many samples the data set has; without it, one whole batch is counted.

    Raises
    ------
    NetworkError
        If the document has errors.
    """
    program, training = compile_program(document, report), document.training
    if not trains(program):
        return None
    replicas = replicas_for(program, training.settings.batch_size)
    return Needs(training_bytes(program, training, n, replicas), replicas)


def training_bytes(
    program: Program, training: Training, n: int | None, n_replicas: int, batch_size: int | None = None
) -> int:
    """Return the memory that network and optimiser take in an epoch.

    The network keeps the memory of a pass for each number of samples that it computes at once: those of whole batches
    or their parts, of the last batch, and of validation.

    Parameters
    ----------
    n : int or None
        Samples of the data set, with those that are kept back; None where they are not known.
    batch_size : int, optional
        Instead of the one that is set.
    """
    settings = training.settings
    size, most = batch_size or settings.batch_size, part_size(program)
    n_tested = 0 if n is None else n_kept_back(n, settings.validation_split)
    learned = _batch_sizes(size if n is None else n - n_tested, size)
    if is_divisible(program):
        learned = {part for batch in learned for part in _part_sizes(batch, most)}
    weights = bytes_of_weights(program, "f4", n_replicas)
    passes = [
        bytes_for(program, at_once, n_replicas, purpose) - weights
        for purpose, sizes in ((STEP, learned), (EVALUATION, _batch_sizes(n_tested, min(size, most))))
        for at_once in sizes
    ]
    best = bytes_of_weights(program, "f4", 0)  # the copy of the best weights
    return weights + best + sum(passes) + _optimizer_bytes(program, training)


def _optimizer_bytes(program: Program, training: Training) -> int:
    """Count the moments of each parameter, and the array that steps are worked out in."""
    optimizer = training.optimizer
    n_moments = 0 if isinstance(optimizer, UnreadableOptimizer) else optimizer.n_moments
    learned = (w for node in program.nodes if node.learns for w in node.weights.values() if w.role == "parameter")
    return (n_moments + 1) * sum(weight.size for weight in learned) * VALUE_BYTES


def _batch_sizes(n: int, size: int) -> set[int]:
    """Return the different sizes of the batches that `batches` cuts.

    >>> _batch_sizes(10, 4), _batch_sizes(9, 4), _batch_sizes(3, 4), _batch_sizes(0, 4)
    ({2, 4}, {4, 5}, {3}, set())
    """
    n_whole = n_batches(n, size) - 1
    return {size, n - n_whole * size} if n_whole > 0 else {n} if n else set()


def _part_sizes(batch: int, most: int) -> set[int]:
    """Return the different sizes of the parts that `in_parts` cuts.

    >>> _part_sizes(5, 2), _part_sizes(5, 5)
    ({1, 2}, {5})
    """
    n_parts = -(-batch // most)
    return {batch // n_parts, -(-batch // n_parts)}
