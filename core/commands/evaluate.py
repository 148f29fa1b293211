"""`convograph evaluate`: how right a trained network is."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from core.commands.arguments import add_data, add_file, path, with_data
from core.commands.command import OK, Command
from core.commands.files import open_document
from core.commands.terminal import print_json
from core.io.failures import shown
from core.text import counted, table_lines

if TYPE_CHECKING:
    from core.training.evaluating import Evaluation

MOST_COLUMNS = 16
"""Classes of a confusion matrix that is printed; a larger one would not fit beside the names."""
WORST = 5
"""Pairs of classes that are named where the matrix isn't printed."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--weights", type=path, required=True, metavar="W.npz", help="as `train --save` wrote them")
    add_data(parser)
    parser.add_argument(
        "--part",
        choices=("validation", "test", "all"),
        default="validation",
        metavar="PART",
        help="validation (the default: what training keeps back), test (the data set's own test part) or all",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _run(options: argparse.Namespace) -> int:
    from core.engine.threads import ONE_THREAD
    from core.training.evaluating import evaluate

    document = with_data(open_document(options.file), options.data)
    with ONE_THREAD:
        evaluation = evaluate(document, options.weights, part=options.part, base=options.file.absolute().parent)
    if options.json:
        print_json(json.dumps(evaluation.as_json(), ensure_ascii=False))
    else:
        print("\n".join(_lines(evaluation)))
    return OK


def _lines(evaluation: Evaluation) -> list[str]:
    low, high = evaluation.interval
    lines = [
        f"{counted(evaluation.n, 'sample')}: accuracy {evaluation.accuracy:.1%} (95 %: {low:.1%} … {high:.1%}), "
        f"loss {evaluation.loss:.4f}",
        "",
    ]
    rows = [("class", "precision", "recall", "F1", "samples")]
    rows += [
        (shown(each.name), f"{each.precision:.1%}", f"{each.recall:.1%}", f"{each.f1:.3f}", f"{each.n:,}")
        for each in evaluation.classes
    ]
    lines += [*table_lines(rows, 1), ""]
    names = [shown(each.name) for each in evaluation.classes]
    if len(names) <= MOST_COLUMNS:
        lines.append("Rows: what samples are. Columns: what they are taken for.")
        cells = [(name, *map(str, row)) for name, row in zip(names, evaluation.confusion.tolist(), strict=True)]
        return [*lines, *table_lines([("", *names), *cells], 1)]
    mixed = evaluation.confusion.copy()
    mixed[range(len(names)), range(len(names))] = 0
    for place in mixed.ravel().argsort(kind="stable")[::-1][:WORST].tolist():
        own, taken = divmod(place, len(names))
        if mixed[own, taken]:
            lines.append(f"{names[own]} is taken for {names[taken]}: {counted(int(mixed[own, taken]), 'time')}")
    return lines


EVALUATE = Command(
    name="evaluate",
    help="say how right a trained network is, and which classes it mixes up",
    usage="FILE --weights W.npz [--data NAME_OR_PATH] [--part PART] [--json]",
    add_arguments=_add_arguments,
    run=_run,
)
