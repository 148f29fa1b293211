"""What could not be read of the training settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from core.analysis.abridging import first_of
from core.analysis.reading.keys import setting_meant, value_fixes, what_becomes_of
from core.graph.training import Training, TrainingSettings, UnreadableOptimizer
from core.learning.optimizers import OPTIMIZERS
from core.limits import MOST_EDITS
from core.problems import Edit, Fix, Problem, SetTraining, key_path
from core.text import excerpt, listing, nearest_name


def training_problems(training: Training) -> Iterator[Problem]:
    """Say what could not be read of the training settings."""
    yield from _setting_problems(training)
    if isinstance(training.optimizer, UnreadableOptimizer) or training.optimizer_unread:
        yield from _optimizer_problems(training)


def _setting_problems(training: Training) -> Iterator[Problem]:
    unread, known = training.unread, TrainingSettings.settings()
    misreadings = {misread.field: misread for misread in TrainingSettings.misreadings(unread)}
    for key, value in unread.items():
        if key in misreadings:
            misread = misreadings[key]
            fixes = value_fixes(misread, lambda key, value: SetTraining({key: value}))
            yield _refused_training(f"{misread.what}.", f"$.training.{key}", key, fixes)
        elif key == "optimizer":
            what = f"optimizer must be an object with a kind, but is {excerpt(value)}."
            fix = Fix("Use Adam", (SetTraining({"optimizer": {"kind": "Adam"}}),))
            yield _refused_training(what, "$.training.optimizer", key, (fix,))
    given = training.as_json()
    ignored = (key for key in unread if key not in misreadings and key != "optimizer")
    yield from first_of(ignored, lambda key: _ignored(key, known, given, "$.training", SetTraining))


def _optimizer_problems(training: Training) -> Iterator[Problem]:
    whole = training.optimizer_as_json()
    kind = OPTIMIZERS.get(whole["kind"])
    if kind is None:
        what = f"optimizer must be {listing(OPTIMIZERS, 'or')}, but is {excerpt(whole['kind'])}."
        meant = nearest_name(whole["kind"], OPTIMIZERS) or next(iter(OPTIMIZERS))
        fix = Fix(f"Use {meant}", (SetTraining({"optimizer": {"kind": meant}}),))
        yield _refused_training(what, "$.training.optimizer.kind", "optimizer", (fix,))
        return

    def edit(changes: Mapping[str, Any]) -> Edit:
        changed = whole | dict(changes)
        return SetTraining({"optimizer": {key: value for key, value in changed.items() if value is not None}})

    few = len(whole) <= MOST_EDITS  # every fix gives the whole optimiser anew
    for misread in kind.misreadings(whole):
        fixes = value_fixes(misread, lambda key, value: edit({key: value})) if few else ()
        path = f"$.training.optimizer.{misread.field}"
        yield _refused_training(f"{misread.what}.", path, misread.field, fixes)
    ignored = (key for key in kind.unknown_settings(whole) if key != "kind")
    cure = edit if few else None
    yield from first_of(ignored, lambda key: _ignored(key, kind.settings(), whole, "$.training.optimizer", cure))


def _refused_training(what: str, path: str, field: str, fixes: tuple[Fix, ...]) -> Problem:
    why = "The value is kept as it is; training needs one that it understands."
    what = what.replace("?.", "?")
    return Problem("TRAINING-VALUE", what=f"Training: {what}", why=why, field=field, path=path, fixes=fixes)


def _ignored(
    key: str,
    known: Iterable[str],
    given: Mapping[str, Any],
    path: str,
    edit: Callable[[Mapping[str, Any]], Edit] | None,
) -> Problem:
    meant = setting_meant(key, known, given)
    fixes = [] if edit is None else [Fix("Remove it", (edit({key: None}),))]
    if meant and edit is not None:
        fixes.insert(0, Fix(f"Rename it to {meant}", (edit({key: None, meant: given[key]}),)))
    return Problem(
        "TRAINING-UNKNOWN",
        severity="advice",
        what=f"Training: unknown setting {key}{f'; did you mean {meant}?' if meant else '.'}",
        why=what_becomes_of(key, known),
        field=key,
        path=key_path(path, key),
        fixes=tuple(fixes),
    )
