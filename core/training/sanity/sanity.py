"""The sanity checks, in one table."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from pathlib import Path

from core.analysis.report import Report
from core.errors import NetworkError
from core.graph.values import Document
from core.io.datasets import Dataset
from core.training.sanity import gradients, initial_loss, overfitting, regularisation
from core.training.sanity.outcome import Message, Outcome
from core.training.sanity.subject import Subject

CHECKS: Mapping[str, Callable[[Subject], Iterator[Message]]] = {  # add one here
    initial_loss.CHECK: initial_loss.initial_loss,
    regularisation.CHECK: regularisation.regularisation,
    overfitting.CHECK: overfitting.overfitting,
    gradients.CHECK: gradients.gradients,
}
"""Every check by its name, in the order in which they are made."""


def sanity_checks(
    document: Document,
    data: Dataset | None = None,
    *,
    base: Path | None = None,
    report: Report | None = None,
) -> Generator[Message, None, None]:
    """Make one check after the other, on networks of their own: no run and no random numbers of others are touched.

    Nothing happens between two messages; to close the generator is to stop.

    Parameters
    ----------
    document, data, base, report
        As for `Trainer`, and so are the failures, which come with the first message.

    Examples
    --------
    >>> from core.io.templates import load_template
    >>> for message in sanity_checks(load_template("mlp")):
    ...     if isinstance(message, Outcome):
    ...         print(message.check, message.passed)
    initial_loss True
    regularisation_raises_loss True
    overfits_20_samples True
    gradients True
    """
    subject = Subject(document, data, base=base, report=report)
    for check, run in CHECKS.items():
        try:
            yield from run(subject)
        except NetworkError as error:  # such as a copy in float64 that does not fit into memory
            yield Outcome(check, None, None, None, str(error), f"{check.replace('_', ' ')}: not made", "see why")
