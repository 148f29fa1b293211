"""`convograph evaluate`: how right a trained network is."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from core.commands.arguments import add_data, add_file, n_samples, path, with_data
from core.commands.command import OK, Command
from core.commands.files import open_document
from core.commands.terminal import print_json
from core.io.failures import shown
from core.text import counted, table_lines

if TYPE_CHECKING:
    from core.training.evaluating import Evaluation, Trial

MOST_COLUMNS = 16
"""Classes of a confusion matrix that is printed; a larger one would not fit beside the names."""
LISTS = {"worst_mistakes": "Worst mistakes", "least_sure": "Least sure", "most_typical": "Most typical"}
"""Lists of samples, by their keys, in their order."""
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
    parser.add_argument(
        "--lists",
        type=n_samples,
        default=0,
        metavar="N",
        help="also the N worst mistakes, least sure and most typical samples, and the calibration, as keys in --json",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _run(options: argparse.Namespace) -> int:
    from core.analysis.check import check
    from core.engine.threads import ONE_THREAD
    from core.importing.weights_files import weights_file
    from core.training.evaluating import evaluated, trial_of

    document = with_data(open_document(options.file), options.data)
    with ONE_THREAD, weights_file(options.weights, check(document)) as weights:
        trial = trial_of(document, weights, part=options.part, base=options.file.absolute().parent)
        evaluation = evaluated(trial)
        lists = _lists(trial, options.lists) if options.lists else {}
    if options.json:
        print_json(json.dumps(evaluation.as_json() | lists, ensure_ascii=False))
    else:
        print("\n".join([*_lines(evaluation), *_list_lines(lists)]))
    return OK


def _lists(trial: Trial, n: int) -> dict[str, Any]:
    """Return the samples to look at, and how sure the network is compared to how right, as `--json` prints them."""
    from core.training.calibration import calibrated
    from core.training.predictions import predict
    from core.work import outcome_of

    said = outcome_of(predict(trial.network, trial.preparation, trial.dataset, trial.samples))
    names = trial.dataset.classes

    def row(place: int) -> dict[str, Any]:
        own, taken = int(said.labels[place]), int(said.predicted[place])
        probabilities = said.probabilities(place)
        return {
            "sample": int(said.samples[place]) + 1,
            "is": names[own] if own < len(names) else str(own),
            "said": names[taken] if taken < len(names) else str(taken),
            "probability": float(probabilities[taken]),
            "probability_of_right": float(probabilities[own]),
        }

    orders = {name: getattr(said, name) for name in LISTS}
    return {
        **{name: [row(place) for place in order[:n].tolist()] for name, order in orders.items()},
        "calibration": calibrated(said.confidence, said.is_right).as_json(),
    }


def _list_lines(lists: dict[str, Any]) -> list[str]:
    lines = []
    for name, title in LISTS.items():
        if rows := lists.get(name):
            cells = [("sample", "is", "said", "with", "right class")]
            cells += [
                (
                    f"{row['sample']:,}",
                    shown(row["is"]),
                    shown(row["said"]),
                    f"{row['probability']:.1%}",
                    f"{row['probability_of_right']:.1%}",
                )
                for row in rows
            ]
            lines += ["", title, *table_lines(cells, 3)]
    if calibration := lists.get("calibration"):
        lines += ["", f"Calibration: on average, how sure it is and how right differ by {calibration['error']:.1%}."]
    return lines


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
    usage="FILE --weights W.npz [--data NAME_OR_PATH] [--part PART] [--lists N] [--json]",
    add_arguments=_add_arguments,
    run=_run,
)
