"""What an exporter is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.analysis.report import Report


@dataclass(frozen=True, slots=True)
class Exporter:
    """A format that other programs read.

    Attributes
    ----------
    format : str
        Its name, as it follows `--to`.
    writes : str
        What it writes; a phrase that completes "it writes".
    ending : str
        Of the names of its files, with the dot.
    export : callable
        Returns what the file holds. Text is saved as UTF-8. The document may have errors: what is not known is shown
        as unknown.
    """

    format: str
    writes: str
    ending: str
    export: Callable[[Report], str | bytes]
