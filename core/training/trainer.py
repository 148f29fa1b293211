"""Training: a generator that takes one step each time it is asked for the next message."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from itertools import chain, islice
from math import isfinite
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike

from core.analysis.check import check
from core.analysis.report import Report
from core.engine.network import Network
from core.errors import NetworkError
from core.graph.training import Training, UnreadableOptimizer
from core.graph.values import Document
from core.io.datasets import Dataset, Indices, counted_from, fit_to, load_dataset, plain_dataset, split
from core.learning.optimizers import Optimizer
from core.text import counted, listing
from core.training.adjusting import adjusted
from core.training.batches import batch_end, batches, n_batches, shuffled
from core.training.divergence import Watch
from core.training.findings.facts import Facts
from core.training.findings.findings import Findings
from core.training.messages import Adjusted, Batch, Computing, Diverged, Epoch, Finished, Message, Started, Validating
from core.training.parts import in_parts, is_divisible, part_size
from core.training.penalty import L2Penalty
from core.training.requirements import Question, require_trainable, training_input
from core.training.standing import Place, Standing, fitting_weights, layers_of
from core.training.trial import BATCHES, RateTrial, advice

ORDER = ("dataset", "seed", "validation_split")
"""The settings that decide which samples are learned from, and in which order."""


def train(
    document: Document,
    data: Dataset | tuple[ArrayLike, ArrayLike] | None = None,
    *,
    base: Path | None = None,
    weights: Mapping[str, ArrayLike] | None = None,
) -> TrainingRun:
    """Train the network of a document; each message is computed when it is asked for.

    Other parameters and failures are those of `Trainer`.

    Parameters
    ----------
    data : Dataset or (images, labels), optional
        Plain arrays are (N, H, W, C) or (N, features), bytes or floats from 0 to 1, and (N,) whole numbers from 0.

    Returns
    -------
    TrainingRun
        An iterator of messages that also has the network: Started, then for every epoch its Batch messages, its
        Validating messages and an Epoch, then Finished; or Diverged, anywhere after Started, as the last.

    Examples
    --------
    >>> from core.graph.edits import set_training
    >>> from core.io.templates import load_template
    >>> document = set_training(load_template("mlp"), {"epochs": 2, "optimizer": {"kind": "SGD", "learning_rate": 0.1}})
    >>> run = train(document)
    >>> for message in run:
    ...     match message:
    ...         case Started():
    ...             print(message.n_training, "samples,", message.parameters, "parameters")
    ...         case Epoch():
    ...             print("epoch", message.epoch, "right:", message.val_accuracy > 0.8)
    1438 samples, 7510 parameters
    epoch 1 right: True
    epoch 2 right: True

    What it learned is in the network; another training can begin with it.

    >>> run.weights["fc1/kernel"].shape  # `run.network.save_weights(path)` keeps them
    (64, 100)
    >>> more = train(document, weights=run.weights)

    Not to ask for the next message is to pause; one step of training is one `next`.

    >>> started, first, second = next(more), next(more), next(more)
    >>> second.step, second.n
    (2, 32)
    """
    if data is not None and not isinstance(data, Dataset):
        data = plain_dataset(*data)
    return TrainingRun(Trainer(document, data, base=base, weights=weights))


class TrainingRun(Iterator[Message]):
    """A training as the iterator of its messages.

    Attributes
    ----------
    network : Network
        What is trained. Between two messages its weights may be read, or saved.
    weights : NamedWeights
        The network's: every array by its name, with axes as in the files.
    """

    def __init__(self, trainer: Trainer) -> None:
        self.network = trainer.network
        self.weights = trainer.network.weights
        self._messages = trainer.messages()

    def __next__(self) -> Message:
        return next(self._messages)

    def close(self) -> None:
        """End it; what was learned until now stays in the network."""
        self._messages.close()


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

    weights : mapping of str to array, optional
        What the network begins with, by name; layers that it doesn't name begin with newly drawn weights.
    standing : Standing, optional
        Where an earlier training stood: this one goes on from there. Where the network was edited since, the layers
        that still fit keep what they learned, and all else begins anew.

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
    WeightsError
        If weights don't suit the network.

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
        weights: Mapping[str, ArrayLike] | None = None,
        standing: Standing | None = None,
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
        self.dataset = fit_to(counted_from(stored, self.settings.first_label), training_input(program).shape)
        self.train_indices, self.validation_indices = split(
            len(stored), self.settings.validation_split, self.settings.seed
        )
        self._report, self._facts = report, stored.facts
        self._course = _Course(self, optimizer)
        self.begun_with = {} if weights is None else weights
        if standing is not None:
            self._course.go_on_from(standing)
        elif weights is not None:
            self.network.weights.update(weights)

    @property
    def memory_bytes(self) -> int:
        """What the network takes while it trains, the data not counted."""
        return self.network.bytes_for(min(self.settings.batch_size, len(self.train_indices)))

    def messages(self) -> Generator[Message, None, None]:
        """Train from where it stands, one step for each message that is asked for.

        Nothing runs between two messages: not to ask for the next one is to pause, to close the generator is to stop,
        and a run that was paused gives the same bits as one that was not. The losses that it reports are those of the
        data, without the l2 penalty.

        Called again after a stop, it does what is left of the epochs that are set; after the last one, as many again.
        Two halves give the same bits as the whole.
        """
        self._course.set_out()
        with self.network.replicas_at_work(self.settings.batch_size + 1):  # the last batch may be one larger
            yield from self._course.findings.among(chain([self._started()], self._course.messages()))

    def standing(self) -> Standing:
        """Copy where the training stands, between two messages."""
        return self._course.standing()

    def adjust(self, training: Training) -> Adjusted | None:
        """Take over changed settings, between two messages; return what that changes, or None.

        Those that can't change while it goes on are left to the next training.

        Raises
        ------
        NetworkError
            If the network can't be trained with them, such as with a batch size that needs more memory than there is;
            everything stays as it was.
        """
        new, adjustments = adjusted(self.document.training, training)
        if not adjustments or isinstance(new.optimizer, UnreadableOptimizer):
            return None
        document = replace(self.document, training=new)
        report = check(document, self._report)
        require_trainable(Question(report, self._facts, self.network.n_replicas))
        self.document, self.settings, self._report = document, new.settings, report
        self._course.take_over(new.optimizer)
        return Adjusted(self._course.place.step, new, adjustments, self._course.last_epoch, self._batches_per_epoch)

    @property
    def _batches_per_epoch(self) -> int:
        return n_batches(len(self.train_indices), self.settings.batch_size)

    def _started(self) -> Started:
        n, size, place = len(self.train_indices), self.settings.batch_size, self._course.place
        notes = [f"{self.dataset.name}: {note}" for note in self.dataset.notes]
        if n < size:
            notes.append(f"the {counted(n, 'training sample')} make one batch, smaller than the {size:,} that are set")
        if self.settings.validation_split and not len(self.validation_indices):
            notes.append("a single sample leaves none to validate with")
        if new := self._course.new_layers:
            others = "the other layers go on with what they had learned"
            notes.append(f"{listing(new)} {'begins' if len(new) == 1 else 'begin'} with new weights; {others}")
        return Started(
            epochs=self._course.last_epoch,
            batches_per_epoch=self._batches_per_epoch,
            n_training=n,
            n_validation=len(self.validation_indices),
            parameters=self.network.parameters.size,
            notes=tuple(notes),
            replicas=self.network.n_replicas,
            memory_bytes=self.memory_bytes,
            step=place.step,
            epoch=place.epochs,
            seen=place.seen,
        )


class _Course:
    """What changes from step to step, and the way through epochs and batches."""

    def __init__(self, trainer: Trainer, optimizer: Optimizer) -> None:
        self.trainer, self.network, self.dataset = trainer, trainer.network, trainer.dataset
        parameters = self.network.parameters
        self.moments = tuple(np.zeros_like(parameters) for _ in range(optimizer.n_moments))
        self.scratch = np.empty_like(parameters)
        self.place = Place()
        self.watch = Watch(self.network)
        self.facts = Facts(self.network, self.dataset, trainer.train_indices, trainer.validation_indices)
        self.findings = Findings(self.facts)
        self.new_layers: tuple[str, ...] = ()
        self._epochs_before = 0
        self._most_at_once, self._is_divisible = part_size(self.network.program), is_divisible(self.network.program)
        self.take_over(optimizer)

    @property
    def last_epoch(self) -> int:
        """The number of the epoch after which it is finished."""
        return self._epochs_before + self.trainer.settings.epochs

    def take_over(self, optimizer: Optimizer) -> None:
        """Go on with other settings of the same optimiser, and with those of the trainer."""
        self.optimizer = optimizer
        self.penalty = L2Penalty(self.network, self.trainer.settings.l2)

    def go_on_from(self, standing: Standing) -> None:
        """Take over the weights, and what else still holds with network and settings as they are now."""
        weights = self.network.weights
        kept = fitting_weights(standing.weights, {name: array.shape for name, array in weights.items()})
        weights.update(kept)
        self.new_layers = layers_of(name for name in weights if name not in kept)
        moments = [self.network.by_name(moment) for moment in self.moments]
        if self.new_layers or any(moment.keys() != moments[0].keys() for moment in standing.moments if moments):
            return  # another network: the optimiser and the count of epochs begin with it
        before, now = standing.training, self.trainer.document.training
        if type(before.optimizer) is type(now.optimizer):
            for moment, remembered in zip(moments, standing.moments, strict=False):  # a weights file has none
                for name, array in remembered.items():
                    moment[name][...] = array
        self.place = replace(standing.place)
        if any(getattr(before.settings, name) != getattr(now.settings, name) for name in ORDER):
            self.place.begin_epoch()
        self.network.n_drawn = self.place.n_drawn

    def standing(self) -> Standing:
        """Copy what `go_on_from` needs."""
        weights = dict(self.network.weights)
        moments = tuple(self.network.by_name(moment.copy()) for moment in self.moments)
        for arrays in (weights, *moments):
            for array in arrays.values():
                array.setflags(write=False)
        place = replace(self.place, n_drawn=self.network.n_drawn)
        return Standing(weights, moments, place, self.trainer.document.training)

    def set_out(self) -> None:
        """Begin, or go on after an end: as many epochs again where all that were set are done."""
        if self.place.epochs >= self.last_epoch:
            self._epochs_before = self.place.epochs
        self.watch = Watch(self.network)

    def messages(self) -> Iterator[Message]:
        """Go on to the end, which is Finished or Diverged."""
        while self.place.epochs < self.last_epoch:
            for message in self._epoch(self.place.epochs + 1):
                if isinstance(message, Diverged):
                    yield from self._diverged(message)
                    return
                yield message
        yield Finished(self.place.epochs, self.place.step, self.place.seconds)

    def _diverged(self, diverged: Diverged) -> Iterator[Message]:
        """Try smaller learning rates before one is offered; the weights stay as the run left them."""
        if diverged.step > 1:
            network, settings = self.network, self.trainer.settings
            order = shuffled(self.trainer.train_indices, settings.seed, 1)
            most = self._most_at_once if self._is_divisible else settings.batch_size
            first = list(islice(batches(order, min(settings.batch_size, most)), BATCHES))
            left = network.parameters.copy(), network.statistics.copy(), network.n_drawn
            try:
                network.draw_weights()
                network.weights.update(self.trainer.begun_with)
                trial = RateTrial(network, self.dataset, first, self.penalty, self.moments, self.scratch)
                tried = yield from trial.run(self.optimizer, diverged)
            finally:
                network.parameters[...], network.statistics[...], network.n_drawn = left
            diverged = replace(diverged, why=advice(tried, self.optimizer.learning_rate))
        yield diverged

    def _epoch(self, epoch: int) -> Iterator[Message]:
        """Do what is left of an epoch."""
        at, trainer = self.place, self.trainer
        order = shuffled(trainer.train_indices, trainer.settings.seed, epoch)
        while at.seen < len(order):
            end = batch_end(at.seen, len(order), trainer.settings.batch_size)
            samples = order[at.seen : end]
            n = len(samples)
            loss, n_right = yield from self._take_step(samples, epoch)
            if diverged := self.watch.batch(at.step, loss):
                yield diverged
                return
            at.seen, at.batches = end, at.batches + 1
            at.loss_sum += loss * n
            at.n_right += n_right
            yield Batch(at.step, epoch, at.batches, loss, n_right / n, n)
        if diverged := self.watch.parameters(at.step):
            yield diverged
            return
        n_tested, test_loss, test_right = 0, 0.0, 0
        for samples in batches(trainer.validation_indices, min(trainer.settings.batch_size, self._most_at_once)):
            loss, n_right = self._test(samples)
            if diverged := self.watch.validation(at.step, loss):
                yield diverged
                return
            n_tested, test_loss, test_right = n_tested + len(samples), test_loss + loss, test_right + n_right
            yield Validating(epoch, n_tested, len(trainer.validation_indices))
        ended = Epoch(
            epoch=epoch,
            step=at.step,
            train_loss=at.loss_sum / at.seen,
            train_accuracy=at.n_right / at.seen,
            val_loss=test_loss / n_tested if n_tested else None,
            val_accuracy=test_right / n_tested if n_tested else None,
            seconds=at.epoch_seconds,
            images_per_second=at.seen / at.epoch_seconds,
        )
        at.epochs = epoch
        at.begin_epoch()
        yield ended

    def _take_step(self, samples: Indices, epoch: int) -> Generator[Computing, None, tuple[float, int]]:
        """Return the mean loss of a batch and how many of its samples are right, and move the parameters.

        After a loss that is not finite the parameters stay as they are. A long batch is computed in parts; ended
        between two, it is as if it had not begun.
        """
        parts = in_parts(samples, self._most_at_once if self._is_divisible else len(samples))
        loss, n_right, done, n_drawn = 0.0, 0, 0, self.network.n_drawn
        self.place.step += 1
        for part in parts:
            start = perf_counter()
            part_loss, part_right = self._derive(part, len(samples), is_first=part is parts[0])
            loss, n_right, done = loss + part_loss, n_right + part_right, done + len(part)
            if done == len(samples) or not isfinite(loss):
                self._move(loss, in_parts=len(parts) > 1)
            self._count(perf_counter() - start)
            if not isfinite(loss):
                break
            if done < len(samples):
                try:
                    yield Computing(epoch, done, len(samples))
                except GeneratorExit:
                    self.place.step -= 1
                    self.network.n_drawn = n_drawn
                    raise
        return loss, n_right

    def _derive(self, part: Indices, n_batch: int, *, is_first: bool) -> tuple[float, int]:
        """Return a part's share of the batch's loss, and add its gradient to that of the parts before in `scratch`."""
        with np.errstate(all="ignore"):
            x, labels = self.dataset.pixels(part), self.dataset.labels[part]
            loss, n_right = self.network.loss_and_gradient(x, labels)
            if len(part) == n_batch:
                return loss, n_right
            share, gradients = len(part) / n_batch, self.network.gradients
            if is_first:
                np.multiply(gradients, share, out=self.scratch)
            else:
                self.scratch += np.multiply(gradients, share, out=gradients)
            return loss * share, n_right

    def _move(self, loss: float, *, in_parts: bool) -> None:
        """Move the parameters along the gradient of the batch."""
        parameters, gradients = self.network.parameters, self.network.gradients
        with np.errstate(all="ignore"):
            if in_parts:
                gradients[...] = self.scratch
            self.facts.note_gradient(self.place.step)
            if isfinite(loss):
                self.penalty.add_gradient(parameters, gradients, self.scratch)
                self.optimizer.update(parameters, gradients, self.moments, self.place.step, self.scratch)

    def _count(self, seconds: float) -> None:
        self.place.seconds += seconds
        self.place.epoch_seconds += seconds

    def _test(self, samples: Indices) -> tuple[float, int]:
        """Return the summed loss of samples, and how many of them are right."""
        with np.errstate(all="ignore"):
            return self.network.evaluate(self.dataset.pixels(samples), self.dataset.labels[samples])
