"""What a run says while it goes on: frozen messages, in the order Started, (Batch…, Validating…, Epoch)…, Finished.

A run that goes astray ends with Trying… and Diverged instead, at any point after Started. Adjusted comes where settings
are changed on the way, Computing within batches that take long, Finding where something is found; what is found at the
end of an epoch comes before its Epoch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from core.graph.training import Training
from core.problems import Fix
from core.training.adjusting import Adjustment


@dataclass(frozen=True, slots=True)
class Started:
    """A run begins.

    Attributes
    ----------
    notes : tuple of str
        What was done to the data so that it suits the network.
    replicas : int
        Into how many parts each batch is divided; with the seed it decides the bits of the run.
    memory_bytes : int
        What the network takes while it trains, the data not counted.
    step, epoch, seen : int
        Where it goes on from: steps taken, complete epochs, and samples of the epoch under way. 0 for a new training.
    """

    epochs: int
    batches_per_epoch: int
    n_training: int
    n_validation: int
    parameters: int
    notes: tuple[str, ...] = ()
    replicas: int = 1
    memory_bytes: int = 0
    step: int = 0
    epoch: int = 0
    seen: int = 0


@dataclass(frozen=True, slots=True)
class Batch:
    """A step was taken.

    Attributes
    ----------
    step : int
        Counts from 1 over the whole run.
    epoch, batch : int
        Count from 1; `batch` within its epoch.
    loss, accuracy : float
        Of this batch, before its step.
    n : int
        Its samples.
    learning_rate : float
        Of its step.
    """

    step: int
    epoch: int
    batch: int
    loss: float
    accuracy: float
    n: int
    learning_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class Computing:
    """A part of a long batch was computed; its step comes when all are.

    Attributes
    ----------
    n, n_batch : int
        How many samples are computed, and how many the batch has.
    """

    epoch: int
    n: int
    n_batch: int


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Settings were changed while the run goes on; they apply from the next batch.

    Attributes
    ----------
    step : int
        Steps taken before.
    training : Training
        The settings as they are now.
    adjustments : tuple of Adjustment
        What was changed.
    epochs, batches_per_epoch : int
        As they are now.
    """

    step: int
    training: Training
    adjustments: tuple[Adjustment, ...]
    epochs: int
    batches_per_epoch: int


@dataclass(frozen=True, slots=True)
class Validating:
    """A batch of validation samples was measured, after the last step of an epoch.

    Attributes
    ----------
    n, n_validation : int
        How many samples are measured, and how many there are.
    """

    epoch: int
    n: int
    n_validation: int


@dataclass(frozen=True, slots=True)
class Epoch:
    """An epoch ended.

    Attributes
    ----------
    train_loss, train_accuracy : float
        Means over the epoch's samples, each at the time of its batch.
    val_loss, val_accuracy : float or None
        Of the validation samples after the epoch; None without any.
    seconds : float
        Of training, without the validation.
    learning_rate : float
        Of its last step.
    is_best : bool
        Whether it is the best so far, whose weights are kept.
    is_last : bool
        Whether the run ends with it.
    """

    epoch: int
    step: int
    train_loss: float
    train_accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    seconds: float
    images_per_second: float
    learning_rate: float = 0.0
    is_best: bool = False
    is_last: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the object that `train --json` prints."""
        return {
            "epoch": self.epoch,
            "train_loss": self.train_loss,
            "train_accuracy": self.train_accuracy,
            "val_loss": self.val_loss,
            "val_accuracy": self.val_accuracy,
            "seconds": self.seconds,
            "images_per_second": self.images_per_second,
            "learning_rate": self.learning_rate,
        }


@dataclass(frozen=True, slots=True)
class Evidence:
    """A small series of what was measured on the way to a finding, for a spark line.

    Attributes
    ----------
    name, unit : str
        What was measured, such as "dead filters of conv1", and in what; "" where it is a plain number.
    steps : tuple of int
        After which steps; of epochs their last.
    values : tuple of float
        As many; all finite.
    """

    name: str
    unit: str
    steps: tuple[int, ...]
    values: tuple[float, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the form that `train --json` prints."""
        return {"name": self.name, "unit": self.unit, "steps": list(self.steps), "values": list(self.values)}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that makes a run worthless, or its figures misleading; said once, and anew after settings change.

    Attributes
    ----------
    code : str
        What programs know it by, such as "only_guessing".
    severity : {"advice", "note"}
        Advice says that the run as it is leads nowhere; a note, how its figures are to be read.
    step : int
        Steps taken when it was found; 0 before the first.
    what, why : str
        Sentences: what was found, with the evidence, and what to do.
    title : str
        What it is in a few words.
    badges : mapping of str to str
        What is to be said of each layer that it is about, in a word or two: "3 of 6 dead". Layers of the flattened
        graph, by their ids.
    evidence : Evidence or None
    cures : tuple of Fix
        Edits that may help; `try_cures` says which of them do.
    """

    code: str
    severity: Literal["advice", "note"]
    step: int
    what: str
    why: str
    title: str = ""
    badges: Mapping[str, str] = field(default_factory=dict)
    evidence: Evidence | None = None
    cures: tuple[Fix, ...] = ()

    @property
    def layer(self) -> str | None:
        """The first layer that it is about; None where it is about none."""
        return next(iter(self.badges), None)

    def as_json(self) -> dict[str, Any]:
        """Return the object that `train --json` prints among an epoch's findings."""
        return {
            "code": self.code,
            "severity": self.severity,
            "step": self.step,
            "layer": self.layer,
            "what": self.what,
            "why": self.why,
            "evidence": None if self.evidence is None else self.evidence.as_json(),
            "cures": [cure.as_json() for cure in self.cures],
        }


@dataclass(frozen=True, slots=True)
class Diverged:
    """A NaN or an infinity appeared, or the loss rose far above its start and stayed there; the run has ended.

    Attributes
    ----------
    layer : str or None
        Where the NaN or infinity appeared first; None where the loss only rose.
    what, why : str
        Sentences: what happened, and what to try.
    """

    layer: str | None
    step: int
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Trying:
    """A run has diverged; smaller learning rates are tried on a few batches, so that one that helps can be named.

    Attributes
    ----------
    diverged : Diverged
        What is to be said if nobody waits for the outcome.
    learning_rate : float
        The one that is tried.
    """

    diverged: Diverged
    learning_rate: float


@dataclass(frozen=True, slots=True)
class Finished:
    """All epochs are done, or early stopping has ended the run.

    Attributes
    ----------
    reason : str
        A sentence that says why it ended before its epochs were done; "" where they are.
    best_epoch : int
        The epoch whose weights are kept as the best.
    """

    epochs: int
    step: int
    seconds: float
    reason: str = ""
    best_epoch: int = 0


Message: TypeAlias = (
    Started | Computing | Batch | Adjusted | Validating | Epoch | Finding | Trying | Diverged | Finished
)
