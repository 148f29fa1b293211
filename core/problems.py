"""What can be wrong or unwise in a document, and the edits that would cure it, as plain data."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

Severity: TypeAlias = Literal["error", "advice", "note"]

OWN = ""
"""Stands for "the layer that has this problem" where a kind, which does not know its layer's name, writes an edit."""


@dataclass(frozen=True, slots=True)
class SetConfig:
    """Give a layer's hyperparameters new values."""

    layer: str
    config: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the form that `check --json` prints."""
        return {"op": "set", "layer": self.layer, "config": dict(self.config)}


@dataclass(frozen=True, slots=True)
class Unset:
    """Drop settings of a layer; known ones go to their defaults."""

    layer: str
    names: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the form that `check --json` prints."""
        return {"op": "unset", "layer": self.layer, "names": list(self.names)}


@dataclass(frozen=True, slots=True)
class Insert:
    """Put a new layer between a layer and what feeds its port; `before=None` draws it alone."""

    kind: str
    config: Mapping[str, Any]
    before: str | None
    port: int = 0
    id: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the form that `check --json` prints."""
        named = {} if self.id is None else {"id": self.id}
        place = {"before": self.before, "port": self.port}
        return {"op": "insert", **named, "kind": self.kind, "config": dict(self.config), **place}


@dataclass(frozen=True, slots=True)
class Replace:
    """Turn a layer into one of another kind; its wires stay."""

    layer: str
    kind: str
    config: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the form that `check --json` prints."""
        return {"op": "replace", "layer": self.layer, "kind": self.kind, "config": dict(self.config)}


@dataclass(frozen=True, slots=True)
class Remove:
    """Take a layer out; a chain that it was part of closes."""

    layer: str

    def as_json(self) -> dict[str, Any]:
        """Return the form that `check --json` prints."""
        return {"op": "remove", "layer": self.layer}


@dataclass(frozen=True, slots=True)
class Connect:
    """Let a source feed a port; `source=None` takes the port away."""

    source: str | None
    layer: str
    port: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the form that `check --json` prints."""
        return {"op": "connect", "source": self.source, "layer": self.layer, "port": self.port}


@dataclass(frozen=True, slots=True)
class SetTrainable:
    """Freeze a layer's weights, or let them learn."""

    layer: str
    trainable: bool

    def as_json(self) -> dict[str, Any]:
        """Return the form that `check --json` prints."""
        return {"op": "trainable", "layer": self.layer, "trainable": self.trainable}


@dataclass(frozen=True, slots=True)
class SetInitializer:
    """Let a layer's kernel be drawn in a way of its own; None: as the training settings say."""

    layer: str
    initializer: Any

    def as_json(self) -> dict[str, Any]:
        """Return the form that `check --json` prints."""
        return {"op": "initializer", "layer": self.layer, "initializer": self.initializer}


@dataclass(frozen=True, slots=True)
class Rename:
    """Give a layer another name, wherever it is mentioned."""

    layer: str
    to: str

    def as_json(self) -> dict[str, Any]:
        """Return the form that `check --json` prints."""
        return {"op": "rename", "layer": self.layer, "to": self.to}


@dataclass(frozen=True, slots=True)
class SetOutputs:
    """Say which layers are the network's outputs; None means all that nothing consumes."""

    outputs: tuple[str, ...] | None

    def as_json(self) -> dict[str, Any]:
        """Return the form that `check --json` prints."""
        return {"op": "outputs", "outputs": None if self.outputs is None else list(self.outputs)}


@dataclass(frozen=True, slots=True)
class SetTraining:
    """Give training settings new values."""

    settings: Mapping[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return the form that `check --json` prints."""
        return {"op": "training", "settings": dict(self.settings)}


LayerEdit: TypeAlias = SetConfig | Unset | Replace | Remove | Connect | SetTrainable | SetInitializer | Rename
Edit: TypeAlias = LayerEdit | Insert | SetOutputs | SetTraining


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that cure a problem, under a label that fits on a button."""

    label: str
    edits: tuple[Edit, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the form that `check --json` prints."""
        return {"label": self.label, "edits": [edit.as_json() for edit in self.edits]}


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong (error), unwise (advice) or worth knowing (note).

    A layer kind writes it without its layer's name: `what` starts in the middle of a sentence, `{0}`, `{1}`, … stand
    for the names of its inputs, and edits say `OWN` for the layer. `check` fills in `layer`, `path` and the names.

    Attributes
    ----------
    spoils : {"all", "output"}
        What can't be known because of it: everything, or just the output's shape (the weights still can).
    """

    code: str
    what: str
    why: str = ""
    severity: Severity = "error"
    field: str | None = None
    fixes: tuple[Fix, ...] = ()
    layer: str | None = None
    path: str = "$"
    spoils: Literal["all", "output"] = "all"

    def as_json(self) -> dict[str, Any]:
        """Return the form that `check --json` prints."""
        return {
            "code": self.code,
            "severity": self.severity,
            "layer": self.layer,
            "field": self.field,
            "path": self.path,
            "what": self.what,
            "why": self.why,
            "fixes": [fix.as_json() for fix in self.fixes],
        }

    def located(self, layer: str, path: str, sources: tuple[str, ...] = ()) -> Problem:
        """Fill in the layer's name, its place in the file and the names of its sources."""
        fixes = tuple(
            Fix(fix.label.format(*sources), tuple(_owned(edit, layer) for edit in fix.edits)) for fix in self.fixes
        )
        what = f"{layer}: {self.what.format(*sources)}."
        place = key_path(f"{path}.config", self.field) if self.field is not None else path
        return replace(self, what=what, why=self.why.format(*sources), layer=layer, path=place, fixes=fixes)

    def placed(self, path: str) -> Problem:
        """Return the same problem at another place in the file."""
        return Problem(
            self.code, self.what, self.why, self.severity, self.field, self.fixes, self.layer, path, self.spoils
        )

    def offering(self, fixes: tuple[Fix, ...]) -> Problem:
        """Return the same problem with other fixes."""
        return Problem(
            self.code, self.what, self.why, self.severity, self.field, fixes, self.layer, self.path, self.spoils
        )


def key_path(path: str, key: str) -> str:
    """Go on to a key in a JSON path.

    >>> key_path("$.layers[4].config", "filters"), key_path("$.blocks", "my block")
    ('$.layers[4].config.filters', '$.blocks["my block"]')
    """
    return f"{path}.{key}" if _PLAIN_KEY.match(key) else f"{path}[{json.dumps(key)}]"


_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")


def set_fix(label: str, **config: Any) -> Fix:
    """Return the commonest fix: other values for the layer's own hyperparameters."""
    return Fix(label, (SetConfig(OWN, config),))


def _owned(edit: Edit, layer: str) -> Edit:
    match edit:
        case Insert(before=before):
            return replace(edit, before=layer) if before == OWN else edit
        case SetOutputs() | SetTraining():
            return edit
        case _:
            return replace(edit, layer=layer) if edit.layer == OWN else edit
