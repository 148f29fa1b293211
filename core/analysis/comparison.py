"""Two documents compared: what differs, and what that does to shapes and counts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core.analysis.check import check
from core.analysis.report import Report, Totals
from core.graph.diff import DocumentDifference, diff
from core.graph.values import Document
from core.shapes import Shape


@dataclass(frozen=True, slots=True)
class Sizes:
    """What a layer gives and costs; for a use of a block, the sums over all that it stands for. None is unknown."""

    shape: Shape | None = None
    parameters: int | None = None
    macs: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the form that `diff --json` prints."""
        return {"output_shape": self.shape, "parameters": self.parameters, "macs": self.macs}


@dataclass(frozen=True, slots=True)
class SizeChange:
    """The sizes of one layer before and after."""

    id: str
    before: Sizes
    after: Sizes

    def as_json(self) -> dict[str, Any]:
        """Return the form that `diff --json` prints."""
        return {"id": self.id, "from": self.before.as_json(), "to": self.after.as_json()}


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """What differs between two documents, and what follows from it.

    Attributes
    ----------
    before, after : Report
    difference : DocumentDifference
    effects : mapping of str to SizeChange
        By new id, layers that were changed themselves and whose output or counts differ.
    shape_only : tuple of SizeChange
        Layers that were not changed themselves, but whose output or counts differ because of something upstream or,
        for a use of a block, inside it.
    """

    before: Report
    after: Report
    difference: DocumentDifference
    effects: Mapping[str, SizeChange]
    shape_only: tuple[SizeChange, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the form that `diff --json` prints."""
        return {
            "equal": not self.difference,
            **self.difference.as_json(),
            "effects": [change.as_json() for change in self.effects.values()],
            "shape_only": [change.as_json() for change in self.shape_only],
            "totals": {
                "from": self.before.totals.as_json(),
                "to": self.after.totals.as_json(),
                "difference": totals_difference(self.before.totals, self.after.totals),
            },
        }


def compare(before: Document, after: Document) -> Comparison:
    """Compare two documents, which may have errors; where a shape is unknown, so is its difference."""
    difference, old, new = diff(before, after), check(before), check(after)
    changed = {change.after.id for change in difference.layers.changed}
    sizes = {change.id: change for change in _size_changes(difference, old, new)}
    return Comparison(
        before=old,
        after=new,
        difference=difference,
        effects={id: change for id, change in sizes.items() if id in changed},
        shape_only=tuple(change for id, change in sizes.items() if id not in changed),
    )


def totals_difference(before: Totals, after: Totals) -> dict[str, int | None]:
    """Subtract totals; None where a side is unknown."""
    old, new = before.as_json(), after.as_json()
    return {name: None if None in (old[name], new[name]) else new[name] - old[name] for name in old}


def _size_changes(difference: DocumentDifference, old: Report, new: Report) -> Iterator[SizeChange]:
    layers = difference.layers
    fresh = {layer.id for layer in layers.added}
    former = {after: before for before, after in layers.renamed.items()}
    there = {layer.id for layer in old.document.graph.layers}
    for layer in new.document.graph.layers:
        was = former.get(layer.id, layer.id)
        if layer.id in fresh or was not in there:
            continue
        before, after = sizes_of(old, was), sizes_of(new, layer.id)
        if before != after:
            yield SizeChange(layer.id, before, after)


def sizes_of(report: Report, id: str) -> Sizes:
    """Return the sizes of a layer of the drawn graph."""
    layer = report.of(id)
    inside = list(report.inside(id))
    if layer is None or not inside:
        return Sizes()
    parameters = [each.parameters for each in inside]
    macs = [each.macs for each in inside]
    return Sizes(layer.shape, _sum(parameters), _sum(macs))


def _sum(parts: list[int | None]) -> int | None:
    known = [part for part in parts if part is not None]
    return sum(known) if len(known) == len(parts) else None
