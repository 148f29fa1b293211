"""`convograph export`: a document written for other programs, with proof where it computes."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from core.commands.arguments import add_file, path
from core.commands.command import OK, WRONG, Command
from core.commands.files import is_stream, open_document, require_none_lost, write
from core.commands.terminal import print_json, problem_text
from core.io.failures import shown
from core.text import table_lines

if TYPE_CHECKING:
    from core.export.exporter import Exporter
    from core.export.proof.proving import Outcome


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
        help="where it goes, a file or a folder, with what belongs to it beside it; printed by default, as with -",
    )
    parser.add_argument(
        "--option",
        type=_option,
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help=f"a choice that the format leaves, as often as needed; the first is the default: {_options_text()}",
    )
    parser.add_argument("--weights", type=path, metavar="W.npz", help="as `train --save` wrote them")
    parser.add_argument(
        "--prove",
        action="store_true",
        help="run what was written, compare it with Convograph and print the outcome as a JSON object",
    )
    parser.add_argument("--json", action="store_true", help="print nothing but JSON: the outcome, or what was written")


def _option(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text} is no choice: write NAME=VALUE, such as type=float16")
    return name, value


def _options_text() -> str:
    from core.export.exporters import EXPORTERS

    return "; ".join(
        f"{exporter.format} {option.name}={'|'.join(option.choices)} ({option.says})"
        for exporter in EXPORTERS.values()
        for option in exporter.options
    )


def _run(options: argparse.Namespace) -> int:
    from core.analysis.check import check
    from core.export.exporter import as_bytes
    from core.export.exporters import EXPORTERS
    from core.export.exporting import STEM, subject_of, target_of, write_files
    from core.export.option import chosen
    from core.export.proof.own_samples import own_samples
    from core.export.proof.proving import prove

    exporter, printed = EXPORTERS[options.to], is_stream(options.output)
    target = Path(f"{STEM}{exporter.ending}") if printed else target_of(exporter, options.output)
    read = {"the document": options.file} | ({} if options.weights is None else {"the weights": options.weights})
    if not printed:
        require_none_lost(target, read)
    picked = chosen(exporter.format, exporter.options, dict(options.option))
    report = check(open_document(options.file))
    subject = replace(subject_of(report, options.weights, target.name), options=picked)
    files = {} if printed else exporter.files(subject)
    outcome = None
    if options.prove:
        subject = replace(subject, samples=own_samples(report, options.file.parent))
        outcome, proven = prove(exporter, subject)
        if subject.weights is not None or outcome.passed is None:
            files |= proven  # without weights, those of the proof are drawn and of use to nobody else
    elif printed:
        write(options.output, as_bytes(exporter.export(subject)))
    for name in files:
        require_none_lost(target.with_name(name), read)
    written = [] if printed else write_files(target, files)
    if outcome is not None:
        _tell(outcome, exporter, options, [file.name for file in written])
    elif options.json and written:
        print_json(json.dumps({"format": options.to, "files": [str(file) for file in written]}, ensure_ascii=False))
    if report.errors:
        print("\n\n".join(map(problem_text, report.errors)), file=sys.stderr)
    return OK if report.valid and (outcome is None or outcome.passed) else WRONG


def _tell(outcome: Outcome, exporter: Exporter, options: argparse.Namespace, written: list[str]) -> None:
    """Print the outcome as JSON, and for people, on standard error, layer by layer."""
    from core.export.proof.proving import missing_text, samples_text
    from core.export.proof.script import CHECK

    lines = []
    if outcome.passed is None:
        scripts = [name for name in written if name.endswith(CHECK)]
        lines.append(
            f"{missing_text(exporter)}, or run {shown(scripts[0])} where it is."
            if scripts
            else (f"{missing_text(exporter)}, or give -o OUT to get a script that compares where it is.")
        )
    elif not options.json:
        rows = [("layer", "largest difference")]
        rows += [(shown(id), "no numbers" if value is None else f"{value:.1e}") for id, value in outcome.layers.items()]
        lines += table_lines(rows, 1)
        verdict = "No layer differs" if outcome.passed else f"{outcome.first_beyond} and perhaps later layers differ"
        lines.append(
            f"{verdict} by more than {outcome.tolerance:g} of its largest value from {outcome.compared_with}, "
            f"in {samples_text(outcome)}."
        )
    print("\n".join(lines), file=sys.stderr, end="\n" if lines else "")
    print_json(json.dumps(outcome.as_json()))


EXPORT = Command(
    name="export",
    help="write a document in a format that other programs read",
    usage="FILE --to FORMAT [-o OUT] [--option NAME=VALUE] [--weights W.npz] [--prove] [--json]",
    add_arguments=_add_arguments,
    run=_run,
)
