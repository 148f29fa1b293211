"""What is wrong with settings as they stand in the file: refused values, unknown kinds and keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from core.declare import Declared, Misread
from core.graph.flatten import used_blocks
from core.graph.training import Training, TrainingSettings, UnreadableOptimizer
from core.graph.values import Document, Layer, Unreadable, spec_class
from core.layers import KINDS
from core.learning.optimizers import OPTIMIZERS
from core.problems import (
    Connect,
    Edit,
    Fix,
    Problem,
    Remove,
    Replace,
    SetConfig,
    SetOutputs,
    SetTrainable,
    SetTraining,
    Unset,
    key_path,
)
from core.text import excerpt, listing, nearest_name, setting_text

_LAYER_KEYS = ("id", "kind", "inputs", "config", "trainable")
_BLOCK_KEYS = ("inputs", "layers", "outputs")
_TOP_KEYS = {
    "name": "a text",
    "notes": "a text",
    "layers": "a list of layers",
    "outputs": "a list of layer names",
    "blocks": "an object of blocks by name",
    "layout": "an object",
    "training": "an object of settings",
}
_NOTE = 'an object with "at": [x, y] and "size": [width, height] in pixels, and texts'
_LAYOUT_KEYS = {
    "positions": ("an object of positions by layer", "[x, y] in pixels", "The layer is placed anew."),
    "routes": ("an object of ways by wire", "a list of points [x, y] in pixels", "The wire runs by itself."),
    "frames": ("a list of notes", _NOTE, "It is kept as it is and not drawn."),
    "cards": ("a list of notes", _NOTE, "It is kept as it is and not drawn."),
    "direction": ('"right" or "down"', "", ""),
}
"""What each part of the layout must be, what each of its entries must be, and what comes of an entry that is not."""
_BY_NAME = {"positions": "the position of", "routes": "the way of"}
"""What the entries of those parts are that have names."""


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
    problems += (_unread(layer, key, value) for key, value in layer.unread.items() if key != "id")
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
            fixes=_value_fixes(misread, lambda key, value: SetConfig(layer.id, {key: value}))
            or (Fix("Use the default", (Unset(layer.id, (misread.field,)),)),),
        )
    yield from _unknown_settings(layer, tuple(known.settings()))


def _value_fixes(misread: Misread, edit: Callable[[str, Any], Edit]) -> tuple[Fix, ...]:
    if misread.cure is None:
        return ()
    value = list(misread.cure) if isinstance(misread.cure, tuple) else misread.cure
    label = f"Set {misread.field.replace('_', ' ')} to {setting_text(misread.cure)}"
    return (Fix(label, (edit(misread.field, value),)),)


def _unknown_settings(layer: Layer, known: Sequence[str]) -> Iterator[Problem]:
    config = layer.config
    for key in (key for key in config if key not in known):
        meant = _meant(key, known, config)
        fixes = [Fix("Remove it", (Unset(layer.id, (key,)),))]
        if meant:
            edits = (Unset(layer.id, (key,)), SetConfig(layer.id, {meant: config[key]}))
            fixes.insert(0, Fix(f"Rename it to {meant}", edits))
        has = f"{layer.kind} has {listing(known)}" if known else f"{layer.kind} has no settings"
        yield Problem(
            "SETTING-UNKNOWN",
            severity="advice",
            what=f"{layer.id}: unknown setting {key}; {f'did you mean {meant}?' if meant else f'{has}.'}",
            why=_kept(key, known),
            layer=layer.id,
            field=key,
            path=key_path(".config", key),
            fixes=tuple(fixes),
        )


def _meant(key: str, known: Iterable[str], given: Mapping[str, Any]) -> str | None:
    """Find the setting that is not given yet and was probably meant by an unknown key."""
    return nearest_name(key, [name for name in known if name not in given])


def _kept(key: str, known: Iterable[str]) -> str:
    """Say what happens with an unknown key; `filters~2` is what opening a file makes of a second `filters`."""
    name, _, number = key.rpartition("~")
    if name in known and number.isdigit():
        return f"The file gives {name} more than once. The last one counts; this one is kept and has no effect."
    return "It is kept in the file and has no effect."


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
            why=_kept(key, _LAYER_KEYS),
            layer=layer.id,
            path=path,
            fixes=(Fix("Remove it", (Unset(layer.id, (key,)),)),),
        )
    wanted = {
        "kind": "the name of a kind",
        "inputs": "a list of layer names",
        "config": "an object of settings",
        "trainable": "true or false",
    }[key]
    forget = Unset(layer.id, (key,))
    fixes: tuple[Fix, ...] = (Fix("Remove the layer", (Remove(layer.id),)),)
    if key == "config":
        found = spec_class(layer.kind)
        start = {} if found is None else found.start_config()
        fixes = (Fix("Begin with new settings", (forget, *([SetConfig(layer.id, start)] if start else []))), *fixes)
    elif key == "inputs":
        named = (Fix(f"Connect {value} to it", (forget, Connect(value, layer.id))),) if isinstance(value, str) else ()
        fixes = (*named, Fix("Leave it unconnected", (forget,)))
    elif key == "trainable":
        fixes = (Fix("Let it learn", (SetTrainable(layer.id, True),)),)
    return Problem(
        "KEY-VALUE",
        what=f"{layer.id}: {key} must be {wanted}, but is {excerpt(value)}.",
        why="It cannot be read as it stands; the file keeps it until it is changed.",
        layer=layer.id,
        field=key,
        path=path,
        fixes=fixes,
    )


def document_problems(document: Document) -> list[Problem]:
    """Say what could not be read outside the layers."""
    problems = [_top_level(key, value) for key, value in document.unread.items()]
    training = document.training
    used = used_blocks(document.graph)
    for name, block in document.graph.blocks.items():
        unread = [_block_key(name, key, value) for key, value in block.unread.items()]
        unread += (_no_block(name, value) for value in block.instead)
        problems += (p if name in used or p.severity == "note" else replace(p, severity="advice") for p in unread)
    problems += _layout_problems(document.layout.unread)
    problems += _training_problems(training)
    if isinstance(training.optimizer, UnreadableOptimizer) or training.optimizer_unread:
        problems += _optimizer_problems(training)
    return problems


def _top_level(key: str, value: Any) -> Problem:
    if key not in _TOP_KEYS:
        return Problem(
            "KEY-UNKNOWN",
            severity="advice" if key.partition("~")[0] in _TOP_KEYS else "note",
            what=f"Unknown key {excerpt(key)}.",
            why=_kept(key, _TOP_KEYS),
            path=key_path("$", key),
        )
    fixes = (Fix("Use all that nothing consumes", (SetOutputs(None),)),) if key == "outputs" else ()
    return Problem(
        "KEY-VALUE",
        severity="error" if key in ("outputs", "blocks") else "advice",
        what=f"{key} must be {_TOP_KEYS[key]}, but is {excerpt(value)}.",
        why="It is kept as it is and has no effect.",
        field=key,
        path=f"$.{key}",
        fixes=fixes,
    )


def _layout_problems(unread: Mapping[str, Any]) -> Iterator[Problem]:
    """Say what of the layout is not drawn as the file has it."""
    for key, (wanted, each, instead) in _LAYOUT_KEYS.items():
        if key not in unread:
            continue
        refused, path = unread[key], f"$.layout.{key}"
        if isinstance(refused, Mapping) and key in _BY_NAME:
            for name, entry in refused.items():
                what = f"{_BY_NAME[key]} {name} must be {each}, but is {excerpt(entry)}"
                yield _not_drawn(what, instead, key_path(path, name))
        elif isinstance(refused, list) and each and key not in _BY_NAME:
            first = excerpt(refused[0])
            one, several = f"an entry of {key} must be", f"{len(refused)} entries of {key} must each be"
            what = (
                f"{one} {each}, but is {first}" if len(refused) == 1 else f"{several} {each}, but the first is {first}"
            )
            yield _not_drawn(what, instead, path)
        else:
            what = f"{key} must be {wanted}, but is {excerpt(refused)}"
            yield _not_drawn(what, "It is kept as it is and has no effect.", path)


def _not_drawn(what: str, why: str, path: str) -> Problem:
    return Problem("KEY-VALUE", f"Layout: {what}.", why, "advice", path=path)


def _block_key(name: str, key: str, value: Any) -> Problem:
    path = key_path(key_path("$.blocks", name), key)
    if key not in _BLOCK_KEYS:
        what = f"Block {name}: unknown key {excerpt(key)}."
        return Problem("KEY-UNKNOWN", what, _kept(key, _BLOCK_KEYS), severity="note", path=path)
    wanted = "a list of layers" if key == "layers" else "a list of names"
    what = f"Block {name}: {key} must be {wanted}, but is {excerpt(value)}."
    return Problem("KEY-VALUE", what, "It is kept as it is and has no effect.", path=path)


def _no_block(name: str, value: Any) -> Problem:
    what = f"Block {name}: it must be an object with inputs, layers and outputs, but is {excerpt(value)}."
    return Problem("KEY-VALUE", what, "It is kept as it is and has no effect.", path=key_path("$.blocks", name))


def _training_problems(training: Training) -> Iterator[Problem]:
    unread, known = training.unread, TrainingSettings.settings()
    misreadings = {misread.field: misread for misread in TrainingSettings.misreadings(unread)}
    for key, value in unread.items():
        if key in misreadings:
            misread = misreadings[key]
            fixes = _value_fixes(misread, lambda key, value: SetTraining({key: value}))
            yield _refused_training(f"{misread.what}.", f"$.training.{key}", key, fixes)
        elif key == "optimizer":
            what = f"optimizer must be an object with a kind, but is {excerpt(value)}."
            fix = Fix("Use Adam", (SetTraining({"optimizer": {"kind": "Adam"}}),))
            yield _refused_training(what, "$.training.optimizer", key, (fix,))
        else:
            yield _ignored(key, known, training.as_json(), "$.training", SetTraining)


def _optimizer_problems(training: Training) -> Iterator[Problem]:
    whole = training.optimizer_as_json()
    found = OPTIMIZERS.get(whole["kind"])
    if found is None:
        what = f"optimizer must be {listing(OPTIMIZERS, 'or')}, but is {excerpt(whole['kind'])}."
        meant = nearest_name(whole["kind"], OPTIMIZERS) or next(iter(OPTIMIZERS))
        fix = Fix(f"Use {meant}", (SetTraining({"optimizer": {"kind": meant}}),))
        yield _refused_training(what, "$.training.optimizer.kind", "optimizer", (fix,))
        return

    def edit(changes: Mapping[str, Any]) -> Edit:
        changed = whole | dict(changes)
        return SetTraining({"optimizer": {key: value for key, value in changed.items() if value is not None}})

    for misread in found.misreadings(whole):
        fixes = _value_fixes(misread, lambda key, value: edit({key: value}))
        path = f"$.training.optimizer.{misread.field}"
        yield _refused_training(f"{misread.what}.", path, misread.field, fixes)
    for key in found.unknown_settings(whole):
        if key != "kind":
            yield _ignored(key, found.settings(), whole, "$.training.optimizer", edit)


def _refused_training(what: str, path: str, field: str, fixes: tuple[Fix, ...]) -> Problem:
    why = "The value is kept as it is; training needs one that it understands."
    return Problem("TRAINING-VALUE", what=f"Training: {what}", why=why, field=field, path=path, fixes=fixes)


def _ignored(
    key: str,
    known: Iterable[str],
    given: Mapping[str, Any],
    path: str,
    edit: Callable[[Mapping[str, Any]], Edit],
) -> Problem:
    meant = _meant(key, known, given)
    fixes = [Fix("Remove it", (edit({key: None}),))]
    if meant:
        fixes.insert(0, Fix(f"Rename it to {meant}", (edit({key: None, meant: given[key]}),)))
    return Problem(
        "TRAINING-UNKNOWN",
        severity="advice",
        what=f"Training: unknown setting {key}{f'; did you mean {meant}?' if meant else '.'}",
        why=_kept(key, known),
        field=key,
        path=key_path(path, key),
        fixes=tuple(fixes),
    )
