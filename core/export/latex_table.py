"""The table of layers in LaTeX."""

from __future__ import annotations

from core.analysis.summary_text import N_LEFT, SUMMARY_HEAD, summary_rows
from core.export.exporter import Exporter, Subject
from core.export.latex_text import in_latex


def latex_table(subject: Subject) -> str:
    """Write the table of layers as a `tabular` with the rules of booktabs."""
    head, *layers, totals = (_line(row) for row in (SUMMARY_HEAD, *summary_rows(subject.report)))
    columns = "l" * N_LEFT + "r" * (len(SUMMARY_HEAD) - N_LEFT)
    return "\n".join(
        [
            r"% Needs \usepackage{booktabs}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            head,
            r"\midrule",
            *layers,
            r"\midrule",
            totals,
            r"\bottomrule",
            r"\end{tabular}",
            "",
        ]
    )


def _line(cells: tuple[str, ...]) -> str:
    return rf"{' & '.join(map(in_latex, cells))} \\"


LATEX = Exporter("latex", "LaTeX", "table", "the table of layers in LaTeX, with booktabs", ".tex", latex_table)
