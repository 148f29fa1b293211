"""What is searched: settings of a document, each with a range, and how drawn values are put into the document."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.analysis.check import check
from core.declare import Declared, Setting
from core.errors import EditError, SearchError
from core.graph.edits import set_config, set_optimizer, set_training
from core.graph.training import TrainingSettings
from core.graph.values import Document
from core.io.failures import reason, shown
from core.io.regular_files import open_file
from core.learning.optimizers import OPTIMIZERS, Optimizer
from core.search.ranges import Choice, Range, read_range
from core.text import excerpt, listing, nearest_name, setting_text

MOST_BYTES = 1 << 20
TRAINING, OPTIMIZER, LAYERS = "training.", "training.optimizer.", "layers."
FIXED = ("dataset", "epochs", "validation_split")
"""Settings that decide what a trial's accuracy means, and how long it takes: they are not searched."""


@dataclass(frozen=True, slots=True)
class Space:
    """Ranges by the paths of their settings, such as "training.optimizer.learning_rate" or "layers.conv1.filters"."""

    ranges: Mapping[str, Range]

    def draw(self, rng: np.random.Generator) -> dict[str, Any]:
        """Draw a value for each setting."""
        return {path: range.draw(rng) for path, range in self.ranges.items()}

    def around(self, best: Sequence[Mapping[str, Any]]) -> Space:
        """Return the part of the space in which the best values lie, and a little more."""
        return Space({path: range.around([values[path] for values in best]) for path, range in self.ranges.items()})

    def as_json(self) -> dict[str, Any]:
        """Return the form that stands in a space's file."""
        return {path: range.as_json() for path, range in self.ranges.items()}


def read_space(raw: object, document: Document) -> Space:
    """Read a space for a document, and try the ends of its ranges.

    Raises
    ------
    SearchError
        If a path means no setting of the document, a range is none, or its values are not accepted there.

    Examples
    --------
    >>> from core.io.templates import load_template
    >>> space = read_space({"training.optimizer.learning_rate": {"log": [1e-4, 1]}}, load_template("lenet5"))
    >>> space.draw(np.random.default_rng(0))
    {'training.optimizer.learning_rate': 0.03531}
    """
    if not isinstance(raw, Mapping) or not raw:
        raise SearchError(
            "A space is an object that names settings and their ranges, such as "
            '{"training.optimizer.learning_rate": {"log": [0.0001, 1]}}.'
        )
    settings = {path: _setting(path, document) for path in raw}
    ranges = {
        path: read_range(path, part, whole=(setting := settings[path]) is not None and setting.type == "whole")
        for path, part in raw.items()
    }
    for path, range in ranges.items():
        for value in range.ends():
            _try(document, path, value, ranges)
    return Space(ranges)


def load_space(path: Path, document: Document) -> Space:
    """Read a space from a JSON file.

    Raises
    ------
    SearchError
    """
    try:
        with open_file(path) as file:
            text = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SearchError(f"{shown(path)} cannot be read: {reason(error)}.") from error
    if len(text) > MOST_BYTES:
        raise SearchError(f"{shown(path)} is larger than a space can be. Give the JSON file that names the ranges.")
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SearchError(f"{shown(path)} is not JSON: {error}.") from error
    return read_space(raw, document)


def with_values(document: Document, values: Mapping[str, Any]) -> Document:
    """Return a document with drawn values in it.

    Raises
    ------
    EditError
        If it has no such layer.
    """
    for path in sorted(values, key=lambda path: path.count(".")):  # the optimiser itself before its settings
        value = values[path]
        if path == "training.optimizer":
            kind, config = (value["kind"], value) if isinstance(value, Mapping) else (value, {})
            document = set_optimizer(document, kind, {key: part for key, part in config.items() if key != "kind"})
        elif path.startswith(OPTIMIZER):
            kind = document.training.optimizer_as_json()["kind"]
            document = set_optimizer(document, kind, {path.removeprefix(OPTIMIZER): value})
        elif path.startswith(TRAINING):
            document = set_training(document, {path.removeprefix(TRAINING): value})
        else:
            layer, _, setting = path.removeprefix(LAYERS).rpartition(".")
            document = set_config(document, layer, {setting: value})
    return document


