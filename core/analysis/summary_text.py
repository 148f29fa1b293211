"""The layer table as the courses print it, and all that can be said about a layer, as text for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from textwrap import wrap

from core.analysis.report import LayerReport, Report
from core.errors import EditError
from core.graph.training import UnreadableOptimizer
from core.io.failures import shown
from core.shapes import VALUE_BYTES
from core.text import bytes_text, counted, nearest_name, number_text, ratio_text, shape_text, table_lines

SUMMARY_HEAD = ("layer", "kind", "output", "parameters", "MACs", "memory", "receptive field")
N_LEFT = 3
"""How many columns stand left: words and shapes. The rest are sizes, which stand right."""

_WIDEST = 48
"""The longest name in the table, in characters."""
_WIDTH = 100
"""The longest line of an explanation, in characters."""


def summary_text(report: Report) -> str:
    """Write the table of layers with its totals, and where most memory and most parameters are."""
    rows = [(_cell(name), _cell(kind), *sizes) for name, kind, *sizes in summary_rows(report)]
    lines = table_lines([SUMMARY_HEAD, *rows], N_LEFT)
    rule = "─" * max(map(len, lines))
    table = [lines[0], rule, *lines[1:-1], rule, lines[-1]]
    closing = list(_closing(report))
    return "\n".join([*table, "", *closing] if closing else table)


def summary_rows(report: Report) -> list[tuple[str, ...]]:
    """Return the cells of the table, without its head: a row for each layer, then the totals; names as they are."""
    return [*map(_row, report.layers.values()), _total_row(report)]


def _row(layer: LayerReport) -> tuple[str, ...]:
    field = layer.receptive_field
    seen = "whole input" if field is None else "×".join(map(ratio_text, field.size))
    return (
        layer.id,
        layer.layer.kind,
        shape_text(layer.shape),
        number_text(layer.parameters),
        number_text(layer.macs),
        bytes_text(layer.activation_bytes),
        "?" if layer.shape is None else seen,
    )


def _total_row(report: Report) -> tuple[str, ...]:
    totals = report.totals
    memory = bytes_text(totals.as_json()["activation_bytes"])
    return ("total", "", "", number_text(totals.parameters), number_text(totals.macs), memory, "")


def _cell(name: str) -> str:
    return shown(name if len(name) <= _WIDEST else f"{name[: _WIDEST - 1]}…")


def _closing(report: Report) -> Iterator[str]:
    totals = report.totals
    if not totals.activation_values or totals.parameters is None:
        return
    parts = [f"Most memory is in {_most(report, _values, totals.activation_values)}"]
    if totals.parameters:
        parts.append(f"most parameters are in {_most(report, _parameters, totals.parameters)}")
    yield f"{', '.join(parts)}."
    yield "Memory is that of one sample's outputs, forward only; with their gradients it is about twice as much."
    if totals.parameters:
        yield _parameter_memory(report, totals.parameters)


def _values(layer: LayerReport) -> int:
    return (layer.activation_values or 0) if layer.inputs else 0


def _parameters(layer: LayerReport) -> int:
    return layer.parameters or 0


def _most(report: Report, size: Callable[[LayerReport], int], total: int) -> str:
    largest = max(report.layers.values(), key=size)
    return f"{_cell(largest.id)} ({number_text(size(largest))} of {number_text(total)}, {size(largest) / total:.0%})"


def _parameter_memory(report: Report, n: int) -> str:
    text = f"The parameters take {number_text(n)}·{VALUE_BYTES} bytes = {bytes_text(n * VALUE_BYTES)}"
    optimizer, learned = report.document.training.optimizer, report.totals.trainable_parameters
    if isinstance(optimizer, UnreadableOptimizer) or not learned:
        return f"{text}."
    training = bytes_text((n + (1 + optimizer.n_moments) * learned) * VALUE_BYTES)
    moments = f" and {counted(optimizer.n_moments, 'moment')}" if optimizer.n_moments else ""
    return f"{text}; while {optimizer.label()} trains them, with gradients{moments}, {training}."


def explanation_text(report: Report, id: str) -> str:
    """Write all that can be said about a layer; for a use of a block, about all layers that it stands for.

    Raises
    ------
    EditError
        If there is no such layer.
    """
    layers = list(report.inside(id))
    if not layers:
        near = nearest_name(id, [*report.layers, *report.block_outputs])
        raise EditError(f"There is no layer called {id}{f': did you mean {near}?' if near else '.'}")
    return "\n\n".join("\n".join(_explained(layer)) for layer in layers)


def _explained(layer: LayerReport) -> Iterator[str]:
    inputs = " and ".join(map(shape_text, layer.input_shapes))
    sizes = f"{inputs} → {shape_text(layer.shape)}" if inputs else shape_text(layer.shape)
    yield shown(f"{layer.id} · {layer.layer.kind} · {sizes}")
    if not layer.explanations:
        yield "  Its output is unknown, so there is nothing to explain yet: solve its problems first."
    for explanation in layer.explanations:
        yield ""
        yield f"  {explanation.topic}"
        for line in explanation.lines:
            yield from wrap(line, _WIDTH, initial_indent="    ", subsequent_indent="      ")
