"""Arguments that several commands take."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from core.graph.values import Document

MOST_REPLICAS = 64
"""Processes; more would each have too little of a batch."""


def path(text: str) -> Path:
    """Read the name of a file, for the `type` of an argument; an empty one would be the current folder."""
    return Path(name(text))


def name(text: str) -> str:
    """Read a name, for the `type` of an argument."""
    if not text:
        raise argparse.ArgumentTypeError("the name is empty")
    return text


def add_file(parser: argparse.ArgumentParser) -> None:
    """Take the path of a document."""
    parser.add_argument(
        "file", type=path, metavar="FILE", help="a Convograph document, or - to read it from standard input"
    )


def add_data(parser: argparse.ArgumentParser) -> None:
    """Take the name or path of a data set."""
    parser.add_argument(
        "--data",
        type=name,
        metavar="NAME_OR_PATH",
        help="a bundled data set, or a file or folder in one of the formats",
    )


def with_data(document: Document, data: str | None) -> Document:
    """Return a document that names the data set of the command line; a path there starts from the current folder."""
    from core.graph.edits import set_training
    from core.io.datasets import BUNDLED

    if data is None:
        return document
    return set_training(document, {"dataset": data if data in BUNDLED else str(Path(data).absolute())})


def add_replicas(parser: argparse.ArgumentParser) -> None:
    """Take the number of processes that share each batch."""
    parser.add_argument(
        "--replicas", type=_replicas, metavar="N", help="processes that share each batch; as many as pay by default"
    )


def _replicas(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= MOST_REPLICAS:
        raise argparse.ArgumentTypeError(f"{text} is no number of processes: give 1 to {MOST_REPLICAS}")
    return int(text)


def whole(text: str) -> int:
    """Read a whole number, for the `type` of an argument; what it may be, the document's check says."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text} is no whole number, such as 10") from None


def n_samples(text: str) -> int:
    """Read a number of samples, for the `type` of an argument."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of samples: give 1 or more")
    return int(text)
