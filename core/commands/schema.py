"""`convograph schema`: the JSON Schema of documents."""

from __future__ import annotations

import argparse

from core.commands.command import OK, Command
from core.commands.terminal import print_json


def _add_arguments(_: argparse.ArgumentParser) -> None:
    """Nothing may follow."""


def _run(_: argparse.Namespace) -> int:
    from core.io.schema import schema_text

    print_json(schema_text().rstrip())
    return OK


SCHEMA = Command(
    name="schema",
    help="print the JSON Schema of documents",
    usage="",
    add_arguments=_add_arguments,
    run=_run,
)
