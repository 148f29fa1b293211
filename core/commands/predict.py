"""`convograph predict`: what a trained network says of pictures."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any

from core.commands.arguments import add_file, path
from core.commands.command import OK, WRONG, Command
from core.commands.files import open_document
from core.commands.terminal import print_json
from core.errors import DataError
from core.io.failures import shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.training.predicting import Predictor

SHOWN = 3
"""Classes that are printed for each picture, the likeliest first; `--json` prints all."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_file(parser)
    parser.add_argument("--weights", type=path, required=True, metavar="W.npz", help="as `train --save` wrote them")
    parser.add_argument("images", type=path, nargs="+", metavar="IMAGE", help="a picture, such as a PNG or JPEG")
    parser.add_argument("--json", action="store_true", help="print a list with an object for each picture")


def _run(options: argparse.Namespace) -> int:
    from core.analysis.check import check
    from core.engine.threads import ONE_THREAD
    from core.importing.weights_files import weights_file
    from core.training.predicting import Predictor

    document = open_document(options.file)
    with weights_file(options.weights, check(document)) as weights:
        predictor = Predictor(document, weights)
    status, entries = OK, []
    for image in options.images:
        name = shown(image)
        try:
            with ONE_THREAD:
                probabilities = predictor.probabilities_of_file(image)
        except DataError as error:
            status = WRONG
            print(error, file=sys.stderr)
            entries.append({"image": str(image), "error": str(error)})
            continue
        entries.append(_entry(str(image), predictor, probabilities))
        if not options.json:
            print(f"{name}: {_text(entries[-1])}", flush=True)
    if options.json:
        print_json(json.dumps(entries, ensure_ascii=False))
    return status


def _entry(image: str, predictor: Predictor, probabilities: NDArray[np.float64]) -> dict[str, Any]:
    best = int(probabilities.argmax())
    return {
        "image": image,
        "class": predictor.classes[best],
        "probability": float(probabilities[best]),
        "classes": [
            {"name": name, "probability": probability}
            for name, probability in zip(predictor.classes, probabilities.tolist(), strict=True)
        ],
    }


def _text(entry: dict[str, Any]) -> str:
    likeliest = sorted(entry["classes"], key=lambda each: -each["probability"])[:SHOWN]
    return " · ".join(f"{shown(each['name'])} {each['probability']:.1%}" for each in likeliest)


PREDICT = Command(
    name="predict",
    help="say what a trained network takes pictures for",
    usage="FILE --weights W.npz IMAGE… [--json]",
    add_arguments=_add_arguments,
    run=_run,
)
