"""The document of a command that tries out whether, and how, it can be trained, together with its samples."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from core.commands.arguments import with_data
from core.commands.files import open_document
from core.commands.terminal import problem_text

if TYPE_CHECKING:
    from core.analysis.report import Report
    from core.graph.values import Document
    from core.io.datasets import Dataset


@dataclass(frozen=True, slots=True)
class Trainable:
    """A document without errors, and what it learns from."""

    document: Document
    report: Report
    data: Dataset
    base: Path


def open_trainable(options: argparse.Namespace) -> Trainable:
    """Open the FILE of a command, with the samples of its --data.

    Raises
    ------
    DocumentError, NetworkError, DataError
        If the file can't be read, the network can't be trained, or the samples can't be read.
    """
    from core.analysis.check import check
    from core.errors import NetworkError
    from core.training.preparation import load_for
    from core.training.requirements import Question, require_trainable, training_input

    document = with_data(open_document(options.file), options.data)
    report = check(document)
    if report.errors:
        raise NetworkError("\n\n".join(problem_text(problem) for problem in report.errors))
    base = options.file.absolute().parent
    shape = training_input(require_trainable(Question(report))).shape
    return Trainable(document, report, load_for(document.training.settings, shape, base), base)
