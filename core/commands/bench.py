"""`convograph bench`: how fast the engine is, and how much memory it takes."""

from __future__ import annotations

import argparse
import json

from core.commands.arguments import path
from core.commands.command import OK, Command
from core.commands.terminal import print_json


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "networks", nargs="*", metavar="NETWORK", help="what is measured, such as lenet5; all by default"
    )
    parser.add_argument("--seconds", type=float, default=0.5, metavar="S", help="how long each computes at a time")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--into", type=path, metavar="FILE", help="put the table in its place in this document")


def _run(options: argparse.Namespace) -> int:
    from core.bench.command import bench

    measured = bench(options.networks, options.seconds, options.into)
    print_json(json.dumps(measured.as_json(), ensure_ascii=False)) if options.json else print(measured.text)
    return OK


BENCH = Command(
    name="bench",
    help="measure the engine's speed and memory, beside PyTorch's where it is installed",
    usage="[NETWORK…] [--seconds S] [--json] [--into FILE]",
    add_arguments=_add_arguments,
    run=_run,
)
