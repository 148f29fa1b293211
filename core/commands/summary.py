"""`convograph summary`: the table of layers, or all that can be said of one."""

from __future__ import annotations

import argparse

from core.commands.arguments import add_file
from core.commands.command import OK, WRONG, Command
from core.commands.files import open_document
from core.commands.terminal import problem_text


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--explain", metavar="LAYER", help="instead of the table, all that can be said of a layer")


def _run(options: argparse.Namespace) -> int:
    from core.analysis.check import check
    from core.analysis.summary_text import explanation_text, summary_text

    report = check(open_document(options.file))
    problems = report.problems
    if options.explain is None:
        print(summary_text(report))
    else:
        print(explanation_text(report, options.explain))
        problems = report.problems_of(options.explain)
    for problem in problems:
        print("\n" + problem_text(problem))
    return OK if report.valid else WRONG


SUMMARY = Command(
    name="summary",
    help="print the table of layers, as the courses do, or explain one",
    usage="FILE [--explain LAYER]",
    add_arguments=_add_arguments,
    run=_run,
)
