"""`convograph diff`: what differs between two documents."""

from __future__ import annotations

import argparse
import json

from core.commands.arguments import path
from core.commands.command import OK, WRONG, Command
from core.commands.files import open_document, require_one_reader
from core.commands.terminal import print_json, strict


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "before", type=path, metavar="A", help="a Convograph document, or - to read it from standard input"
    )
    parser.add_argument("after", type=path, metavar="B", help="another one, or a later state of it")
    parser.add_argument("--json", action="store_true", help="print every difference as JSON")


def _run(options: argparse.Namespace) -> int:
    from core.analysis.comparison import compare
    from core.analysis.comparison_text import comparison_text

    require_one_reader([options.before, options.after])
    comparison = compare(open_document(options.before), open_document(options.after))
    if options.json:
        print_json(json.dumps(strict(comparison.as_json()), ensure_ascii=False, indent=2))
    else:
        print(comparison_text(comparison, str(options.before), str(options.after)))
    return WRONG if comparison.difference else OK


DIFF = Command(
    name="diff",
    help="say what differs between two documents, and what follows for shapes and counts",
    usage="A B [--json]",
    add_arguments=_add_arguments,
    run=_run,
)
