"""What is known of a layer, as lines of text: a name, a value, and the formulas with the numbers in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.analysis.report import LayerReport, Totals
from core.shapes import VALUE_BYTES
from core.text import bytes_text, number_text, ratio_text, shape_text


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the inspector; `formulas` stand below it, `help` says what it means."""

    name: str
    value: str
    formulas: tuple[str, ...] = ()
    help: str = ""


_OUTPUT = "Height × width × channels of what it hands on, for one sample."
_PARAMETERS = "How many numbers it learns."
_MACS = "Multiply–accumulates of one forward pass of one sample; biases are not counted."
_MEMORY = "Of its output, for one sample."
_FIELD = "The part of the input that one output value sees; the jump is how far apart two neighbours look."


def layer_facts(report: LayerReport) -> tuple[Fact, ...]:
    """Describe one layer; "?" stands for what cannot be known yet."""
    shapes, parameters = split_formulas(report)
    weights = (report.facts.weights or {}).values()
    statistics = sum(weight.size for weight in weights if weight.role == "statistic")
    if statistics:
        parameters += (f"and {number_text(statistics)} statistics, which follow the data",)
    if report.parameters and not report.layer.trainable:
        parameters += ("frozen: training leaves them alone",)
    memory = () if report.shape is None else (f"{'·'.join(map(str, report.shape))} values · {VALUE_BYTES} bytes",)
    return (
        Fact("Output", shape_text(report.shape).replace("×", " × "), shapes, _OUTPUT),
        Fact("Parameters", number_text(report.parameters), parameters, _PARAMETERS),
        Fact("MACs", number_text(report.macs), (), _MACS),
        Fact("Memory", bytes_text(report.activation_bytes), memory, _MEMORY),
        Fact("Receptive field", *receptive_field_texts(report), _FIELD),
    )


def block_facts(output: LayerReport | None, inside: Iterable[LayerReport]) -> tuple[Fact, ...]:
    """Describe a use of a block: the output of the last layer, sums over all."""
    shape = None if output is None else output.shape
    parameters, macs, memory = sums(inside)
    field = ("?", ()) if output is None else receptive_field_texts(output)
    return (
        Fact("Output", shape_text(shape).replace("×", " × "), (), _OUTPUT),
        Fact("Parameters", number_text(parameters), (), _PARAMETERS),
        Fact("MACs", number_text(macs), (), _MACS),
        Fact("Memory", bytes_text(memory), (), "Of the outputs of all its layers, for one sample."),
        Fact("Receptive field", *field, _FIELD),
    )


def several_facts(inside: Iterable[LayerReport]) -> tuple[Fact, ...]:
    """Sum over the selected layers."""
    parameters, macs, memory = sums(inside)
    return (
        Fact("Parameters", number_text(parameters), (), _PARAMETERS),
        Fact("MACs", number_text(macs), (), _MACS),
        Fact("Memory", bytes_text(memory), (), "Of their outputs, for one sample."),
    )


def total_facts(totals: Totals) -> tuple[Fact, ...]:
    """Describe the whole network."""
    parameters, values = totals.parameters, totals.activation_values
    frozen = (
        None if parameters is None or totals.trainable_parameters is None else parameters - totals.trainable_parameters
    )
    stored = "" if parameters is None else bytes_text(parameters * VALUE_BYTES)
    if frozen:
        stored += f" · {number_text(frozen)} of them frozen"
    return (
        Fact("Layers", number_text(totals.layers)),
        Fact(
            "Parameters", number_text(parameters), (stored,) if stored else (), "How many numbers the network learns."
        ),
        Fact("MACs", number_text(totals.macs), (), _MACS),
        Fact(
            "Memory",
            bytes_text(None if values is None else values * VALUE_BYTES),
            (),
            "Of all outputs, for one sample.",
        ),
    )


def sums(reports: Iterable[LayerReport]) -> tuple[int | None, int | None, int | None]:
    """Add up parameters, MACs and bytes of outputs; None where a part is unknown."""
    parameters: int | None = 0
    macs: int | None = 0
    memory: int | None = 0
    for report in reports:
        parameters = _plus(parameters, report.parameters)
        macs = _plus(macs, report.macs)
        memory = _plus(memory, report.activation_bytes)
    return parameters, macs, memory


def _plus(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one + other


def split_formulas(report: LayerReport) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell the formulas of the shape from that of the parameters: the last one whose result is their number."""
    lines = report.explanation
    result = f" = {number_text(report.parameters)}"
    if not report.parameters:
        return lines, ()
    place = max((i for i, line in enumerate(lines) if line.endswith(result)), default=None)
    if place is None:
        return lines, ()
    return lines[:place] + lines[place + 1 :], (lines[place],)


def receptive_field_texts(report: LayerReport) -> tuple[str, tuple[str, ...]]:
    """Write what one output value sees, and below it the jump: "5 × 5", ("jump 1",)."""
    if report.shape is None:
        return "?", ()
    if report.receptive_field is None:
        return "whole input", ()
    (high, wide), (down, across) = report.receptive_field.size, report.receptive_field.jump
    jump = ratio_text(down) if down == across else f"{ratio_text(down)} × {ratio_text(across)}"
    return f"{high} × {wide}", (f"jump {jump}",)
