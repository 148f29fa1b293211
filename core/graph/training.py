"""The training settings of a document."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import ValidationError

from core.augmentation.augmentation import Augmentation
from core.augmentation.table import AUGMENTATION
from core.declare import ClassWeightsField, Declared, hyper
from core.kinds import kind_form, kinds_form
from core.learning.initializers import INITIALIZERS, HeNormal, Initializer
from core.learning.losses import LOSSES, CrossEntropy, Loss
from core.learning.optimizers import OPTIMIZERS, Adam, Optimizer
from core.learning.schedules import SCHEDULES, Schedule
from core.learning.stopping import STOPPINGS, EarlyStopping
from core.preprocessing.step import Preprocessing
from core.preprocessing.table import PREPROCESSING


class TrainingSettings(Declared):
    """Everything about a run except the optimiser."""

    dataset: str = hyper("digits", help="The name of a bundled data set, or the path of a folder or file.")
    first_label: int = hyper(
        0, ge=0, le=65_535, help="The number of the first class: 1 where the labels of the data begin with 1."
    )
    resize: Literal["stretch", "fit", "crop"] = hyper(
        "stretch",
        help="How pictures get the Input's sides: stretched, fitted in between black borders, or cut to their middle.",
    )
    skip_unreadable: bool = hyper(False, help="Whether training goes on without the samples that can't be read.")
    loss: Annotated[Loss, *kind_form(LOSSES)] = hyper(CrossEntropy(), help="What training minimises.")
    class_weights: ClassWeightsField | None = hyper(
        None, help="How much samples of each class count in the loss; balanced: rare classes as much as common ones."
    )
    batch_size: int = hyper(32, ge=1, le=65_536, help="Samples per step.")
    epochs: int = hyper(10, ge=1, le=100_000, help="How often training goes through the data.")
    seed: int = hyper(0, ge=0, le=2**32 - 1, help="Where the random numbers start: the same seed gives the same run.")
    validation_split: float = hyper(
        0.2, ge=0, lt=1, help="The share of samples, of each class alike, that is held out of training to validate it."
    )
    schedule: Annotated[Schedule, *kind_form(SCHEDULES)] | None = hyper(
        None, help="How the learning rate changes from step to step."
    )
    early_stopping: Annotated[EarlyStopping, *kind_form(STOPPINGS)] | None = hyper(
        None, help="Ends training once the validation brings no gain any more; the best weights are kept always."
    )
    l1: float = hyper(0.0, ge=0, le=1e3, help="How strongly kernels are pulled to exactly 0: adds l1·Σ|w| to the loss.")
    l2: float = hyper(0.0, ge=0, le=1e3, help="How strongly large kernels are penalised: adds l2/2·Σw² to the loss.")
    clip_norm: float | None = hyper(
        None, gt=0, le=1e6, help="The longest that the gradient of all parameters together may be; longer ones are cut."
    )
    initializer: Annotated[Initializer, *kind_form(INITIALIZERS)] = hyper(
        HeNormal(), help="How the first kernels are drawn: He for ReLU, Xavier for Tanh and Sigmoid, LeCun for SELU."
    )
    preprocessing: Annotated[tuple[Preprocessing, ...], *kinds_form(PREPROCESSING)] = hyper(
        (), help="What is done to all samples before they reach the network; learned from the training part only."
    )
    augmentation: Annotated[tuple[Augmentation, ...], *kinds_form(AUGMENTATION)] = hyper(
        (), help="What happens to training samples by chance, before preprocessing, in every epoch anew."
    )


@dataclass(frozen=True, slots=True)
class UnreadableOptimizer:
    """An optimiser that this version does not know or whose settings it refuses, kept word for word."""

    kind: str
    config: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Training:
    """A document's training settings, with what could not be read kept beside them.

    Attributes
    ----------
    settings : TrainingSettings
        Unreadable values stand at their defaults here.
    optimizer : Optimizer or UnreadableOptimizer
    unread : mapping
        Keys of the file's `training` that are unknown or whose values were refused, word for word.
    optimizer_unread : mapping
        The same for the file's `training.optimizer`.
    """

    settings: TrainingSettings = TrainingSettings()
    optimizer: Optimizer | UnreadableOptimizer = Adam()
    unread: Mapping[str, Any] = field(default_factory=dict)
    optimizer_unread: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the form that stands in the file; defaults are left out."""
        config = self.settings.config()
        optimizer = self.optimizer_as_json()
        config |= {"optimizer": optimizer} if optimizer != {"kind": "Adam"} else {}
        return config | dict(self.unread)

    def optimizer_as_json(self) -> dict[str, Any]:
        """Return the form of the optimiser that stands in the file."""
        if isinstance(self.optimizer, UnreadableOptimizer):
            return {"kind": self.optimizer.kind, **self.optimizer.config}
        return {"kind": type(self.optimizer).__name__, **self.optimizer.config(), **self.optimizer_unread}


def read_training(raw: Mapping[str, Any]) -> Training:
    """Read the file's `training`; whatever can't be read is kept beside the defaults."""
    wrong = {misread.field for misread in TrainingSettings.misreadings(raw)}
    unread = {
        key: raw[key]
        for key in raw
        if key in wrong or (key not in TrainingSettings.model_fields and key != "optimizer")
    }
    settings = TrainingSettings.read({key: value for key, value in raw.items() if key not in wrong})
    named = raw.get("optimizer", {"kind": "Adam"})
    if not isinstance(named, Mapping) or not isinstance(named.get("kind"), str):
        return Training(settings, Adam(), unread | {"optimizer": named})
    config = {key: value for key, value in named.items() if key != "kind"}
    optimizer, optimizer_unread = make_optimizer(named["kind"], config)
    return Training(settings, optimizer, unread, optimizer_unread)


def make_optimizer(kind: str, config: Mapping[str, Any]) -> tuple[Optimizer | UnreadableOptimizer, dict[str, Any]]:
    """Make an optimiser from its name and settings; also return the settings that it doesn't know."""
    cls = OPTIMIZERS.get(kind)
    if cls is None:
        return UnreadableOptimizer(kind, dict(config)), {}
    try:
        optimizer = cls.read(config)
    except ValidationError:
        return UnreadableOptimizer(kind, dict(config)), {}
    return optimizer, {key: config[key] for key in cls.unknown_settings(config)}
