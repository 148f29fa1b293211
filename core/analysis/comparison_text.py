"""A comparison as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

from core.analysis.comparison import Comparison, Sizes, sizes_of
from core.analysis.report import Report
from core.graph.diff import ABSENT, LayerChange, LayersDifference, References, ValueChange
from core.graph.values import Layer, Unreadable
from core.io.failures import shown
from core.text import counted, excerpt, listing, number_text, setting_text, shape_text

Section: TypeAlias = tuple[str, list[tuple[str, list[str]]]]
"""A heading, and under it names with one line of text or several."""

_SHORT = 60
"""Characters of the longest text that is shown in full; longer ones are only said to differ."""


def comparison_text(found: Comparison, before: str, after: str) -> str:
    """Describe a comparison to somebody who has seen neither file.

    Parameters
    ----------
    found : Comparison
    before, after : str
        What the documents are called.
    """
    difference = found.difference
    if not difference:
        return f"No difference: {before} and {after} say the same thing."
    if not difference.in_meaning:
        return f"Only the layout differs: {_layout(found)}."
    sections = [*_sections(found), *_document_sections(found)]
    lines = [f"{before} → {after}"]
    for heading, rows in sections:
        lines += ["", heading]
        width = max(len(name) for name, _ in rows)
        for name, texts in rows:
            for index, text in enumerate(texts):
                lines.append(f"  {('' if index else name).ljust(width)}  {text}".rstrip())
    return "\n".join(map(shown, [*lines, "", *_totals(found, before, after)]))


def _sections(found: Comparison) -> Iterator[Section]:
    layers = found.difference.layers
    changed = [(change.after.id, _change_lines(change, found)) for change in layers.changed]
    yield from _named("Changed", changed)
    yield from _named("Added", [(layer.id, [_layer_line(layer, found.after)]) for layer in layers.added])
    yield from _named("Removed", [(layer.id, [_layer_line(layer, found.before)]) for layer in layers.removed])
    yield from _named("Renamed", [(f"{before} → {after}", [""]) for before, after in layers.renamed.items()])
    affected = [(change.id, [_size_line(change.before, change.after)]) for change in found.shape_only]
    yield from _named("Affected by changes elsewhere", affected)
    yield from _named("Network", [*(_end_rows(layers) or _output_row(found)), *_order_row(layers)])


def _document_sections(found: Comparison) -> Iterator[Section]:
    difference = found.difference
    for name, block in difference.blocks.items():
        rows = [(change.after.id, _own_lines(change)) for change in block.changed]
        rows += [(layer.id, [f"added: {_spec_text(layer)}{_fed(layer.inputs)}"]) for layer in block.added]
        rows += [(layer.id, [f"removed: {_spec_text(layer)}"]) for layer in block.removed]
        rows += [(before, [f"renamed to {after}"]) for before, after in block.renamed.items()]
        yield from _named(f"In the block {name}", [*rows, *_end_rows(block), *_order_row(block)])
    blocks = [(name, ["added"]) for name in difference.blocks_added]
    yield from _named("Blocks", blocks + [(name, ["removed"]) for name in difference.blocks_removed])
    yield from _named("Training", [(change.name, [_value_line(change)]) for change in difference.training])
    yield from _named("Document", [(change.name, [_value_line(change)]) for change in difference.about])
    if difference.moved or difference.layout:
        yield from _named("Layout", [(_layout(found), [""])])


def _named(heading: str, rows: list[tuple[str, list[str]]]) -> Iterator[Section]:
    if rows:
        yield heading, rows


def _change_lines(change: LayerChange, found: Comparison) -> list[str]:
    lines = _own_lines(change)
    sizes = found.effects.get(change.after.id)
    return lines if sizes is None else [*lines, _size_line(sizes.before, sizes.after)]


def _own_lines(change: LayerChange) -> list[str]:
    if change.kind_replaced:
        lines = [f"{_spec_text(change.before)} → {_spec_text(change.after)}"]
    else:
        lines = [" · ".join(f"{one.name} {_value_line(one)}" for one in change.settings)] if change.settings else []
    return lines if change.inputs is None else [*lines, _wire_line(*change.inputs)]


def _wire_line(before: References, after: References) -> str:
    if not before or not after:
        return f"now fed by {listing(after)}" if after else f"no longer fed by {listing(before)}"
    if len(before) == len(after):
        swaps = [(old, new) for old, new in zip(before, after, strict=True) if old != new]
        return f"fed by {listing([new for _, new in swaps])} instead of {listing([old for old, _ in swaps])}"
    return f"fed by {listing(after)}, formerly by {listing(before)}"


def _layer_line(layer: Layer, report: Report) -> str:
    sizes = sizes_of(report, layer.id)
    parts = [f"{_spec_text(layer)}{_fed(layer.inputs)}"]
    parts += [] if sizes.shape is None else [shape_text(sizes.shape)]
    parts += [counted(sizes.parameters, "parameter")] if sizes.parameters else []
    parts += [f"{number_text(sizes.macs)} MACs"] if sizes.macs else []
    return " · ".join(parts)


def _fed(inputs: References) -> str:
    return f", fed by {listing(inputs)}" if inputs else ""


def _spec_text(layer: Layer) -> str:
    if isinstance(layer.spec, Unreadable):
        return layer.kind
    return f"{layer.spec.label()} {layer.spec.headline()}".rstrip()


def _size_line(before: Sizes, after: Sizes) -> str:
    parts = [f"{shape_text(before.shape)} → {shape_text(after.shape)}"] if before.shape != after.shape else []
    for noun, old, new in (
        ("parameters", before.parameters, after.parameters),
        ("MACs", before.macs, after.macs),
    ):
        if old != new:
            parts.append(f"{noun} {_number_change(old, new)}")
    return " · ".join(parts)


def _number_change(before: int | None, after: int | None) -> str:
    if before == after:
        return f"{number_text(before)} (no difference)" if before is not None else "?"
    change = f"{number_text(before)} → {number_text(after)}"
    return change if before is None or after is None else f"{change} ({signed(after - before)})"


def signed(difference: int) -> str:
    """Write a difference with its sign.

    >>> signed(1234), signed(-5), signed(0)
    ('+1,234', '−5', '±0')
    """
    return f"{'+' if difference > 0 else '−' if difference else '±'}{number_text(abs(difference))}"


def _value_line(change: ValueChange) -> str:
    before, after = _value_text(change.before), _value_text(change.after)
    if max(len(before), len(after)) > _SHORT:
        return "the text differs"
    return f"{before} → {after}"


def _value_text(value: Any) -> str:
    if value is ABSENT:
        return "not set"
    if value == "":
        return "empty"
    simple = value is None or isinstance(value, bool | int | float | tuple | str)
    return setting_text(value) if simple else excerpt(value, _SHORT + 1)


def _end_rows(found: LayersDifference) -> list[tuple[str, list[str]]]:
    return [(change.name, [f"{_ends(change.before)} → {_ends(change.after)}"]) for change in found.ends]


def _output_row(found: Comparison) -> list[tuple[str, list[str]]]:
    """Say that another layer is the output now, where the files don't say so."""
    renamed = found.difference.layers.renamed
    before, after = tuple(renamed.get(id, id) for id in found.before.outputs), found.after.outputs
    return [] if before == after else [("outputs", [f"{_ends(before)} → {_ends(after)}"])]


def _ends(value: Any) -> str:
    if value is None:
        return "all that nothing consumes"
    return (listing(value) or "none") if isinstance(value, tuple) else _value_text(value)


def _order_row(found: LayersDifference) -> list[tuple[str, list[str]]]:
    return [("order", ["the layers are in a different order in the file"])] if found.reordered else []


def _layout(found: Comparison) -> str:
    difference = found.difference
    parts = [f"{counted(len(difference.moved), 'layer')} moved"] if difference.moved else []
    parts += [f"{change.name} changed" for change in difference.layout]
    return listing(parts)


def _totals(found: Comparison, before: str, after: str) -> Iterator[str]:
    old, new = found.before, found.after
    yield f"Parameters  {_number_change(old.totals.parameters, new.totals.parameters)}"
    yield f"MACs        {_number_change(old.totals.macs, new.totals.macs)}"
    for report, name in ((old, before), (new, after)):
        if not report.valid:
            yield f"{name} has {counted(len(report.errors), 'error')}: convograph check says which."
