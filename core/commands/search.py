"""`convograph search`: many short trainings with drawn settings, coarse and then fine."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from core.commands.arguments import add_data, add_file, name, path, whole, with_data
from core.commands.command import OK, WRONG, Command
from core.commands.files import is_stream, open_document
from core.commands.terminal import print_json, problem_text

MOST_SIDE_BY_SIDE = 64
MOST_LOOKED_AT = 8 << 20
"""Bytes of a data set that are read before the first trial reads it."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    add_data(parser)
    parser.add_argument(
        "--space", type=path, required=True, metavar="SPACE.json", help="what is tried, in which ranges"
    )
    parser.add_argument("--stages", type=name, metavar="5x16,20x4", help="epochs x trials of each stage")
    parser.add_argument(
        "--sampler", choices=["random", "tpe"], default="random", metavar="SAMPLER", help="random (the default) or tpe"
    )
    parser.add_argument(
        "--storage",
        type=name,
        metavar="URL",
        help="where trials are kept: a file, by default beside the document, or the address of an Optuna storage",
    )
    parser.add_argument("--seed", type=whole, default=0, metavar="N", help="what the drawn values begin with")
    parser.add_argument("--jobs", type=_jobs, default=1, metavar="N", help="trials that are trained side by side")
    parser.add_argument("--no-early-stop", action="store_true", help="train hopeless trials to their end too")
    parser.add_argument("--save", type=path, metavar="BEST.json", help="write the document with the best values here")
    parser.add_argument("--json", action="store_true", help="print one JSON object per trial, and the best last")


def _jobs(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MOST_SIDE_BY_SIDE:
        raise argparse.ArgumentTypeError(f"{text} is no number of trials: give 1 to {MOST_SIDE_BY_SIDE}")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    from contextlib import closing

    from core.analysis.check import check
    from core.errors import NetworkError
    from core.io.datasets import look_at_dataset
    from core.io.documents import save
    from core.search.report import Report
    from core.search.search import Search
    from core.search.space import load_space, with_values
    from core.search.stages import USUAL, read_stages
    from core.training.requirements import Question, require_trainable

    document = with_data(open_document(options.file), options.data)
    report = check(document)
    if report.errors:
        raise NetworkError("\n\n".join(problem_text(problem) for problem in report.errors))
    base = Path.cwd() if is_stream(options.file) else options.file.absolute().parent
    facts = look_at_dataset(document.training.settings.dataset, base, MOST_LOOKED_AT)
    require_trainable(Question(report, facts, replicas=1))
    space = load_space(options.space, document)
    stages = read_stages(options.stages or USUAL)
    search = Search(
        document,
        space,
        stages,
        base=base,
        seed=options.seed,
        side_by_side=options.jobs,
        stop_early=not options.no_early_stop,
        storage=options.storage,
        beside=None if is_stream(options.file) else options.file,
        sampler=options.sampler,
    )
    told = Report(search)
    with closing(search.messages()) as messages:
        for message in messages:
            if options.json:
                if (trial := told.json_of(message)) is not None:
                    print_json(json.dumps(trial, ensure_ascii=False))
            else:
                for line in told.lines_of(message):
                    print(line, flush=True)
    best = told.best
    if best is None:
        sys.stderr.write("No trial learned anything that could be compared: look at what each says.\n")
        return WRONG
    if options.save is not None:
        save(with_values(document, best.values), options.save)
    return OK


SEARCH = Command(
    name="search",
    help="try settings: many short trainings with drawn values, coarse and then fine",
    usage=(
        "FILE --space SPACE.json [--data NAME_OR_PATH] [--stages 5x16,20x4] [--sampler SAMPLER] [--storage URL] "
        "[--seed N] [--jobs N] [--no-early-stop] [--save BEST.json] [--json]"
    ),
    add_arguments=_add_arguments,
    run=_run,
)
