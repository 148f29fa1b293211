"""`convograph import`: a model that another program made, as a document."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.commands.arguments import path
from core.commands.command import OK, WRONG, Command
from core.commands.files import is_stream, require_none_lost, write
from core.io.failures import shown
from core.text import listing

if TYPE_CHECKING:
    from core.importing.importer import StoredTest


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    from core.importing.importers import IMPORTERS

    formats = listing([importer.name for importer in IMPORTERS], "or")
    parser.add_argument("model", type=path, metavar="MODEL", help=f"a model of {formats}")
    parser.add_argument(
        "-o",
        "--output",
        type=path,
        default=Path("-"),
        metavar="FILE.json",
        help="where the document goes; printed by default, as with -",
    )
    parser.add_argument("--weights", type=path, metavar="W.npz", help="where the weights go")


def _run(options: argparse.Namespace) -> int:
    from core.importing.importers import importer_of
    from core.io.weights import weights_bytes
    from core.io.writing import document_text

    require_none_lost(options.output, {"the model": options.model})
    if options.weights is not None:
        require_none_lost(options.weights, {"the model": options.model, "the document": options.output})
    importer = importer_of(options.model)
    imported = importer.read(options.model)
    beside = imported.beside
    tests = importer.stored_tests(options.model, imported)
    text = document_text(imported.document)
    if is_stream(options.output):
        print(text, end="")
    else:
        write(options.output, text.encode())
    if options.weights is not None:
        write(options.weights, weights_bytes({**imported.weights, **beside.arrays}, beside.comment))
    print("\n".join([*imported.changes, *map(_test_line, tests)]), file=sys.stderr)
    return OK if all(test.passed for test in tests) else WRONG


def _test_line(test: StoredTest) -> str:
    away = f"the largest difference is {test.difference:.2g}"
    if test.passed:
        return (
            f"{shown(test.name)}: computes what is stored beside the model; {away}, {test.tolerance:.2g} are allowed."
        )
    return (
        f"{shown(test.name)}: computes something else than what is stored beside the model: {away}, and only "
        f"{test.tolerance:.2g} are allowed. Don't use this import before you know why."
    )


IMPORT = Command(
    name="import",
    help="make a document of a model that another program wrote",
    usage="MODEL [-o FILE.json] [--weights W.npz]",
    add_arguments=_add_arguments,
    run=_run,
)
