"""`convograph data`: what is in a data set, and what is wrong with it."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from core.commands.arguments import name, path
from core.commands.command import OK, UNREADABLE, WRONG, Command
from core.commands.files import open_document
from core.commands.terminal import print_json, strict
from core.errors import DataError
from core.io.failures import shown
from core.text import counted, listing, shape_text, table_lines, values_text

if TYPE_CHECKING:
    from core.graph.values import Document
    from core.io.datasets import Dataset

_LISTED = 20
"""Classes, and parts that could not be read, that are printed one by one; the others are counted."""

_BAR = 30  # characters of the largest class's bar


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "data", type=name, metavar="NAME_OR_PATH", help="a bundled data set, or a file or folder in one of the formats"
    )
    parser.add_argument(
        "--for", dest="file", type=path, metavar="FILE", help="say also how it is fitted to the Input of this document"
    )
    parser.add_argument("--json", action="store_true", help="print all of it as JSON")


def _run(options: argparse.Namespace) -> int:
    from core.io.datasets import load_dataset

    document = None if options.file is None else open_document(options.file)
    try:
        dataset = load_dataset(options.data)
    except DataError as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    said = dataset_as_json(dataset, document)
    if options.json:
        print_json(json.dumps(strict(said), ensure_ascii=False, indent=2))
    else:
        print("\n".join(map(shown, _lines(dataset, said))))
    fits = said.get("fitting", {}).get("fits", True)
    has_errors = any(finding["severity"] == "error" for finding in said["findings"])
    return WRONG if said["refused"] or has_errors or not fits else OK


def dataset_as_json(dataset: Dataset, document: Document | None = None) -> dict[str, Any]:
    """Return what `data --json` prints.

    Parameters
    ----------
    document : Document, optional
        It is said as well whether and how the data set is fitted to this one's Input.
    """
    import numpy as np

    from core.io.datasets.findings import data_findings

    parts = [dataset] if dataset.test is None else [dataset, dataset.test]
    numbers = np.bincount(np.concatenate([part.labels for part in parts]), minlength=len(dataset.classes))
    extremes = [part.stored_range() for part in parts]
    said = {
        "name": dataset.name,
        "format": dataset.format,
        "n": sum(map(len, parts)),
        "shape": list(dataset.shape),
        "classes": [{"name": called, "n": int(n)} for called, n in zip(dataset.classes, numbers, strict=True)],
        "range": [_plain(min(low for low, _ in extremes)), _plain(max(high for _, high in extremes))],
        "parts": {"train": len(dataset), "test": 0 if dataset.test is None else len(dataset.test)},
        "findings": [finding.as_json() for finding in data_findings(dataset, document)],
        "refused": [part.as_json() for part in dataset.refused],
    }
    return said if document is None else {**said, "fitting": _fitting(dataset, document)}


def _fitting(dataset: Dataset, document: Document) -> dict[str, Any]:
    """Say whether and how a data set is fitted to the Input of a document."""
    from core.analysis.check import check
    from core.io.datasets import fitting_for

    report = check(document)
    inputs = {layer.id: layer.shape for layer in report.layers.values() if not layer.layer.inputs and layer.shape}
    if len(inputs) != 1:
        called = f": {listing(inputs)}" if inputs else ""
        what = f"The network has {len(inputs) or 'no'} Inputs whose shape is known{called}; data are fitted to one."
        return {"fits": False, "input": None, "notes": [what]}
    ((_, shape),) = inputs.items()
    try:
        notes = fitting_for(dataset.name, len(dataset), dataset.shape, shape).notes
    except DataError as error:
        return {"fits": False, "input": list(shape), "notes": [str(error)]}
    return {"fits": True, "input": list(shape), "notes": list(notes)}


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else value


def _lines(dataset: Dataset, said: dict[str, Any]) -> list[str]:
    """Return the same as text."""
    low, high = said["range"]
    train, test = said["parts"]["train"], said["parts"]["test"]
    divided = f", {train:,} for training and {test:,} for the test" if test else ""
    lines = [
        f"{said['name']} ({said['format']}): {counted(said['n'], 'sample')} of {values_text(dataset.shape)}"
        f" in {counted(len(said['classes']), 'class', 'classes')}{divided}.",
        f"Values run from {low:g} to {high:g}" + (f"; {dataset.scale:g} becomes 1." if dataset.scale != 1 else "."),
    ]
    lines += [f"To know: {'; '.join(dataset.notes)}."] if dataset.notes else []
    if fitting := said.get("fitting"):
        lines += _fitting_lines(fitting)
    lines += ["", *_class_lines(said["classes"])]
    if refused := said["refused"]:
        lines += ["", f"{counted(len(refused), 'part')} could not be read:"]
        lines += [
            f"  {part['file']}{part['where'] and ', '}{part['where']}: {part['what']}" for part in refused[:_LISTED]
        ]
        lines += [f"  and {len(refused) - _LISTED:,} more"] if len(refused) > _LISTED else []
    for finding in said["findings"]:
        lines += ["", f"{finding['severity']} {finding['code']}", f"  {finding['what']}"]
        lines += [f"  {finding['why']}"] if finding["why"] else []
        lines += [f"  Fix: {' · '.join(fix['label'] for fix in finding['fixes'])}"] if finding["fixes"] else []
    return lines


def _fitting_lines(fitting: dict[str, Any]) -> list[str]:
    if not fitting["fits"]:
        return [f"It does not fit: {' '.join(fitting['notes'])}"]
    done = "; ".join(fitting["notes"]) or "as it is"
    return [f"It fits the Input of {shape_text(tuple(fitting['input']))}: {done}."]


def _class_lines(classes: list[dict[str, Any]]) -> list[str]:
    """Return a line for each class, with a bar as long as it has samples."""
    most = max(each["n"] for each in classes) or 1
    rows = [("class", "samples")] + [(each["name"], f"{each['n']:,}") for each in classes[:_LISTED]]
    lines = table_lines(rows, 1)
    bars = ["", *("▇" * round(_BAR * each["n"] / most) for each in classes[:_LISTED])]
    lines = [f"{line}  {bar}".rstrip() for line, bar in zip(lines, bars, strict=True)]
    return [*lines, f"and {len(classes) - _LISTED:,} more classes"] if len(classes) > _LISTED else lines


DATA = Command(
    name="data",
    help="say what is in a data set, and what is wrong with it",
    usage="NAME_OR_PATH [--for FILE] [--json]",
    add_arguments=_add_arguments,
    run=_run,
)
