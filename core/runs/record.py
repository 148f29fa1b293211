"""What a run's folder says of it, `run.json`: what was trained on what, how far it came, and what was changed when."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, TypeAlias, cast

import numpy as np

from core.errors import DataError
from core.graph.training import Training, read_training
from core.graph.values import Document
from core.io.documents import loads
from core.io.failures import reason, shown
from core.io.regular_files import open_file
from core.io.writing import document_as_json, json_text
from core.limits import LARGEST_FILE
from core.text import bytes_text, excerpt
from core.training.messages import Adjusted
from core.training.run_on import Precision, RunOn
from core.version import __version__

FORMAT, VERSION = "convograph-run", 1
NAME = "run.json"
_LARGEST = 2 * LARGEST_FILE

Ending: TypeAlias = Literal["interrupted", "finished", "stopped", "diverged"]
ENDINGS: tuple[Ending, ...] = ("interrupted", "finished", "stopped", "diverged")


@dataclass(frozen=True, slots=True)
class RecordedAdjustment:
    """Settings that were changed after a step.

    Attributes
    ----------
    step : int
        Steps taken before.
    training : Training
        The settings from there.
    changes : mapping of str to (before, after)
        By the setting's name, as in the file of a document.
    """

    step: int
    training: Training
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, message: Adjusted) -> RecordedAdjustment:
        """Record what a training says that it took over."""
        changes = {change.name: (change.before, change.after) for change in message.adjustments}
        return cls(message.step, message.training, changes)

    def as_json(self) -> dict[str, Any]:
        """Return the form that stands in the file."""
        changes = {name: list(pair) for name, pair in self.changes.items()}
        return {"step": self.step, "changes": changes, "training": self.training.as_json()}


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """What is known of a run without reading an array.

    Attributes
    ----------
    document : Document
        As its training began; `trained` has the settings of the end.
    replicas : int
        With the seed they decide its bits.
    run_on : RunOn
        What it was trained on last.
    data : mapping
        `name`, `hash`, `n`, `training`, `validation`, `shape` and `classes` of its data set.
    versions : mapping of str to str
        Of Convograph, NumPy and Python.
    state : {"interrupted", "finished", "stopped", "diverged"}
        How it ended. A run is interrupted until it ends in another way, so that this is true however its process does.
    name : str
        What the user calls it; "" for none.
    after : str
        The number of the run that it went on from, or the name of the weights file; "" for new weights.
    epochs, step : int
        How many epochs are complete, and steps taken, as far as is written.
    best_epoch : int or None
        The epoch whose weights are in `best.npz`.
    best : mapping of str to float
        What was measured at its end.
    wall_seconds : float
        How long it was on.
    began : str
        When, in ISO 8601.
    host : str
        The computer that trained it last; "" where an earlier version didn't write it.
    notes : tuple of str
        What was said of it: of the data when it began, of how it ended.
    adjustments : tuple of RecordedAdjustment
        In order.
    """

    document: Document
    replicas: int = 1
    run_on: RunOn = RunOn()
    data: Mapping[str, Any] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    state: Ending = "interrupted"
    name: str = ""
    after: str = ""
    epochs: int = 0
    step: int = 0
    best_epoch: int | None = None
    best: Mapping[str, float] = field(default_factory=dict)
    wall_seconds: float = 0.0
    began: str = ""
    host: str = ""
    notes: tuple[str, ...] = ()
    adjustments: tuple[RecordedAdjustment, ...] = ()

    def training_at(self, step: int) -> Training:
        """Return the settings that its training had after so many steps, before what was changed right then."""
        before = [adjustment.training for adjustment in self.adjustments if adjustment.step < step]
        return before[-1] if before else self.document.training

    @property
    def trained(self) -> Document:
        """The document with the settings that its training had last."""
        if not self.adjustments:
            return self.document
        return replace(self.document, training=self.adjustments[-1].training)

    def as_json(self) -> dict[str, Any]:
        """Return the content of the file."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "name": self.name,
            "state": self.state,
            "began": self.began,
            "host": self.host,
            "after": self.after,
            "seed": self.document.training.settings.seed,
            "replicas": self.replicas,
            **asdict(self.run_on),
            "epochs": self.epochs,
            "step": self.step,
            "best_epoch": self.best_epoch,
            "best": dict(self.best),
            "wall_seconds": round(self.wall_seconds, 3),
            "data": dict(self.data),
            "versions": dict(self.versions),
            "notes": list(self.notes),
            "adjustments": [adjustment.as_json() for adjustment in self.adjustments],
            "document": document_as_json(self.document),
        }

    def as_bytes(self) -> bytes:
        """Return the file."""
        return json_text(self.as_json()).encode(errors="backslashreplace")


