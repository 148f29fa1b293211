"""`convograph sanity`: the sanity checks of the course, before a training."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from core.commands.arguments import add_data, add_file
from core.commands.command import OK, UNREADABLE, WRONG, Command
from core.commands.terminal import print_json, strict
from core.commands.trainable import open_trainable
from core.io.failures import shown

if TYPE_CHECKING:
    from core.training.sanity.outcome import Outcome

_MARKS = {True: "passed", False: "FAILED", None: "not judged"}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    add_data(parser)
    parser.add_argument("--json", action="store_true", help="print the outcomes as one JSON array")


def _run(options: argparse.Namespace) -> int:
    from core.errors import DataError
    from core.training.sanity.outcome import Outcome
    from core.training.sanity.sanity import sanity_checks

    try:
        subject = open_trainable(options)
    except DataError as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    outcomes = []
    for message in sanity_checks(subject.document, subject.data, base=subject.base, report=subject.report):
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
