"""Cures of a finding, each tried on a copy before it is offered."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from math import ceil, sqrt
from pathlib import Path
from time import monotonic

import numpy as np

from core.errors import ConvographError
from core.graph.fixing import apply_fix
from core.graph.values import Document
from core.io.datasets import Dataset
from core.problems import Fix
from core.text import counted
from core.training.batches import batches, n_batches
from core.training.curing_messages import CureMessage, Curing, Tried
from core.training.findings.balance import RareClass
from core.training.findings.facts import spread
from core.training.findings.figures import OverFitting
from core.training.messages import Batch, Diverged, Epoch, Finding, Trying
from core.training.parts import part_size
from core.training.trainer import Trainer

MOST_LEARNED = 20_000
"""Samples that a trial learns from."""
MOST_JUDGED = 512
"""Samples that it is judged by."""
SECONDS = 20.0
"""That a trial takes at most; all trials of a finding are compared after as many samples."""
LONGER = {RareClass.code: 2, OverFitting.code: 5}
"""What slows learning down shows what it is good for only after so many times as long as it took to see the trouble."""
BETTER = 0.95
"""Of the loss without a cure against learning by heart: with one that helps it is less."""
SURE = 2
"""Standard deviations that a figure has to be better by."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a trial came to.

    Attributes
    ----------
    figure, loss, guess : float
        How right the network is, its loss, and how right one that names the commonest class.
    n_judged, n_learned : int
        By how many samples that was judged, and from how many it learned.
    advice : frozenset of str
        The codes of what was found on the way.
    """

    figure: float
    loss: float
    n_judged: int
    guess: float
    n_learned: int
    advice: frozenset[str]
    has_diverged: bool


def try_cures(
    document: Document,
    finding: Finding,
    data: Dataset | None = None,
    *,
    base: Path | None = None,
    seconds: float = SECONDS,
) -> Generator[CureMessage, None, None]:
    """Train copies of a document for as long as it took to make a finding, as it is and with each of its cures.

    Can be closed after any message. A cure helps if its figure is better than without it, beyond chance, or if
    nothing is found any more and the figure is no worse.

    Parameters
    ----------
    document : Document
        As it was when the finding was made.
    data, base
        As for `Trainer`.
    seconds : float
        That each trial takes at most.

    Raises
    ------
    ConvographError
        If the document as it is can't be trained.

    Examples
    --------
    >>> from core.graph.edits import set_optimizer
    >>> from core.io.templates import load_template
    >>> document = set_optimizer(load_template("mlp"), "SGD", {"learning_rate": 1e-5})
    >>> finding = next(m for m in Trainer(document).messages() if isinstance(m, Finding))
    >>> finding.code
    'learning_rate_too_low'
    >>> first = next(m for m in try_cures(document, finding) if isinstance(m, Tried))
    >>> first.cure.label, first.helps, first.after > first.before
    ('Multiply the learning rate by 1,000', True, True)
    """
    limit = MOST_LEARNED
    before: _Outcome | None = None
    for cure in (None, *finding.cures):
        try:
            copy = document if cure is None else apply_fix(document, cure)
            trainer = Trainer(copy, data, base=base, replicas=1)
        except ConvographError as error:
            if cure is None:
                raise
            yield Tried(cure, False, str(error))
            continue
        n_training = len(trainer.train_indices)
        if cure is None:
            n_epochs = max(1, ceil(finding.step / n_batches(n_training, trainer.settings.batch_size)))
            limit = min(limit, LONGER.get(finding.code, 1) * n_epochs * n_training)
        outcome = yield from _try(trainer, cure, finding.code, limit, seconds)
        if before is None:
            before, limit = outcome, outcome.n_learned
        elif cure is not None:
            yield _judged(cure, before, outcome, trainer, finding.code)


def _try(
    trainer: Trainer, cure: Fix | None, code: str, limit: int, seconds: float
) -> Generator[Curing, None, _Outcome]:
    """Train until so many samples are learned from, and the epoch's findings are made where it ends there."""
    n_learned, n_training, has_diverged = 0, len(trainer.train_indices), False
    advice: set[str] = set()
    deadline = monotonic() + seconds
    with closing(trainer.messages()) as messages:
        for message in messages:
            match message:
                case Batch():
                    n_learned += message.n
                case Finding(code=found, severity=severity):
                    advice |= {found} if severity == "advice" else set()
                case Trying() | Diverged():
                    has_diverged = True
                    break
            is_between = n_learned % n_training == 0 and not isinstance(message, Epoch)  # its findings are to come
            if monotonic() > deadline or (n_learned >= limit and not is_between):
                break
            yield Curing(cure, min(1.0, n_learned / limit))
    figure, loss, n_judged, guess = _figures(trainer, code)
    return _Outcome(figure, loss, n_judged, guess, n_learned, frozenset(advice), has_diverged)


def _figures(trainer: Trainer, code: str) -> tuple[float, float, int, float]:
    """Return how right a network is, its loss, by how many samples that was judged, and how right guessing would be."""
    held_back = trainer.validation_indices
    places = spread(held_back if len(held_back) else trainer.train_indices, trainer.dataset.labels, MOST_JUDGED)
    network, output = trainer.network, trainer.network.output_ids[0]
    at_once = min(trainer.settings.batch_size, part_size(network.program))
    right = np.zeros(len(places), bool)
    loss, done = 0.0, 0
    with np.errstate(all="ignore"):
        for batch in batches(places, at_once):
            x, labels = trainer.preparation.of(trainer.dataset, batch), trainer.dataset.labels[batch]
            loss += network.evaluate(x, labels)[0] / len(places)
            predicted = network.activations(x, [output])[output].reshape(len(batch), -1).argmax(axis=1)
            right[done : done + len(batch)] = predicted == labels
            done += len(batch)
    classes, counts = np.unique(trainer.dataset.labels[places], return_counts=True)
    if code != RareClass.code:
        return float(right.mean()), loss, len(places), float(counts.max() / len(places))
    own = [right[trainer.dataset.labels[places] == label].mean() for label in classes]
    return float(np.mean(own)), loss, len(places), 1 / len(classes)


def _judged(cure: Fix, before: _Outcome, after: _Outcome, trainer: Trainer, code: str) -> Tried:
    part = "Validation" if len(trainer.validation_indices) else "Training"
    figure = "Mean recall of the classes" if code == RareClass.code else f"{part} accuracy"
    if after.has_diverged:
        return Tried(cure, False, "With it the training diverges.", before.figure, 0.0)
    n_epochs, rest = divmod(after.n_learned, len(trainer.train_indices))
    when = counted(after.n_learned, "sample") if rest or not n_epochs else counted(n_epochs, "epoch")
    what = f"{figure} {after.figure:.2f} after {when} instead of {before.figure:.2f}"
    chance = SURE * sqrt(0.25 / after.n_judged)
    gain = after.figure - before.figure
    is_learning = after.figure > after.guess + chance
    is_cured = bool(before.advice) and not after.advice and gain > -chance and is_learning
    is_better = gain > chance
    if code == OverFitting.code:  # sure answers that are wrong cost more than they show in accuracy
        what += f", loss {after.loss:.3g} instead of {before.loss:.3g}"
        is_better = after.loss < BETTER * before.loss and gain > -chance and is_learning
    what += ", and nothing is found any more." if is_cured else "."
    return Tried(cure, is_better or is_cured, what, before.figure, after.figure)
