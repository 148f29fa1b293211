"""`convograph check`: what is wrong with a document."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from core.commands.arguments import add_file
from core.commands.command import OK, WRONG, Command
from core.commands.files import open_document
from core.commands.terminal import print_json, problem_text, strict
from core.io.failures import shown
from core.text import brief_number, counted, number_text

if TYPE_CHECKING:
    from core.analysis.report import LayerReport, Report


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--json", action="store_true", help="print the whole report as JSON")


def _run(options: argparse.Namespace) -> int:
    from core.analysis.check import check

    report = check(open_document(options.file))
    if options.json:
        print_json(json.dumps(report_as_json(report), ensure_ascii=False, indent=2))
    else:
        print(_verdict(report))
        for problem in report.problems:
            print("\n" + problem_text(problem))
    return OK if report.valid else WRONG


def _verdict(report: Report) -> str:
    totals = report.totals
    name = shown(report.document.name.strip()) or "The network"
    sizes = f"{number_text(totals.parameters)} parameters · {brief_number(totals.macs)} MACs"
    if report.valid:
        return f"{name} is valid: {counted(totals.layers, 'layer')} · {sizes}"
    return f"{name} has {counted(len(report.errors), 'error')}."


def report_as_json(report: Report) -> dict[str, Any]:
    """Return the form that `check --json` prints."""
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
    usage="FILE [--json]",
    add_arguments=_add_arguments,
    run=_run,
)
