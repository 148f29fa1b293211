"""The JSON Schema of documents, derived from the declarations."""

from __future__ import annotations

import json
from typing import Any, get_args

from core.declare import Declared, Setting
from core.graph.names import SCHEMA_PATTERN
from core.graph.training import TrainingSettings
from core.graph.values import BLOCK_KIND, OWN_INITIALIZER, BlockUse, LayoutDirection
from core.io.writing import FORMAT, VERSION
from core.layers import KINDS
from core.learning.optimizers import OPTIMIZERS

_NAMES = {"type": "array", "items": {"type": "string"}}
_TEXT = {"type": "string"}
_ID = {"type": "string", "pattern": SCHEMA_PATTERN}


def document_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that a document's file follows if it is well formed.

    Unknown kinds and keys are allowed, as the format keeps them.
    """
    layer = {
        "type": "object",
        "required": ["id", "kind"],
        "properties": {
            "id": _ID,
            "kind": {"type": "string"},
            "inputs": _NAMES,
            "config": {"type": "object"},
            "trainable": {"type": "boolean", "default": True},
            "initializer": _kind_setting(OWN_INITIALIZER),
        },
        "allOf": [*(_when_kind(kind, KINDS[kind]) for kind in KINDS), _when_kind(BLOCK_KIND, BlockUse)],
    }
    layers = {"type": "array", "items": {"$ref": "#/$defs/layer"}}
    block = {
        "type": "object",
        "required": ["inputs", "layers", "outputs"],
        "properties": {"inputs": _NAMES, "layers": layers, "outputs": _NAMES},
    }
    position = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    note = {
        "type": "object",
        "required": ["at", "size"],
        "properties": {"at": position, "size": position} | dict.fromkeys(("text", "color", "block"), _TEXT),
    }
    notes = {"type": "array", "items": note}
    layout = {
        "type": "object",
        "properties": {
            "positions": {"type": "object", "additionalProperties": position},
            "routes": {"type": "object", "additionalProperties": {"type": "array", "items": position}},
            "frames": notes,
            "cards": notes,
            "direction": {"enum": list(get_args(LayoutDirection))},
        },
    }
    optimizer = {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(OPTIMIZERS)}},
        "allOf": [_when_named(kind, declared) for kind, declared in OPTIMIZERS.items()],
    }
    training = _settings(TrainingSettings)
    training["properties"]["optimizer"] = optimizer
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Convograph document",
        "type": "object",
        "required": ["format", "version", "layers"],
        "properties": {
            "format": {"const": FORMAT},
            "version": {"const": VERSION},
            "name": {"type": "string"},
            "notes": {"type": "string"},
            "layers": layers,
            "outputs": _NAMES,
            "blocks": {"type": "object", "additionalProperties": {"$ref": "#/$defs/block"}},
            "layout": layout,
            "training": training,
        },
        "$defs": {"layer": layer, "block": block},
    }


def schema_text() -> str:
    """Write the schema as it stands in `resources/schema`."""
    return json.dumps(document_schema(), indent=2, ensure_ascii=False) + "\n"


def _settings(declared: type[Declared]) -> dict[str, Any]:
    schema = declared.model_json_schema()
    properties = {name: {k: v for k, v in part.items() if k != "title"} for name, part in schema["properties"].items()}
    properties |= {name: _kind_setting(s) for name, s in declared.settings().items() if s.kinds}
    required = {"required": schema["required"]} if "required" in schema else {}
    return {"type": "object", "description": declared.summary(), "properties": properties, **required}


def _kind_setting(setting: Setting) -> dict[str, Any]:
    """Describe a setting whose value is a kind, or a list of them."""
    if len(setting.kinds) == 1:  # then nobody needs to name it
        (declared,) = setting.kinds.values()
        nothing = [{"type": "null"}] if setting.optional else []
        return {"description": setting.help, "default": setting.default, "anyOf": [_settings(declared), *nothing]}
    written = {
        "anyOf": [
            {"enum": list(setting.kinds)},
            {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"enum": list(setting.kinds)}},
                "allOf": [_when_named(kind, declared) for kind, declared in setting.kinds.items()],
            },
            *([{"type": "null"}] if setting.optional else []),
        ]
    }
    schema = {"type": "array", "items": written} if setting.type == "kinds" else written
    return {"description": setting.help, "default": setting.default, **schema}


def _when_kind(kind: str, declared: type[Declared]) -> dict[str, Any]:
    if not declared.model_fields:
        return {"if": _is(kind), "then": {"description": declared.summary()}}
    required = {"required": ["config"]} if any(s.required for s in declared.settings().values()) else {}
    return {"if": _is(kind), "then": {"properties": {"config": _settings(declared)}, **required}}


def _when_named(kind: str, declared: type[Declared]) -> dict[str, Any]:
    return {"if": _is(kind), "then": {"properties": _settings(declared)["properties"]}}


def _is(kind: str) -> dict[str, Any]:
    return {"properties": {"kind": {"const": kind}}}
