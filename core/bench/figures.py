"""The figures as a table, in Markdown, which reads well in a terminal too."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from core.bench.limits import Limits
from core.bench.measuring import OURS_ALONE, Figure, Result
from core.errors import SaveError
from core.io.atomic import write_atomically
from core.io.failures import reason, shown
from core.io.regular_files import open_file
from core.text import bytes_text

BEGIN, END = "<!-- figures of `convograph bench` -->", "<!-- end of the figures -->"
"""The lines around the table in a document."""


def table(results: Sequence[Result], limits: Limits) -> str:
    """Lay out the figures, with notes on what they mean below."""
    compared = any(result.best is not None for result in results)
    head = ["network", "batch", "ms", "1 replica", *(("PyTorch's best", "ratio", "goal") if compared else ())]
    head += ["images/s", "of the limit", "memory", *(("PyTorch's",) if compared else ())]
    rows = [head, *(_row(result, compared) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join([*lines, "", *_notes(results, limits, compared)])


def _row(result: Result, compared: bool) -> list[str]:
    ours, best = result.ours, result.best
    alone = result.figures.get(OURS_ALONE.title)
    title = rf"{result.case.title} \*" if result.disturbed else result.case.title
    row = [title, str(result.case.batch), _ms(ours), _ms(alone)]
    if compared:
        ratio = result.ratio
        row += [_ms(best), "" if ratio is None else f"{ratio:.2f}", f"{result.case.must:g}"]
    row += [f"{result.images_per_second:,.0f}", f"{100 * result.limit_ms / ours.ms:.0f} %", _memory(ours)]
    return [*row, _memory(best)] if compared else row


def _ms(figure: Figure | None) -> str:
    return "" if figure is None else f"{figure.ms:.3g}"


def _memory(figure: Figure | None) -> str:
    return "" if figure is None or figure.memory_bytes is None else bytes_text(figure.memory_bytes)


def _notes(results: Sequence[Result], limits: Limits, compared: bool) -> list[str]:
    what = "A step is forward, cross-entropy, backward and SGD with momentum; “one image” is a forward pass alone."
    limit = (
        f"The limit: {limits.flops / 1e9:.0f} GFLOP/s of matrix products and {limits.bytes / 1e9:.0f} GB/s of copying, "
        "whichever takes longer in each layer."
    )
    notes = [f"{what} {limit}"]
    if compared:
        notes.append("The ratio is PyTorch's best time (one thread, all, all with channels last) divided by ours.")
    else:
        notes.append("PyTorch is not installed, so there is nothing to compare with.")
    if any(result.disturbed for result in results):
        notes.append(r"\* Other programs kept the machine busy during the measurement.")
    if any(figure.foreign is None for result in results for figure in result.figures.values()):
        notes.append(
            "This system does not say what other programs do: they may have disturbed the measurement unnoticed."
        )
    return notes


def write_into(file: Path, text: str) -> None:
    """Replace the figures in a document.

    Raises
    ------
    SaveError
        If there is no such place, or the file cannot be written.
    """
    try:
        with open_file(file) as opened:
            whole = opened.read().decode()
    except OSError as error:
        raise SaveError(f"{shown(file)} cannot be read: {reason(error)}.") from error
    before, begin, rest = whole.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SaveError(f"{file} has no place for the figures: add the lines {BEGIN} and {END} where they belong.")
    write_atomically(file, f"{before}{BEGIN}\n{text}\n{END}{after}".encode())