def versions() -> dict[str, str]:
    """Return the versions that decide the bits of a run."""
    return {"convograph": __version__, "numpy": np.__version__, "python": platform.python_version()}


def read_record(folder: Path) -> Record:
    """Read the record of a run.

    Raises
    ------
    DataError
        If it is missing, damaged, or of a newer version.
    """
    path = folder / NAME
    try:
        with open_file(path) as file:
            text = file.read(_LARGEST + 1)
        if len(text) > _LARGEST:
            raise DataError(f"{shown(path)} is larger than {bytes_text(_LARGEST)}, which no record of a run reaches.")
        raw = json.loads(text)
    except OSError as error:
        raise DataError(f"{shown(path)} cannot be read: {reason(error)}.") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{shown(path)} is damaged: it is not JSON.") from error
    if not isinstance(raw, dict) or raw.get("format") != FORMAT:
        raise DataError(f'{shown(path)} is not the record of a run: it would say "format": "{FORMAT}".')
    if raw.get("version") != VERSION:
        raise DataError(
            f"{shown(path)} is of version {excerpt(raw.get('version'))}; this Convograph reads version {VERSION}. "
            "Update Convograph to open it."
        )
    return _record(path, raw)


def _record(path: Path, raw: Mapping[str, Any]) -> Record:
    def of(key: str, kind: type | tuple[type, ...], default: Any) -> Any:
        value = raw.get(key, default)
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise DataError(f'{shown(path)} is damaged: "{key}" is {excerpt(value)}.')
        return value

    state = of("state", str, "interrupted")
    if state not in ENDINGS:
        raise DataError(f'{shown(path)} is damaged: "state" is {excerpt(state)}, not one of {", ".join(ENDINGS)}.')
    numbers = {key: of(key, int, 0) for key in ("epochs", "step")} | {"replicas": of("replicas", int, 1)}
    if min(numbers.values()) < 0 or not 1 <= numbers["replicas"] <= 64:
        raise DataError(f"{shown(path)} is damaged: it counts {excerpt(numbers)}.")
    usual = RunOn()
    run_on = RunOn(
        of("engine", str, usual.engine),
        of("device", str, usual.device),
        cast(Precision, of("precision", str, usual.precision)),
        of("world_size", int, usual.world_size),
    )
    return Record(
        run_on=run_on,
        document=loads(json.dumps(of("document", dict, None)), f"The document in {shown(path)}"),
        data=of("data", dict, {}),
        versions={key: str(value) for key, value in of("versions", dict, {}).items()},
        state=cast(Ending, state),
        name=of("name", str, ""),
        after=of("after", str, ""),
        best_epoch=of("best_epoch", (int, type(None)), None),
        best={name: value for name, value in of("best", dict, {}).items() if isinstance(value, float)},
        wall_seconds=of("wall_seconds", (int, float), 0.0),
        began=of("began", str, ""),
        host=of("host", str, ""),
        notes=tuple(map(str, of("notes", list, []))),
        adjustments=tuple(_adjustment(path, entry) for entry in of("adjustments", list, [])),
        **numbers,
    )


def _adjustment(path: Path, raw: Any) -> RecordedAdjustment:
    match raw:
        case {"step": int(step), "training": dict(training), "changes": dict(changes)} if step >= 0:
            pairs = {str(name): tuple(pair) for name, pair in changes.items() if isinstance(pair, list)}
            if all(len(pair) == 2 for pair in pairs.values()):
                return RecordedAdjustment(step, read_training(training), cast("dict[str, tuple[Any, Any]]", pairs))
    raise DataError(f'{shown(path)} is damaged: among "adjustments" is {excerpt(raw)}.')
