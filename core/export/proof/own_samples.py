"""Samples of the document's own data set, for a proof that looks where the network is to work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.analysis.report import Report
from core.engine.program import compile_program
from core.errors import DataError, NetworkError
from core.io.weights import Array
from core.training.preparation import divided, fitted_to, load_for

MOST = 8
"""Samples that are taken; of large networks fewer are compared."""


@dataclass(frozen=True, slots=True, eq=False)
class OwnSamples:
    """Samples as they are in a data set, with values from 0 to 1.

    Attributes
    ----------
    arrays : mapping of str to array
        (N, H, W, C) or (N, C), by the id of the Input.
    source : str
        The data set, as the document names it.
    """

    arrays: Mapping[str, Array]
    source: str


def own_samples(report: Report, base: Path | None = None) -> OwnSamples | None:
    """Return samples that training keeps back for validation; None where the document has no data to be had.

    Parameters
    ----------
    base : Path, optional
        The folder that the path of a data set starts from.
    """
    settings = report.document.training.settings
    try:
        program = compile_program(report.document, report)
        if len(program.inputs) != 1:
            return None
        node = program.nodes[program.inputs[0]]
        dataset = fitted_to(load_for(settings, node.shape, base), settings, node.shape)
    except (DataError, NetworkError):
        return None
    learned, kept = divided(dataset, settings)
    places = kept if len(kept) else learned
    if not len(places) or dataset.shape != node.shape:
        return None
    return OwnSamples({node.id: dataset.pixels(places[:MOST])}, settings.dataset)
