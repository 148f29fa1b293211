"""Trainers that do as a test says, with the real one's interface."""

from functools import cache
from threading import Event, Semaphore

from core.engine.network import Network
from core.graph.edits import set_training
from core.io.datasets import load_dataset
from core.io.templates import load_template
from core.training.messages import Batch, Epoch, Finished, Started
from core.training.standing import Place, Standing
from core.training.statistics import Meter


def digits_cnn(**training):
    """A small network on 8×8 digits, with training settings."""
    return set_training(load_template("digits_cnn"), training)


@cache
def digits_network():
    return Network(digits_cnn())


class Scripted:
    """Gives `epochs` of `batches` without computing anything.

    Parameters
    ----------
    gate : Semaphore, optional
        Acquired before every batch, so that a test decides how many there are.
    fails_at : int, optional
        The step at which `error` is raised.
    """

    def __init__(self, epochs=2, batches=5, gate=None, fails_at=None, error=None, network=None):
        self.epochs, self.batches, self.gate = epochs, batches, gate
        self.fails_at, self.error = fails_at, error
        self.network, self.dataset = network or digits_network(), load_dataset("digits")
        self.meter = Meter(self.network)
        self.closed = Event()
        self.taken = 0

    def __call__(self, document, base, standing):
        self.document = document
        return self

    def adjust(self, training):
        return None

    def standing(self):
        return Standing(dict(self.network.weights), place=Place(step=self.taken))

    def messages(self):
        try:
            yield Started(self.epochs, self.batches, 10 * self.batches, 0, 1, ())
            for epoch in range(1, self.epochs + 1):
                for batch in range(1, self.batches + 1):
                    if self.gate is not None:
                        self.gate.acquire()
                    self.taken += 1
                    if self.taken == self.fails_at:
                        raise self.error
                    yield Batch(self.taken, epoch, batch, 1 / self.taken, 0.5, 10)
                yield Epoch(epoch, self.taken, 0.5, 0.5, 0.4, 0.6, 1.0, 10.0)
            yield Finished(self.epochs, self.taken, 1.0)
        finally:
            self.closed.set()


def gate():
    return Semaphore(0)


class Record:
    """Everything a run said, in order."""

    def __init__(self, run):
        self.said = []
        self.points = []
        self.snapshots = []
        self.failures = []
        run.state_changed.connect(self._state)
        run.started.connect(self._message)
        run.batches.connect(self._batches)
        run.epoch_ended.connect(self._message)
        run.snapshot.connect(self._snapshot)
        run.failed.connect(self._failed)
        run.finished.connect(self._finished)

    def _state(self, state):
        self.said.append(state)

    def _message(self, message):
        self.said.append(message)

    def _batches(self, batches):
        self.said.append(("batches", batches[0].step, batches[-1].step))
        self.points += batches

    def _snapshot(self, snapshot):
        self.snapshots.append(snapshot)

    def _failed(self, what, why):
        self.failures.append((what, why))
        self.said.append("failed")

    def _finished(self):
        self.said.append("finished")

    @property
    def states(self):
        known = {"starting", "running", "paused", "stopping", "idle", "failed", "finished"}
        return [word for word in self.said if isinstance(word, str) and word in known]

    @property
    def steps(self):
        return [point.step for point in self.points]
