"""`convograph run`: a network's outputs, with trained weights."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from core.commands.arguments import add_file, path
from core.commands.command import OK, Command
from core.commands.files import STANDARD_INPUT, is_stream, open_document, require_none_lost, require_one_reader, write
from core.io.failures import shown
from core.text import counted

if TYPE_CHECKING:  # a command that only prints its help needs no NumPy
    from core.io.arrays import Arrays


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--weights", type=path, required=True, metavar="W.npz", help="as `train --save` wrote them")
    parser.add_argument(
        "--input",
        type=path,
        required=True,
        metavar="X.npy",
        help="samples, N×H×W×C or N×C, used as they are (.npz for several inputs); - for standard input",
    )
    parser.add_argument(
        "--output", type=path, required=True, metavar="Y.npy", help="where the outputs go; - for standard output"
    )


def _run(options: argparse.Namespace) -> int:
    from core.analysis.check import check
    from core.engine.memory_limit import memory_limit, refuse_beyond_memory
    from core.engine.network import INFERENCE, Network
    from core.engine.samples import checked_samples
    from core.importing.weights_files import weights_file
    from core.io.arrays import array_bytes, load_arrays, load_piped_arrays

    require_one_reader([options.file, options.input])
    read = {"the document": options.file, "the weights": options.weights, "the input": options.input}
    require_none_lost(options.output, read)
    report = check(open_document(options.file))
    network = Network(report.document, report=report)
    with weights_file(options.weights, report) as weights:
        network.load_weights(weights)
    entrances = [network.program.nodes[index] for index in network.program.inputs]

    def require(announced: Arrays) -> None:
        n = next(iter(checked_samples(announced, entrances, "the input").values())).shape[-1]
        refuse_beyond_memory(network.bytes_for(n, INFERENCE), f"A batch of {counted(n, 'sample')}")

    if is_stream(options.input):
        samples = load_piped_arrays(sys.stdin.buffer, STANDARD_INPUT, require, memory_limit())
    else:
        samples = load_arrays(options.input, require, memory_limit())
    write(options.output, array_bytes(network.forward(samples)))
    if said := _of_bytes(samples, STANDARD_INPUT if is_stream(options.input) else shown(options.input.name)):
        print(said, file=sys.stderr)
    return OK


def _of_bytes(arrays: Arrays, name: str) -> str:
    """Say that pictures look like bytes, where networks learn from values of 0 … 1; "" where they don't."""
    for array in arrays.values() if isinstance(arrays, dict) else [arrays]:
        if array.size and 1 < array.max() <= 255 and array.min() >= 0 and (array == array.round()).all():
            return (
                f"{name} holds whole numbers up to {array.max():g} and is used as it is, but training scales pictures "
                "to 0 … 1: if these are bytes of pictures, divide them by 255 first."
            )
    return ""


RUN = Command(
    name="run",
    help="compute a network's outputs with trained weights",
    usage="FILE --weights W.npz --input X.npy --output Y.npy",
    add_arguments=_add_arguments,
    run=_run,
)
