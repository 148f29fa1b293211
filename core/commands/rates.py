"""`convograph rates`: which learning rate a network can learn with."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from core.commands.arguments import add_data, add_file
from core.commands.command import OK, UNREADABLE, WRONG, Command
from core.commands.terminal import print_json
from core.commands.trainable import open_trainable
from core.io.failures import shown
from core.text import table_lines

if TYPE_CHECKING:
    from core.training.sweep import RangeTested

ROWS = 15
"""Of the table; the JSON has every step."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    add_data(parser)
    parser.add_argument("--json", action="store_true", help="print the outcome as one JSON object")


def _run(options: argparse.Namespace) -> int:
    from core.engine.threads import ONE_THREAD
    from core.errors import DataError
    from core.training.range_test import range_test
    from core.training.sweep import RangeTested

    try:
        subject = open_trainable(options)
    except DataError as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    with ONE_THREAD:
        *_, tested = range_test(subject.document, subject.data, base=subject.base, report=subject.report)
    if not isinstance(tested, RangeTested):
        raise TypeError(tested)
    if options.json:
        print_json(json.dumps(tested.as_json(), ensure_ascii=False, indent=2))
    else:
        print("\n".join(_lines(tested)))
    return WRONG if tested.proposal is None else OK


def _lines(tested: RangeTested) -> list[str]:
    """Lay out some steps of the sweep as a table, and say what is proposed."""
    from core.training.sweep import smoothed

    every = max(1, len(tested.tried) // ROWS)
    curve = smoothed([one.loss for one in tested.tried]).tolist()
    rows = [[f"{one.rate:.2g}", f"{loss:.4g}"] for one, loss in zip(tested.tried, curve, strict=True)]
    return [*table_lines([["learning rate", "smoothed loss"], *rows[::every]], 0), "", shown(tested.what)]


RATES = Command(
    name="rates",
    help="propose a learning rate: the range test, a sweep over all of them on a copy",
    usage="FILE [--data NAME_OR_PATH] [--json]",
    add_arguments=_add_arguments,
    run=_run,
)
