"""The thread that trains: it pulls messages out of a trainer and puts them into a mailbox."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import TYPE_CHECKING, Protocol, TypeVar, cast

import numpy as np

from core.errors import ConvographError, DataError
from core.graph.training import Training
from core.graph.values import Document
from core.io.datasets import Dataset
from core.io.datasets.drawings import fit_picture
from core.layers.values import Array
from core.preprocessing.step import treated
from core.priority import give_way
from core.training.messages import Batch, Diverged, Finished, Message, Started, Trying
from core.training.snapshots import Interest, Snapshot, take_snapshot
from core.training.standing import Standing
from designer.session import Probed
from designer.training.control import Control
from designer.training.mailbox import Ended, Failed, Mailbox, Outcome, Paused, Prepared, Resumed, Stopped, Unchanged

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.engine.network import Network
    from core.training.statistics import Meter

Result = TypeVar("Result")

log = logging.getLogger("convograph.training")  # so that it ends up in the log of `designer.logbook`

SNAPSHOT_SECONDS = 1 / 8
"""The least time between two snapshots of a training that runs: at twice the pace it would be a tenth slower."""
LOOKING_COSTS = 15
"""How many times as long as a snapshot took the training goes on before the next: the weights of some fill 100 MB."""


class Trains(Protocol):
    """What a worker needs of a trainer."""

    @property
    def network(self) -> Network: ...

    @property
    def dataset(self) -> Dataset: ...

    @property
    def document(self) -> Document: ...

    @property
    def meter(self) -> Meter: ...

    def messages(self) -> Iterator[Message]:
        """Train, one message at a time; a generator."""

    def adjust(self, training: Training) -> Message | None:
        """Take over changed settings; say what that changes."""

    def standing(self) -> Standing:
        """Copy where the training stands."""


MakeTrainer = Callable[[Document, Path | None, Standing | None], Trains]


class Worker(Thread):
    """Trains one document from start to end.

    A trainer is a generator: not pulling it pauses, pulling it to its next batch steps, closing it stops.
    """

    def __init__(self, make: Callable[[], Trains], mailbox: Mailbox, control: Control) -> None:
        super().__init__(name="training", daemon=True)
        self._mailbox = mailbox
        self._control = control
        self._make = make
        self._step = 0

    def run(self) -> None:
        """Train until the end, a wish to stop, or a failure; the last event says which."""
        give_way()
        self._mailbox.post(self._ended())

    def _ended(self) -> Ended:
        from core.engine.threads import ONE_THREAD

        with ONE_THREAD:  # two threads of the BLAS would spin, and the window would wait for a core
            trainer = attempt(self._make, "The training could not start.")
            if isinstance(trainer, Failed):
                return Ended(trainer)
            outcome = attempt(lambda: self._train(trainer), "The training stopped.")
            standing = attempt(trainer.standing, "The weights could not be kept.")
            return Ended(outcome, trainer.document, None if isinstance(standing, Failed) else standing)

    def _train(self, trainer: Trains) -> Outcome:
        self._mailbox.post(Prepared(trainer.network, trainer.dataset))
        with closing(cast("Generator[Message, None, None]", trainer.messages())) as messages:
            outcome = self._pull(trainer, messages)
        self._look(trainer)
        return outcome

    def _pull(self, trainer: Trains, messages: Iterator[Message]) -> Outcome:
        next_look = 0.0
        message = next(messages, None)
        while message is not None:
            self._mailbox.post(message)
            if isinstance(message, Finished | Diverged):
                return message
            if isinstance(message, Started):
                self._step = message.step
            if isinstance(message, Batch):
                self._step = message.step
                self._control.spend()
                self._measure(trainer)
                if self._mailbox.wants_snapshot and perf_counter() >= next_look:
                    before = perf_counter()
                    self._look(trainer)
                    after = perf_counter()
                    next_look = after + max(SNAPSHOT_SECONDS, LOOKING_COSTS * (after - before))
            if not (self._control.may_go_on or self._wait(trainer)):
                return message.diverged if isinstance(message, Trying) else Stopped()
            self._control.right_of_way.wait()
            if (training := self._control.take_adjustment()) is not None:
                self._adjust(trainer, training)
            message = next(messages, None)
        return Stopped()

    def _adjust(self, trainer: Trains, training: Training) -> None:
        try:
            adjusted = trainer.adjust(training)
        except ConvographError as error:
            self._mailbox.post(Unchanged(str(error)))
        else:
            if adjusted is not None:
                self._mailbox.post(adjusted)

    def _wait(self, trainer: Trains) -> bool:
        """Pause, making pictures that are asked for; False when the run is to end."""
        if self._control.stopped:
            return False
        self._look(trainer)
        self._mailbox.post(Paused())
        while (wish := self._control.wait()) == "look":
            self._look(trainer)
        if wish == "go":
            self._mailbox.post(Resumed())
        return wish == "go"

    def _measure(self, trainer: Trains) -> None:
        """Have steps measured, and values counted, from now on if somebody looks at that."""
        interest, meter = self._control.wishes[0], trainer.meter
        meter.is_on, meter.counter.is_on = interest.statistics, interest.histograms

    def _look(self, trainer: Trains) -> None:
        interest, probed = self._control.wishes
        if interest:
            snapshot = look(trainer.network, trainer.dataset, interest, probed, self._step)
            if interest.statistics:
                snapshot = replace(snapshot, statistics=trainer.meter.take())
            if interest.histograms:
                snapshot = replace(snapshot, histograms=trainer.meter.counter.take())
            self._mailbox.put(snapshot)


def look(network: Network, dataset: Dataset | None, interest: Interest, probed: Probed, step: int) -> Snapshot:
    """Take a snapshot for one sample of a data set, or a picture; without one, or beyond its end, there are no maps.

    It is prepared as samples are for training.
    """
    pixels = pixels_of(network, dataset, probed)
    if pixels is not None:
        pixels = treated(pixels[None].copy(), network.beside.steps)[0]
    return take_snapshot(network, interest, pixels, step)


def pixels_of(network: Network, dataset: Dataset | None, probed: Probed) -> Array | None:
    """Return what is looked at as the network's Input takes it, before preprocessing; None where there is nothing."""
    program, picture = network.program, probed.picture
    if picture is not None and len(program.read_inputs) == 1:
        shape, settings = program.nodes[program.read_inputs[0]].shape, network.document.training.settings
        with suppress(DataError):  # the panel of the probe says why
            return fit_picture(picture.pixels, shape, settings.resize, picture.name)
        return None
    if dataset is None or not 0 <= probed.sample < len(dataset):
        return None
    return dataset.pixels(np.array([probed.sample]))[0]


def attempt(work: Callable[[], Result], what: str) -> Result | Failed:
    """Do some work; whatever goes wrong becomes two sentences for the user."""
    try:
        return work()
    except ConvographError as error:
        return Failed(what, str(error))
    except MemoryError:
        return Failed(what, "The memory is full. Use a smaller batch size, a smaller network or a smaller data set.")
    except Exception:
        log.exception("%s", what)
        return Failed(what, f"Something inside Convograph went wrong: this is our fault, not yours. {_log_place()}")


def _log_place() -> str:
    """Say which file the log is written to."""
    from logging.handlers import RotatingFileHandler

    logger: logging.Logger | None = log
    while logger is not None:
        for handler in logger.handlers:
            if isinstance(handler, RotatingFileHandler):
                return f"The details are in {handler.baseFilename}."
        logger = logger.parent
    return "The details are in the terminal."
