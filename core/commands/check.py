"""`convograph check`: what is wrong with a document."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from core.commands.arguments import add_data, add_file, with_data
from core.commands.command import OK, WRONG, Command
from core.commands.files import open_document
from core.commands.terminal import print_json, problem_text, strict
from core.io.failures import shown
from core.text import brief_number, counted, number_text

if TYPE_CHECKING:
    from core.analysis.report import LayerReport, Report
    from core.training.readiness import Readiness

MOST_BYTES = 16 << 20
"""Data sets in formats without a header are read to look at them up to this size, unless they are asked for."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    add_data(parser)
    parser.add_argument("--json", action="store_true", help="print the whole report as JSON")


def _run(options: argparse.Namespace) -> int:
    from core.analysis.check import check
    from core.training.readiness import readiness

    document = with_data(open_document(options.file), options.data)
    report = check(document)
    most_bytes = None if options.data is not None else MOST_BYTES
    ready = readiness(report, options.file.absolute().parent, most_bytes)
    if options.json:
        print_json(json.dumps(report_as_json(report) | strict(ready.as_json()), ensure_ascii=False, indent=2))
    else:
        print(_verdict(report))
        if report.valid:
            print(_training_verdict(report, ready))
        for problem in (*report.problems, *ready.problems):
            print("\n" + problem_text(problem))
    return OK if report.valid else WRONG


def _training_verdict(report: Report, ready: Readiness) -> str:
    name = shown(report.document.training.settings.dataset)
    if not ready.trainable:
        return f"It can't be trained on {name}: {counted(len(ready.problems), 'problem')}."
    fitted = f" ({ready.data})" if ready.data else ""
    return " ".join([f"It can be trained on {name}{fitted}.", *ready.notes])


def _verdict(report: Report) -> str:
    totals = report.totals
    name = shown(report.document.name.strip()) or "The network"
    sizes = f"{number_text(totals.parameters)} parameters · {brief_number(totals.macs)} MACs"
    if report.valid:
        return f"{name} is valid: {counted(totals.layers, 'layer')} · {sizes}"
    return f"{name} has {counted(len(report.errors), 'error')}."


def report_as_json(report: Report) -> dict[str, Any]:
    """Return what `check --json` prints of the drawing."""
    return {
        "valid": report.valid,
        "name": report.document.name,
        "totals": report.totals.as_json(),
        "layers": [_layer_as_json(layer) for layer in report.layers.values()],
        "problems": strict([problem.as_json() for problem in report.problems]),
    }


def _layer_as_json(layer: LayerReport) -> dict[str, Any]:
    field = layer.receptive_field
    return {
        "id": layer.id,
        "kind": layer.layer.kind,
        "inputs": list(layer.layer.inputs),
        "output_shape": None if layer.shape is None else list(layer.shape),
        "parameters": layer.parameters,
        "macs": layer.macs,
        "receptive_field": None if field is None else [_plain(size) for size in field.size],
        "jump": None if field is None else [_plain(jump) for jump in field.jump],
        "explanation": list(layer.explanation),
    }


def _plain(number: Any) -> int | float:
    return int(number) if number == int(number) else float(number)


CHECK = Command(
    name="check",
    help="say whether a document is valid, and what is wrong",
    usage="FILE [--data NAME_OR_PATH] [--json]",
    add_arguments=_add_arguments,
    run=_run,
)
