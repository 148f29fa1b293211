"""`convograph plan`: how a network is computed."""

from __future__ import annotations

import argparse
import json

from core.commands.arguments import add_file, add_replicas, n_samples
from core.commands.command import OK, Command
from core.commands.files import open_document
from core.commands.terminal import print_json


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--batch", type=n_samples, metavar="N", help="samples in a batch, instead of the document's")
    add_replicas(parser)
    parser.add_argument("--measure", action="store_true", help="compute some passes and tell how long each step takes")
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def _run(options: argparse.Namespace) -> int:
    from core.engine.network import Network
    from core.engine.plan_summary import plan_summary, plan_summary_text

    document = open_document(options.file)
    batch = options.batch or document.training.settings.batch_size
    network = Network(document, n_replicas=options.replicas)
    summary = plan_summary(network, batch, measure=options.measure)
    if options.json:
        print_json(json.dumps(summary.as_json(), ensure_ascii=False))
    else:
        print(plan_summary_text(summary))
    return OK


PLAN = Command(
    name="plan",
    help="print how a network is computed: steps, kernels and why, memory, times",
    usage="FILE [--batch N] [--replicas N] [--measure] [--json]",
    add_arguments=_add_arguments,
    run=_run,
)
