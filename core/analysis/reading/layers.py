"""What could not be read of a layer: its kind, its settings, its keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from core.analysis.abridging import first_of
from core.analysis.reading.keys import setting_meant, value_fixes, what_becomes_of
from core.declare import Declared
from core.graph.values import OWN_INITIALIZER, Layer, Unreadable, spec_class
from core.layers import KINDS
from core.learning.initializers import INITIALIZERS
from core.problems import (
    Connect,
    Fix,
    Problem,
    Remove,
    Replace,
    SetConfig,
    SetInitializer,
    SetTrainable,
    Unset,
    key_path,
)
from core.text import excerpt, listing, nearest_name

_LAYER_KEYS = ("id", "kind", "inputs", "config", "trainable", "initializer")


def spec_problems(layer: Layer) -> tuple[Problem, ...]:
    """Say what could not be read of a layer; paths begin at the layer's place in the file."""
    if not (layer.extra or layer.unread or isinstance(layer.spec, Unreadable)):
        return ()
    problems: list[Problem] = []
    if isinstance(layer.spec, Unreadable):
        known = spec_class(layer.spec.kind)
        if known is not None:
            problems += _refused(layer, known)
        elif layer.instead:
            problems.append(_no_entry(layer))
        elif "kind" not in layer.unread:
            problems.append(_unknown_kind(layer))
    elif layer.extra:
        problems += _unknown_settings(layer, tuple(type(layer.spec).settings()))
    known_keys: list[str] = []
    others: list[str] = []
    for key in layer.unread:
        (known_keys if key in _LAYER_KEYS else others).append(key)
    problems += (_unread(layer, key, layer.unread[key]) for key in known_keys if key != "id")
    problems += first_of(others, lambda key: _unread(layer, key, layer.unread[key]))
    return tuple(problems)


def _unknown_kind(layer: Layer) -> Problem:
    if not layer.kind:
        what, why = (
            f"{layer.id}: nothing says of what kind it is.",
            "Every layer has a kind, which says what it computes.",
        )
        remove = Fix("Remove the layer", (Remove(layer.id),))
        return Problem("KIND-MISSING", what, why, layer=layer.id, path=".kind", fixes=(remove,))
    meant = nearest_name(layer.kind, KINDS)
    fixes = [Fix(f"Make it {meant}", (Replace(layer.id, meant, {}),))] if meant else []
    fixes.append(Fix("Remove the layer", (Remove(layer.id),)))
    return Problem(
        "KIND-UNKNOWN",
        what=f"{layer.id}: this version knows no kind called {excerpt(layer.kind)}.",
        why=f"Did you mean {meant}?" if meant else "A newer version may know it; it is kept word for word.",
        layer=layer.id,
        path=".kind",
        fixes=tuple(fixes),
    )


def _refused(layer: Layer, known: type[Declared]) -> Iterator[Problem]:
    config = layer.config
    if "config" in layer.unread:
        return  # that it is no object says it all
    for misread in known.misreadings(config):
        yield Problem(
            "SETTING-MISSING" if misread.missing else "SETTING-VALUE",
            what=f"{layer.id}: {misread.what}.",
            why="Until it is set, nothing more can be said of the layer."
            if misread.missing
            else "The file keeps it as it is; until it is corrected, nothing more can be said of the layer.",
            layer=layer.id,
            field=misread.field,
            path=f".config.{misread.field}",
            fixes=value_fixes(misread, lambda key, value: SetConfig(layer.id, {key: value}))
            or (Fix("Use the default", (Unset(layer.id, (misread.field,)),)),),
        )
    yield from _unknown_settings(layer, tuple(known.settings()))


def _unknown_settings(layer: Layer, known: Sequence[str]) -> Iterator[Problem]:
    config = layer.config

    def unknown(key: str) -> Problem:
        meant = setting_meant(key, known, config)
        fixes = [Fix("Remove it", (Unset(layer.id, (key,)),))]
        if meant:
            edits = (Unset(layer.id, (key,)), SetConfig(layer.id, {meant: config[key]}))
            fixes.insert(0, Fix(f"Rename it to {meant}", edits))
        has = f"{layer.kind} has {listing(known)}" if known else f"{layer.kind} has no settings"
        return Problem(
            "SETTING-UNKNOWN",
            severity="advice",
            what=f"{layer.id}: unknown setting {key}; {f'did you mean {meant}?' if meant else f'{has}.'}",
            why=what_becomes_of(key, known),
            layer=layer.id,
            field=key,
            path=key_path(".config", key),
            fixes=tuple(fixes),
        )

    yield from first_of((key for key in config if key not in known), unknown)


def _no_entry(layer: Layer) -> Problem:
    return Problem(
        "KEY-VALUE",
        what=f"{layer.id}: a layer must be an object with an id and a kind, but is {excerpt(layer.instead[0])}.",
        why="It is kept as it is until it is removed.",
        layer=layer.id,
        fixes=(Fix("Remove it", (Remove(layer.id),)),),
        path="",
    )


def _unread(layer: Layer, key: str, value: Any) -> Problem:
    path = key_path("", key)
    if key not in _LAYER_KEYS:
        return Problem(
            "KEY-UNKNOWN",
            severity="advice",
            what=f"{layer.id}: unknown key {excerpt(key)}.",
            why=what_becomes_of(key, _LAYER_KEYS),
            layer=layer.id,
            path=path,
            fixes=(Fix("Remove it", (Unset(layer.id, (key,)),)),),
        )
    wanted = {
        "kind": "the name of a kind",
        "inputs": "a list of layer names",
        "config": "an object of settings",
        "trainable": "true or false",
        "initializer": "the name of an initializer, or an object with its kind and settings",
    }[key]
    forget = Unset(layer.id, (key,))
    fixes: tuple[Fix, ...] = (Fix("Remove the layer", (Remove(layer.id),)),)
    if key == "config":
        known = spec_class(layer.kind)
        start = {} if known is None else known.start_config()
        fixes = (Fix("Begin with new settings", (forget, *([SetConfig(layer.id, start)] if start else []))), *fixes)
    elif key == "inputs":
        named = (Fix(f"Connect {value} to it", (forget, Connect(value, layer.id))),) if isinstance(value, str) else ()
        fixes = (*named, Fix("Leave it unconnected", (forget,)))
    elif key == "trainable":
        fixes = (Fix("Let it learn", (SetTrainable(layer.id, True),)),)
    what = f"{key} must be {wanted}, but is {excerpt(value)}"
    if key == "initializer":
        fault = OWN_INITIALIZER.fault(value) if OWN_INITIALIZER.fault is not None else None
        what = f"initializer: {fault}" if fault else what
        fixes = (Fix("Begin as the other layers do", (SetInitializer(layer.id, None),)),)
        meant = nearest_name(value, INITIALIZERS) if isinstance(value, str) else None
        if meant:
            fixes = (Fix(f"Begin with {meant}", (SetInitializer(layer.id, meant),)), *fixes)
    return Problem(
        "KEY-VALUE",
        what=f"{layer.id}: {what}.",
        why="It cannot be read as it stands; the file keeps it until it is changed.",
        layer=layer.id,
        field=key,
        path=path,
        fixes=fixes,
    )
