"""`convograph export`: a document written for other programs."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.commands.arguments import add_file, path
from core.commands.command import OK, WRONG, Command
from core.commands.files import is_stream, open_document, require_none_lost, write
from core.commands.terminal import problem_text


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    from core.export.exporters import EXPORTERS

    add_file(parser)
    formats = "; ".join(f"{format} ({exporter.ending}): {exporter.writes}" for format, exporter in EXPORTERS.items())
    parser.add_argument("--to", choices=EXPORTERS, required=True, metavar="FORMAT", help=formats)
    parser.add_argument(
        "-o",
        "--output",
        type=path,
        default=Path("-"),
        metavar="OUT",
        help="where it goes; printed by default, as with -",
    )


def _run(options: argparse.Namespace) -> int:
    from core.analysis.check import check
    from core.export.exporters import EXPORTERS

    require_none_lost(options.output, {"the document": options.file})
    report = check(open_document(options.file))
    content = EXPORTERS[options.to].export(report)
    if isinstance(content, str) and is_stream(options.output):
        print(content, end="")
    else:
        write(options.output, content.encode() if isinstance(content, str) else content)
    if report.errors:
        print("\n\n".join(map(problem_text, report.errors)), file=sys.stderr)
    return OK if report.valid else WRONG


EXPORT = Command(
    name="export",
    help="write a document in a format that other programs read",
    usage="FILE --to FORMAT [-o OUT]",
    add_arguments=_add_arguments,
    run=_run,
)
