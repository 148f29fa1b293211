"""Everything that samples are looked at for, in one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from core.errors import EditError
from core.graph.fixing import apply_fix
from core.graph.values import Document
from core.io.datasets.findings.copies import contradictions, duplicates, test_leaks, validation_leaks
from core.io.datasets.findings.finding import DataFinding
from core.io.datasets.findings.labels import (
    empty_classes,
    few_samples,
    label_range,
    late_labels,
    rare_classes,
    single_class,
)
from core.io.datasets.findings.look import Look
from core.io.datasets.findings.measures import CancelledError, Measures
from core.io.datasets.findings.pictures import byte_order, far_from_input, inverted, on_their_side, swapped_channels
from core.io.datasets.findings.values import (
    constant_channels,
    constant_samples,
    dark_samples,
    nearly_black,
    nonfinite,
    unscaled,
)
from core.io.datasets.values import Dataset
from core.problems import Fix

RULES: tuple[Callable[[Look], Iterator[DataFinding]], ...] = (  # add one here
    label_range,
    nonfinite,
    late_labels,
    empty_classes,
    single_class,
    rare_classes,
    contradictions,
    validation_leaks,
    test_leaks,
    nearly_black,
    unscaled,
    inverted,
    byte_order,
    constant_channels,
    constant_samples,
    dark_samples,
    on_their_side,
    swapped_channels,
    duplicates,
    far_from_input,
    few_samples,
)
"""Worst first; each finds nothing, or says what it found once."""

_RANK = ("error", "advice", "note")


def data_findings(
    dataset: Dataset, document: Document | None = None, cancelled: Callable[[], bool] | None = None
) -> tuple[DataFinding, ...]:
    """Look for what is wrong or unwise about samples.

    Parameters
    ----------
    dataset : Dataset
        As it is stored, before anything is fitted to an Input.
    document : Document, optional
        Whose output, split and preprocessing are taken into account.
    cancelled : callable, optional
        Asked every few million values; where it says so, nothing is returned.

    Returns
    -------
    tuple of DataFinding
        Errors first. What they offer has been tried: a fix takes its finding away.

    Examples
    --------
    >>> import numpy as np
    >>> from core.io.datasets import plain_dataset
    >>> pictures = np.random.default_rng(0).random((60, 8, 8, 1))
    >>> for finding in data_findings(plain_dataset(pictures, [1, 2] * 30)):
    ...     print(finding.what, [fix.label for fix in finding.fixes])
    The labels of the data begin with 1: no sample has the label 0. ['Count labels from 1']
    """
    return measured_findings(Measures(dataset, cancelled), document)


def measured_findings(measures: Measures, document: Document | None = None) -> tuple[DataFinding, ...]:
    """Do the same with samples that may have been measured already, for another document."""
    look = Look(measures, document)
    findings = []
    try:
        for rule in RULES:
            measures.go_on()
            for finding in rule(look):
                tried = tuple(fix for fix in finding.fixes if _helps(fix, finding, rule, look))
                findings.append(finding.offering(tried))
    except CancelledError:
        return ()
    return tuple(sorted(findings, key=lambda finding: _RANK.index(finding.severity)))


def _helps(fix: Fix, finding: DataFinding, rule: Callable[[Look], Iterator[DataFinding]], look: Look) -> bool:
    """Try a fix on a copy of the document: the finding has to go away."""
    try:
        after = apply_fix(look.document or Document(), fix)
    except EditError:
        return False
    return all(left.code != finding.code for left in rule(Look(look.measures, after)))
