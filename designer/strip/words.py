"""What the second line of a card says, where it is more than the shape of the output."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.analysis.report import Report
from core.graph.values import Graph


@dataclass(frozen=True, slots=True)
class Word:
    """A few words about a layer.

    Attributes
    ----------
    text : str
        "3 of 6 dead".
    tone : {"plain", "ok", "warning"}
        In which colour it is written; the words alone say it, too.
    """

    text: str
    tone: Literal["plain", "ok", "warning"] = "plain"


def frozen_words(graph: Graph, report: Report) -> Mapping[str, Word]:
    """Say of each layer that has weights and does not learn them that it is frozen.

    Examples
    --------
    >>> from core.analysis.check import check
    >>> from core.io.templates import load_template
    >>> document = load_template("lenet5")
    >>> frozen_words(document.graph, check(document))
    {}
    """
    found = ((layer.id, report.of(layer.id)) for layer in graph.layers if not layer.trainable)
    return {id: Word("frozen") for id, known in found if known is not None and known.facts.parameters}
