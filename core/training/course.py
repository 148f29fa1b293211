"""The course of a training: through its epochs, batch by batch, to the end or until it goes astray."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from math import isfinite
from time import perf_counter

import numpy as np
from numpy.typing import ArrayLike

from core.engine.network import Network
from core.errors import LostProcessError, NetworkError
from core.graph.training import Training, TrainingSettings, UnreadableOptimizer
from core.io.datasets import Dataset, Indices
from core.layers.values import Array
from core.learning.class_weights import class_weights
from core.learning.optimizers import Optimizer
from core.learning.schedules import Clock, rate_of
from core.learning.stopping import Figures
from core.training.batches import batch_end, batches, n_batches, shuffled
from core.training.best import Best, end_reason, is_better
from core.training.divergence import Watch
from core.training.engine import Engine
from core.training.findings.facts import Facts
from core.training.findings.findings import Findings
from core.training.findings.gauges import is_measured
from core.training.messages import Batch, Computing, Diverged, Epoch, Finished, Message, Validating
from core.training.parts import in_parts, is_divisible
from core.training.penalty import Penalty
from core.training.preparation import Preparation
from core.training.standing import Place, Standing, fitting_weights, layers_of
from core.training.statistics import Meter
from core.training.trial import BATCHES, Learned, RateTrial, advice

SAMPLES = ("dataset", "first_label", "resize", "seed", "validation_split")
"""The settings that decide which samples are learned from, and in which order."""
BASIS = (*SAMPLES, "preprocessing", "loss", "class_weights")
"""These, and the settings that decide how samples are measured."""


class Course:
    """The way of a training through epochs and batches, and what changes from step to step.

    Parameters
    ----------
    network : Network
    dataset : Dataset
        As it reaches the network.
    samples : (training, validation), arrays of int
        Which of its samples are learned from, and which are kept back.
    training : Training
        The settings; `take_over` changes them.
    begun_with : mapping of str to array
        The weights that were given to begin with; the others were drawn. `go_on_from` gives others.
    preparation : Preparation
        What is done to samples before they reach the network.
    engine : Engine
        What computes the network.

    Attributes
    ----------
    is_between : bool
        Whether no step is under way, so that where it stands can be told.
    """

    def __init__(
        self,
        network: Network,
        dataset: Dataset,
        samples: tuple[Indices, Indices],
        training: Training,
        begun_with: Mapping[str, ArrayLike],
        preparation: Preparation,
        engine: Engine,
    ) -> None:
        self.network, self.dataset, self.training, self.begun_with = network, dataset, training, begun_with
        self.preparation, self.engine, self.is_between = preparation, engine, True
        self.train_indices, self.validation_indices = samples
        optimizer = usable_optimizer(training)
        parameters = self.network.parameters
        self.moments = tuple(np.zeros_like(parameters) for _ in range(optimizer.n_moments))
        self.scratch = np.empty_like(parameters)
        self.place = Place()
        self.best: Best | None = None
        n_outputs = network.program.nodes[network.program.outputs[0]].shape[-1]
        labels = dataset.labels[self.train_indices]
        network.class_weights = class_weights(training.settings.class_weights, labels, n_outputs)
        self.watch = Watch(network, engine.first_nonfinite)
        self.meter = Meter(network)
        self.facts = Facts(network, dataset, samples, preparation, training)
        self.findings = Findings(self.facts)
        self.new_layers: tuple[str, ...] = ()
        self._most_at_once, self._is_divisible = engine.most_at_once, is_divisible(network.program)
        self.take_over(training)

    @property
    def last_epoch(self) -> int:
        """The number of the epoch after which it is finished."""
        return self.place.epochs_before + self.settings.epochs

    @property
    def settings(self) -> TrainingSettings:
        """The settings beside the optimiser's."""
        return self.training.settings

    def take_over(self, training: Training) -> None:
        """Go on with other settings; those of the optimiser are of the same rule."""
        self.training, self.optimizer = training, usable_optimizer(training)
        self.penalty = Penalty(self.network, self.settings)
        self.findings.begin_anew(training)

    def go_on_from(self, standing: Standing) -> None:
        """Take over the weights, and what else still holds with network and settings as they are now."""
        self.engine.write()
        weights = self.network.weights
        kept = fitting_weights(standing.weights, {name: array.shape for name, array in weights.items()})
        weights.update(kept)
        self.begun_with = kept
        self.new_layers = layers_of(name for name in weights if name not in kept)
        moments = [self.network.by_name(moment) for moment in self.moments]
        if self.new_layers or any(moment.keys() != moments[0].keys() for moment in standing.moments if moments):
            return  # another network: the optimiser and the count of epochs begin with it
        before, now = standing.training, self.training
        if type(before.optimizer) is type(now.optimizer):
            for moment, remembered in zip(moments, standing.moments, strict=False):  # a weights file has none
                for name, array in remembered.items():
                    moment[name][...] = array
        self.place = replace(standing.place)
        if not same_basis(before, now):
            self.place.forget()
        else:
            self.best = standing.best
        self.network.n_drawn = self.place.n_drawn

    def standing(self) -> Standing:
        """Copy what `go_on_from` needs."""
        self.engine.read()
        weights = dict(self.network.weights)
        moments = tuple(self.network.by_name(moment.copy()) for moment in self.moments)
        for arrays in (weights, *moments):
            _protect(arrays)
        place = replace(self.place, n_drawn=self.network.n_drawn)
        return Standing(weights, moments, place, self.training, self.best, self.network.beside)

    def set_out(self) -> None:
        """Begin, or go on after an end: as many epochs again where all that were set are done.

        After early stopping, patience begins anew.
        """
        if self.place.epochs >= self.last_epoch:
            self.place.epochs_before = self.place.epochs
        if self.end_reason():
            self.place.patience_from = len(self.place.history)
        self.engine.write()  # somebody may have set weights since
        self.watch = Watch(self.network, self.engine.first_nonfinite)

    def messages(self) -> Iterator[Message]:
        """Go on to the end, which is Finished or Diverged."""
        reason = ""
        while self.place.epochs < self.last_epoch and not reason:
            for message in self._epoch(self.place.epochs + 1):
                if isinstance(message, Diverged):
                    yield from self._diverged(message)
                    return
                yield message
            reason = self.end_reason() if self.place.epochs < self.last_epoch else ""
        best_epoch = 0 if self.best is None else self.best.epoch
        yield Finished(self.place.epochs, self.place.step, self.place.seconds, reason, best_epoch)

    def end_reason(self) -> str:
        """Say why early stopping ends the run; "" where it does not."""
        return end_reason(self.settings.early_stopping, self.place.history[self.place.patience_from :])

    def _rate(self) -> float:
        """Return the learning rate of the step that follows."""
        at, size = self.place, self.settings.batch_size
        per_epoch = n_batches(len(self.train_indices), size)
        losses = tuple(figures.val_loss for figures in at.history if figures.val_loss is not None)
        clock = Clock(at.epochs * per_epoch + at.seen / size, per_epoch, self.last_epoch * per_epoch, losses)
        return rate_of(self.settings.schedule, self.optimizer.learning_rate, clock)

    def _keep_if_best(self, epoch: int, figures: Figures) -> bool:
        """Keep the weights of an epoch that is the best so far."""
        if not is_better(figures, None if self.best is None else self.best.figures, self.settings.early_stopping):
            return False
        weights = dict(self.network.weights)
        _protect(weights)
        self.best = Best(epoch, figures, weights)
        return True

    def _diverged(self, diverged: Diverged) -> Iterator[Message]:
        """Try smaller learning rates before one is offered; the weights stay as the run left them."""
        if diverged.step > 1:
            network, settings = self.network, self.settings
            self.engine.read()
            order = shuffled(self.train_indices, settings.seed, 1)
            most = self._most_at_once if self._is_divisible else settings.batch_size
            first = list(islice(batches(order, min(settings.batch_size, most)), BATCHES))
            left = network.parameters.copy(), network.statistics.copy(), network.n_drawn
            try:
                network.draw_weights()
                network.weights.update(self.begun_with)
                moments = tuple(np.empty_like(moment) for moment in self.moments)  # the run's own stay as they are
                trial = RateTrial(network, self._first_learned, first, self.penalty, moments, self.scratch)
                tried = yield from trial.run(self.optimizer, diverged)
            finally:
                network.parameters[...], network.statistics[...], network.n_drawn = left
            diverged = replace(diverged, why=advice(tried, self.optimizer.learning_rate))
        yield diverged

    def _epoch(self, epoch: int) -> Iterator[Message]:
        """Do what is left of an epoch."""
        at = self.place
        order = shuffled(self.train_indices, self.settings.seed, epoch)
        while at.seen < len(order):
            end = batch_end(at.seen, len(order), self.settings.batch_size)
            samples = order[at.seen : end]
            n = len(samples)
            if n > self._most_at_once and self._is_divisible:
                loss, n_right = yield from self._step_in_parts(samples, epoch)
            else:
                loss, n_right = self._step(samples, epoch)
            if diverged := self.watch.batch(at.step, loss):
                yield diverged
                return
            at.seen, at.batches = end, at.batches + 1
            weight = self.network.weight_of(self.dataset.labels[samples])
            at.weight += weight
            at.loss_sum += loss * weight
            at.n_right += n_right
            yield Batch(at.step, epoch, at.batches, loss, n_right / n, n, at.learning_rate)
        self.engine.read()
        if diverged := self.watch.parameters(at.step):
            yield diverged
            return
        n_tested, weight_tested, test_loss, test_right = 0, 0.0, 0.0, 0
        for samples in batches(self.validation_indices, min(self.settings.batch_size, self._most_at_once)):
            loss, n_right = self._test(samples)
            if diverged := self.watch.validation(at.step, loss):
                yield diverged
                return
            n_tested, test_loss, test_right = n_tested + len(samples), test_loss + loss, test_right + n_right
            weight_tested += self.network.weight_of(self.dataset.labels[samples])
            yield Validating(epoch, n_tested, len(self.validation_indices))
        figures = Figures(
            train_loss=at.loss_sum / at.weight,
            val_loss=test_loss / weight_tested if n_tested else None,
            val_accuracy=test_right / n_tested if n_tested else None,
        )
        at.history = (*at.history, figures)
        ended = Epoch(
            epoch=epoch,
            step=at.step,
            train_loss=figures.train_loss,
            train_accuracy=at.n_right / at.seen,
            val_loss=figures.val_loss,
            val_accuracy=figures.val_accuracy,
            seconds=at.epoch_seconds,
            images_per_second=at.seen / at.epoch_seconds,
            learning_rate=at.learning_rate,
            is_best=self._keep_if_best(epoch, figures),
            is_last=epoch >= self.last_epoch or bool(self.end_reason()),
        )
        at.epochs = epoch
        at.begin_epoch()
        yield ended

    def _step(self, samples: Indices, epoch: int) -> tuple[float, int]:
        """Return the mean loss of a batch and how many of its samples are right, and move the parameters.

        After a loss that is not finite the parameters stay as they are.
        """
        start = perf_counter()
        with self._under_way(), np.errstate(all="ignore"):
            loss, n_right = self._measure(samples, epoch)
            self._move(loss)
        self._count(perf_counter() - start)
        return loss, n_right

    @contextmanager
    def _under_way(self) -> Iterator[None]:
        """Take a step; ended before it is done, between parts or as another process is lost, it had not begun."""
        n_drawn, self.is_between = self.network.n_drawn, False
        self.place.step += 1
        try:
            yield
        except (GeneratorExit, LostProcessError):
            self.place.step -= 1
            self.network.n_drawn, self.is_between = n_drawn, True
            raise
        self.is_between = True

    def _measure(self, samples: Indices, epoch: int, *, is_first: bool = True) -> tuple[float, int]:
        """Return the mean loss of samples that are learned from, and how many are right; their gradient is found."""
        x = self.preparation.learned(self.dataset, self.engine.share(samples), epoch)
        if is_first:
            self.meter.counter.look(x)
        return self.engine.loss_and_gradient(x, self.dataset.labels[samples])

    def _step_in_parts(self, samples: Indices, epoch: int) -> Generator[Computing, None, tuple[float, int]]:
        """Do the same part by part."""
        gradients = self.network.gradients
        loss, n_right, done = 0.0, 0, 0
        weight = self.network.weight_of(self.dataset.labels[samples])
        with self._under_way():
            for part in in_parts(samples, self._most_at_once):
                start = perf_counter()
                share = self.network.weight_of(self.dataset.labels[part]) / weight
                with np.errstate(all="ignore"):
                    part_loss, part_right = self._measure(part, epoch, is_first=not done)
                    # The gradients of the parts add up in the scratch.
                    np.add(self.scratch if done else 0, np.multiply(gradients, share, out=gradients), out=self.scratch)
                    loss, n_right, done = loss + part_loss * share, n_right + part_right, done + len(part)
                    if done == len(samples) or not isfinite(loss):
                        gradients[...] = self.scratch
                        self._move(loss)
                self._count(perf_counter() - start)
                if not isfinite(loss):
                    break
                if done < len(samples):
                    yield Computing(epoch, done, len(samples))
        return loss, n_right

    def _move(self, loss: float) -> None:
        """Move the parameters along the gradient of the batch."""
        step, engine = self.place.step, self.engine
        is_seen = engine.is_here or self.meter.is_measuring(step) or is_measured(step) or is_measured(step + 1)
        if is_seen:
            engine.read()
            self.facts.note_gradient(step)
        if isfinite(loss):
            if is_seen:
                self.meter.before(step)
            self.place.learning_rate = rate = self._rate()
            engine.move(self.penalty, self.optimizer, self.moments, step, self.scratch, rate)
            if is_seen:
                engine.read()
                self.meter.after(step)
                self.facts.note_step(step, rate, loss)

    def _count(self, seconds: float) -> None:
        self.place.seconds += seconds
        self.place.epoch_seconds += seconds

    def _test(self, samples: Indices) -> tuple[float, int]:
        """Return the summed loss of samples, and how many of them are right."""
        with np.errstate(all="ignore"):
            x = self.preparation.of(self.dataset, self.engine.share(samples))
            return self.engine.evaluate(x, self.dataset.labels[samples])

    def _first_learned(self, samples: Indices) -> Learned:
        """Return samples as the first epoch learned from them, and their labels."""
        return self.preparation.learned(self.dataset, samples, 1), self.dataset.labels[samples]


def same_samples(one: Training, other: Training) -> bool:
    """Say whether two trainings learn from the same samples in the same order."""
    return all(getattr(one.settings, name) == getattr(other.settings, name) for name in SAMPLES)


def same_basis(one: Training, other: Training) -> bool:
    """Say whether the figures of two trainings can be compared."""
    return all(getattr(one.settings, name) == getattr(other.settings, name) for name in BASIS)


def _protect(arrays: Mapping[str, Array]) -> None:
    """Let nobody write into copies."""
    for array in arrays.values():
        array.setflags(write=False)


def usable_optimizer(training: Training) -> Optimizer:
    """Return the optimiser.

    Raises
    ------
    NetworkError
        If it cannot be read as it is set.
    """
    if isinstance(training.optimizer, UnreadableOptimizer):
        raise NetworkError(f"There is no usable optimizer: {training.optimizer.kind} cannot be read as it is set.")
    return training.optimizer
