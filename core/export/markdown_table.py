"""The table of layers in Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.analysis.summary_text import N_LEFT, SUMMARY_HEAD, summary_rows
from core.export.exporter import Exporter, Subject
from core.io.failures import shown

_SPECIAL = re.compile(r"[\\`*_\[\]<>&|~$]")


def markdown_table(subject: Subject) -> str:
    """Write the table of layers as the Markdown of GitHub and most editors, lined up so that it reads as text too."""
    rows = [SUMMARY_HEAD, *(tuple(map(_escaped, row)) for row in summary_rows(subject.report))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    head, *lines = (_line(row, widths) for row in rows)
    rule = ["-" * width if column < N_LEFT else f"{'-' * (width - 1)}:" for column, width in enumerate(widths)]
    return "\n".join([head, _line(rule, widths), *lines, ""])


def _escaped(cell: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", shown(cell))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = [
        cell.ljust(width) if column < N_LEFT else cell.rjust(width)
        for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    return f"| {' | '.join(padded)} |"


MARKDOWN = Exporter("markdown", "Markdown", "table", "the table of layers in Markdown", ".md", markdown_table)