def current_values(document: Document, paths: Sequence[str]) -> dict[str, Any]:
    """Return what a document has where values are drawn."""
    values: dict[str, Any] = {}
    training = document.training
    for path in paths:
        if path == "training.optimizer":
            values[path] = training.optimizer_as_json()["kind"]
        elif path.startswith(OPTIMIZER):
            values[path] = getattr(training.optimizer, path.removeprefix(OPTIMIZER), None)
        elif path.startswith(TRAINING):
            values[path] = training.settings.config(whole=True).get(path.removeprefix(TRAINING))
        else:
            id, _, setting = path.removeprefix(LAYERS).rpartition(".")
            spec = next((layer.spec for layer in document.graph.layers if layer.id == id), None)
            values[path] = getattr(spec, setting, None)
    return values


def values_text(values: Mapping[str, Any]) -> str:
    """Write drawn values in few words.

    >>> values_text({"training.optimizer.learning_rate": 0.0251, "layers.conv1.filters": 16})
    'learning_rate 0.0251, conv1.filters 16'
    """
    return ", ".join(f"{short_name(path)} {setting_text(value)}" for path, value in values.items())


def short_name(path: str) -> str:
    """Return the end of a path that says enough: a setting's name, after its layer if it has one.

    >>> short_name("training.l2"), short_name("layers.stage1/conv1.filters")
    ('l2', 'stage1/conv1.filters')
    """
    return path.removeprefix("layers.") if path.startswith("layers.") else path.rpartition(".")[2]


def _setting(path: str, document: Document) -> Setting | None:
    """Find the setting that a path means; None for the optimiser itself, which is not a single value."""
    if path == "training.optimizer":
        return None
    if path.startswith(OPTIMIZER):
        name, optimizer = path.removeprefix(OPTIMIZER), document.training.optimizer
        own = type(optimizer) if isinstance(optimizer, Optimizer) else Optimizer
        owner: type[Declared] = next((kind for kind in (own, *OPTIMIZERS.values()) if _has(kind, name)), Declared)
        known = [f"{OPTIMIZER}{name}" for name in own.model_fields]
    elif path.startswith(TRAINING):
        owner, name = TrainingSettings, path.removeprefix(TRAINING)
        known = [f"{TRAINING}{name}" for name in TrainingSettings.model_fields if name not in FIXED]
        if name in FIXED:
            raise SearchError(f"{path} is not searched: accuracies could not be compared. Set it in the document.")
    elif path.startswith(LAYERS):
        id, _, name = path.removeprefix(LAYERS).rpartition(".")
        specs = {layer.id: layer.spec for layer in document.graph.layers}
        if id not in specs:
            meant = nearest_name(id, specs)
            raise SearchError(
                f"{path}: there is no layer {excerpt(id)}{f'; did you mean {meant}?' if meant else '.'} "
                f"The layers are {listing([*specs][:12])}."
            )
        spec = specs[id]
        owner = type(spec) if isinstance(spec, Declared) else Declared
        known = [f"{LAYERS}{id}.{name}" for name in owner.model_fields]
    else:
        owner, name, known = Declared, "", ["training.optimizer.learning_rate", "training.l2", "layers.conv1.filters"]
    if name in owner.model_fields:
        return owner.settings()[name]
    meant = nearest_name(path, known)
    raise SearchError(
        f"{path} is no setting{f'; did you mean {meant}?' if meant else '.'} "
        f"Name it as the file does, such as {listing(known[:4], 'or')}."
    )


def _try(document: Document, path: str, value: Any, ranges: Mapping[str, Range]) -> None:
    """Put one end of a range into the document; where it is not accepted there, say so before anything is trained."""
    try:
        others = {}
        if path.startswith(OPTIMIZER):
            kinds = ranges.get("training.optimizer")
            name = path.removeprefix(OPTIMIZER)
            if isinstance(kinds, Choice):  # of those that are drawn, one that has the setting
                having = [
                    kind for kind in kinds.values if name in getattr(OPTIMIZERS.get(str(kind)), "model_fields", ())
                ]
                others = {"training.optimizer": having[0]} if having else {}
        tried = with_values(document, others | {path: value})
    except (EditError, KeyError, TypeError) as error:
        raise SearchError(f"{path}: {excerpt(value)} can't be set: {error}") from error
    known = {problem.path for problem in check(document).errors}
    for problem in check(tried).errors:
        if problem.path not in known:
            raise SearchError(f"{path}: {excerpt(value)} won't do. {problem.what} {problem.why}".strip())


def _has(declared: object, name: str) -> bool:
    return name in getattr(declared, "model_fields", ())
