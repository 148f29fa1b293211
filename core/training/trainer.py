"""Training: a generator that takes one step each time it is asked for the next message."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from time import perf_counter

import numpy as np

from core.analysis.check import check
from core.analysis.report import Report
from core.engine.network import Network
from core.errors import NetworkError
from core.graph.training import UnreadableOptimizer
from core.graph.values import Document
from core.io.datasets import Dataset, Indices, counted_from, fit_to, load_dataset, split
from core.text import counted
from core.training.batches import batch_ends, batches, shuffled
from core.training.divergence import Watch
from core.training.messages import Batch, Epoch, Finished, Message, Started, Validating
from core.training.penalty import L2Penalty
from core.training.requirements import Question, require_trainable, training_input


def train(document: Document, data: Dataset | None = None, *, base: Path | None = None) -> Iterator[Message]:
    """Train the network of a document; each message is computed when it is asked for.

    Parameters and failures are those of `Trainer`, which also keeps the trained network.

    Returns
    -------
    iterator of Message
        Started, then for every epoch its Batch messages, its Validating messages and an Epoch, then Finished; or
        Diverged, anywhere after Started, as the last.

    Examples
    --------
    >>> from core.graph.edits import set_training
    >>> from core.io.templates import load_template
    >>> document = set_training(load_template("mlp"), {"epochs": 2, "optimizer": {"kind": "SGD", "learning_rate": 0.1}})
    >>> for message in train(document):
    ...     match message:
    ...         case Started():
    ...             print(message.n_training, "samples,", message.parameters, "parameters")
    ...         case Epoch():
    ...             print("epoch", message.epoch, "right:", message.val_accuracy > 0.8)
    1438 samples, 7510 parameters
    epoch 1 right: True
    epoch 2 right: True

    Not to ask for the next message is to pause; one step of training is one `next`.

    >>> messages = train(document)
    >>> started, first, second = next(messages), next(messages), next(messages)
    >>> second.step, second.n
    (2, 32)
    """
    return Trainer(document, data, base=base).messages()


class Trainer:
    """A network together with the data it learns from.

    Parameters
    ----------
    document : Document
        It is read once; its training settings say everything about the run.
    data : Dataset, optional
        By default the one that the document names. It is fitted to the shape of the network's Input.
    base : Path, optional
        Where the path of a data set starts: the document's folder.
    replicas : int, optional
        Into how many parts batches are divided, each computed by a process of its own; by default as many as help.
    report : Report, optional
        What `check` says about this very document, where that is known already.

    Attributes
    ----------
    network : Network
        The run changes its weights in place; between two messages they may be read, or saved.
    dataset : Dataset
        As it reaches the network.
    memory_bytes : int
        What the network takes while it trains, the data not counted.
    train_indices, validation_indices : array of int, (n,)
        Which of its samples are learned from, and which are kept back for validation.

    Raises
    ------
    NetworkError
        If the document has errors, or its network can't learn from labelled samples, or not with the memory there is.
    DataError
        If the data can't be read, doesn't fit the Input, or holds NaN.

    Examples
    --------
    >>> from core.graph.edits import set_training
    >>> from core.io.templates import load_template
    >>> trainer = Trainer(set_training(load_template("mlp"), {"epochs": 1}))
    >>> trainer.dataset.shape, len(trainer.train_indices), len(trainer.validation_indices)
    ((8, 8, 1), 1438, 359)
    >>> *_, finished = trainer.messages()
    >>> finished.step  # 1438 samples in batches of 32
    45
    >>> trainer.network.weights["fc1/kernel"].shape  # trained; `trainer.network.save_weights(path)` keeps them
    (64, 100)
    """

    def __init__(
        self,
        document: Document,
        data: Dataset | None = None,
        *,
        base: Path | None = None,
        replicas: int | None = None,
        report: Report | None = None,
    ) -> None:
        self.document = document
        self.settings = document.training.settings
        if report is None or report.document is not document:
            report = check(document)
        require_trainable(Question(report, replicas=replicas))  # before the memory of weights and data is taken
        stored = load_dataset(self.settings.dataset, base) if data is None else data
        program = require_trainable(Question(report, stored.facts, replicas))
        self.network = Network(document, n_replicas=replicas, report=report)
        optimizer = document.training.optimizer
        if isinstance(optimizer, UnreadableOptimizer):
            raise NetworkError(f"There is no usable optimizer: {optimizer.kind} cannot be read as it is set.")
        self.optimizer = optimizer
        self.dataset = fit_to(counted_from(stored, self.settings.first_label), training_input(program).shape)
        self.train_indices, self.validation_indices = split(
            len(stored), self.settings.validation_split, self.settings.seed
        )
        self.memory_bytes = self.network.bytes_for(min(self.settings.batch_size, len(self.train_indices)))

    def messages(self) -> Iterator[Message]:
        """Train from the weights as they are now, one step for each message that is asked for.

        Nothing runs between two messages: not to ask for the next one is to pause, to close the generator is to stop,
        and a run that was paused gives the same bits as one that was not. The losses that it reports are those of the
        data, without the l2 penalty.
        """
        with self.network.replicas_at_work(self.settings.batch_size + 1):  # the last batch may be one larger
            yield from self._course(_Run(self))

    def _course(self, run: _Run) -> Iterator[Message]:
        """Go through the run to its end, which is Finished or Diverged."""
        yield self._started()
        n_validation = len(self.validation_indices)
        for epoch in range(1, self.settings.epochs + 1):
            began = run.seconds
            learned, tested = _Tally(), _Tally()
            order = shuffled(self.train_indices, self.settings.seed, epoch)
            for number, samples in enumerate(batches(order, self.settings.batch_size), 1):
                loss, n_right = run.take_step(samples)
                if diverged := run.watch.batch(run.step, loss):
                    yield diverged
                    return
                n = len(samples)
                learned.add(loss * n, n_right, n)
                yield Batch(run.step, epoch, number, loss, n_right / n, n)
            if diverged := run.watch.parameters(run.step):
                yield diverged
                return
            for samples in batches(self.validation_indices, self.settings.batch_size):
                loss, n_right = run.test(samples)
                if diverged := run.watch.validation(run.step, loss):
                    yield diverged
                    return
                tested.add(loss, n_right, len(samples))
                yield Validating(epoch, tested.n, n_validation)
            seconds = run.seconds - began
            yield Epoch(
                epoch=epoch,
                step=run.step,
                train_loss=learned.loss / learned.n,
                train_accuracy=learned.n_right / learned.n,
                val_loss=tested.loss / tested.n if tested.n else None,
                val_accuracy=tested.n_right / tested.n if tested.n else None,
                seconds=seconds,
                images_per_second=learned.n / seconds,
            )
        yield Finished(self.settings.epochs, run.step, run.seconds)

    def _started(self) -> Started:
        n, size = len(self.train_indices), self.settings.batch_size
        notes = [f"{self.dataset.name}: {note}" for note in self.dataset.notes]
        if n < size:
            notes.append(f"the {counted(n, 'training sample')} make one batch, smaller than the {size:,} that are set")
        if self.settings.validation_split and not len(self.validation_indices):
            notes.append("a single sample leaves none to validate with")
        return Started(
            epochs=self.settings.epochs,
            batches_per_epoch=len(batch_ends(n, size)),
            n_training=n,
            n_validation=len(self.validation_indices),
            parameters=self.network.parameters.size,
            notes=tuple(notes),
            replicas=self.network.n_replicas,
            memory_bytes=self.memory_bytes,
        )


class _Run:
    """What changes from step to step."""

    def __init__(self, trainer: Trainer) -> None:
        self.network, self.dataset, self.optimizer = trainer.network, trainer.dataset, trainer.optimizer
        parameters = self.network.parameters
        self.moments = tuple(np.zeros_like(parameters) for _ in range(self.optimizer.n_moments))
        self.scratch = np.empty_like(parameters)
        self.penalty = L2Penalty(self.network, trainer.settings.l2)
        self.watch = Watch(self.network, self.optimizer)
        self.step = 0
        self.seconds = 0.0

    def take_step(self, samples: Indices) -> tuple[float, int]:
        """Return the mean loss of a batch and how many of its samples are right, and move the parameters.

        After a loss that is not finite the parameters stay as they are.
        """
        start = perf_counter()
        parameters, gradients = self.network.parameters, self.network.gradients
        self.step += 1
        with np.errstate(all="ignore"):
            x, labels = self.dataset.pixels(samples), self.dataset.labels[samples]
            loss, n_right = self.network.loss_and_gradient(x, labels)
            if isfinite(loss):
                self.penalty.add_gradient(parameters, gradients, self.scratch)
                self.optimizer.update(parameters, gradients, self.moments, self.step, self.scratch)
        self.seconds += perf_counter() - start
        return loss, n_right

    def test(self, samples: Indices) -> tuple[float, int]:
        """Return the summed loss of samples, and how many of them are right."""
        with np.errstate(all="ignore"):
            return self.network.evaluate(self.dataset.pixels(samples), self.dataset.labels[samples])


@dataclass(slots=True)
class _Tally:
    """Sums over samples."""

    loss: float = 0.0
    n_right: int = 0
    n: int = 0

    def add(self, loss: float, n_right: int, n: int) -> None:
        self.loss += loss
        self.n_right += n_right
        self.n += n
