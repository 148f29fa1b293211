"""`convograph sanity`: the sanity checks of the course, before a training."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from core.commands.arguments import add_data, add_file, with_data
from core.commands.command import OK, UNREADABLE, WRONG, Command
from core.commands.files import open_document
from core.commands.terminal import print_json, problem_text, strict
from core.io.failures import shown

if TYPE_CHECKING:
    from core.training.sanity.outcome import Outcome

_MARKS = {True: "passed", False: "FAILED", None: "not judged"}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    add_data(parser)
    parser.add_argument("--json", action="store_true", help="print the outcomes as one JSON array")


def _run(options: argparse.Namespace) -> int:
    from core.analysis.check import check
    from core.errors import DataError, NetworkError
    from core.training.preparation import load_for
    from core.training.requirements import Question, require_trainable, training_input
    from core.training.sanity.outcome import Outcome
    from core.training.sanity.sanity import sanity_checks

    document = with_data(open_document(options.file), options.data)
    report = check(document)
    if report.errors:
        raise NetworkError("\n\n".join(problem_text(problem) for problem in report.errors))
    base = options.file.absolute().parent
    settings, shape = document.training.settings, training_input(require_trainable(Question(report))).shape
    try:
        data = load_for(settings, shape, base)
    except DataError as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    outcomes = []
    for message in sanity_checks(document, data, base=base, report=report):
        if isinstance(message, Outcome):
            outcomes.append(message)
            if not options.json:
                print(_text(message), flush=True)
    if options.json:
        print_json(json.dumps(strict([outcome.as_json() for outcome in outcomes]), ensure_ascii=False, indent=2))
    return WRONG if any(outcome.passed is False for outcome in outcomes) else OK


def _text(outcome: Outcome) -> str:
    return f"{_MARKS[outcome.passed]:10}  {outcome.check}\n            {shown(outcome.what)}"


SANITY = Command(
    name="sanity",
    help="check before a training whether a network can learn at all, as the course does",
    usage="FILE [--data NAME_OR_PATH] [--json]",
    add_arguments=_add_arguments,
    run=_run,
)
