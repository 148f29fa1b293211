"""`convograph run`: a network's outputs, with trained weights."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from core.commands.arguments import add_file
from core.commands.command import OK, Command
from core.commands.files import open_document

if TYPE_CHECKING:  # a command that only prints its help needs no NumPy
    from core.io.arrays import Arrays


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--weights", type=Path, required=True, metavar="W.npz", help="as `train --save` wrote them")
    parser.add_argument("--input", type=Path, required=True, metavar="X.npy", help="N×H×W×C (or N×C), used as it is")
    parser.add_argument("--output", type=Path, required=True, metavar="Y.npy", help="where the outputs go")


def _run(options: argparse.Namespace) -> int:
    from core.engine.network import Network
    from core.io.arrays import load_arrays, save_arrays

    network = Network(open_document(options.file))
    network.load_weights(options.weights)
    arrays = load_arrays(options.input)
    save_arrays(options.output, network.forward(arrays))
    if said := _of_bytes(arrays, options.input.name):
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
