"""Training: a generator that takes one step each time it is asked for the next message."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path

from numpy.typing import ArrayLike

from core.analysis.check import check
from core.analysis.report import Report
from core.engine.network import Network
from core.engine.weights import NamedWeights
from core.errors import DataError
from core.graph.training import Training
from core.graph.values import Document
from core.io.datasets import Dataset, plain_dataset
from core.io.prepared import Beside
from core.text import counted, listing
from core.training.adjusting import adjusted
from core.training.batches import n_batches
from core.training.best import Best
from core.training.course import Course, same_samples
from core.training.engine import MakeEngine, NumpyEngine
from core.training.messages import Adjusted, Message, Started
from core.training.needs import training_bytes
from core.training.preparation import divided, fit_preparation, fitted_to, load_for
from core.training.requirements import Question, require_trainable, training_input
from core.training.standing import Standing
from core.training.statistics import Meter


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
    >>> from core.training.messages import Epoch
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
        if not isinstance(data, tuple) or len(data) != 2:
            raise DataError("The data are neither a Dataset nor a pair of arrays: give (images, labels).")
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
        self._trainer = trainer
        self._messages = trainer.messages()

    @property
    def network(self) -> Network:
        """What is trained; its weights are those of now."""
        return self._trainer.network

    @property
    def weights(self) -> NamedWeights:
        """The network's."""
        return self._trainer.network.weights

    @property
    def best(self) -> Best | None:
        """The best epoch so far, with the weights it ended with; None before the end of the first."""
        return self._trainer.best

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
    engine : callable, optional
        Makes what computes the steps, one of `core.engines.table.ENGINES`; by default NumPy does, here.

    Attributes
    ----------
    network : Network
        The run changes its weights in place; between two messages they may be read, or saved.
    run_on : RunOn
        What it runs on.
    dataset : Dataset
        As it reaches the network.
    memory_bytes : int
        What network and optimiser take, the data not counted.
    train_indices, validation_indices : array of int, (n,)
        Which of its samples are learned from, and which are kept back for validation.
    preparation : Preparation
        What is done to samples before they reach the network.

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
        engine: MakeEngine = NumpyEngine,
    ) -> None:
        replicas = replicas if engine.has_replicas else 1
        self.document = document
        self.settings = document.training.settings
        if report is None or report.document is not document:
            report = check(document)
        # Before the memory of weights and data is taken.
        asked = Question(report, replicas=replicas, computers=engine.computers)
        shape = training_input(require_trainable(asked)).shape
        stored = load_for(self.settings, shape, base) if data is None else data
        self._question = replace(asked, data=stored.facts)
        require_trainable(self._question)
        self._network = network = Network(document, n_replicas=replicas, report=report)
        self.dataset = fitted_to(stored, self.settings, shape)
        self.train_indices, self.validation_indices = divided(stored, self.settings)
        samples = (self.train_indices, self.validation_indices)
        goes_on = standing is not None and same_samples(standing.training, document.training)
        known = standing.beside.steps if standing is not None and goes_on else ()
        self.preparation = fit_preparation(self.settings, self.dataset, self.train_indices, known)
        network.beside = Beside(self.preparation.steps, self.dataset.classes)
        begun_with, computes = weights or {}, engine(network, report)
        self._course = Course(network, self.dataset, samples, document.training, begun_with, self.preparation, computes)
        self.run_on = computes.run_on
        if standing is not None:
            self._course.go_on_from(standing)
        elif weights is not None:
            network.weights.update(weights)
            computes.write()

    @property
    def network(self) -> Network:
        """What is trained; its weights are those of now."""
        self._course.engine.read()
        return self._network

    @property
    def is_between(self) -> bool:
        """Whether no step is under way: one that failed leaves nothing to go on from."""
        return self._course.is_between

    @property
    def best(self) -> Best | None:
        """The best epoch so far, with the weights it ended with; None before the end of the first."""
        return self._course.best

    @property
    def meter(self) -> Meter:
        """What measures steps while somebody looks."""
        return self._course.meter

    @property
    def memory_bytes(self) -> int:
        """What network and optimiser take, the data not counted."""
        network, size = self._network, -(-self.settings.batch_size // max(1, self._question.computers))
        n = len(self.dataset)
        return training_bytes(network.program, self.document.training, n, network.n_replicas, size)

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
        if not adjustments:
            return None
        document = replace(self.document, training=new)
        question = replace(
            self._question, report=check(document, self._question.report), replicas=self._network.n_replicas
        )
        require_trainable(question)
        self.document, self.settings, self._question = document, new.settings, question
        self._course.take_over(new)
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
