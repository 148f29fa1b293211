"""The sums of an account as text, with links to the cells that its numbers come from and go to."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

from designer.session.looking import Cell
from designer.views.inside.account import cell_of

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.inside.arithmetic import Arithmetic, Line
    from core.inside.backwards import Backwards

MOST_LINKS = 20
MOST_BESIDE, MOST_LETTERS = 3, 420
"""Paragraphs that stand side by side, and how long each may be, with its markup."""


class Links:
    """Cells by the names that links have in a text."""

    def __init__(self) -> None:
        self._cells: list[Cell] = []

    def to(self, cell: Cell, text: str) -> str:
        """Return a link to a cell, as HTML."""
        self._cells.append(cell)
        return f'<a href="{len(self._cells) - 1}">{escape(text)}</a>'

    def cell(self, name: str) -> Cell | None:
        """Return the cell that a link leads to."""
        return self._cells[int(name)] if name.isdigit() and int(name) < len(self._cells) else None


def short_name(cell: Cell, *, image: bool) -> str:
    """Name a cell in a few characters.

    >>> short_name(Cell("pool2", 2, 1, 1), image=True), short_name(Cell("fc1", 3), image=False)
    ('pool2 map 3 (1, 1)', 'fc1 value 4')
    """
    return (
        f"{cell.layer} map {cell.channel + 1} ({cell.row}, {cell.column})"
        if image
        else f"{cell.layer} value {cell.channel + 1:,}"
    )


def workings_html(workings: Iterable[Arithmetic], links: Links) -> str:
    """Write the lines of several layers, from the first of them to the last."""
    paragraphs = []
    for arithmetic in reversed(tuple(workings)):
        if not arithmetic.lines:
            paragraphs.append(f"<p style='margin:0 0 6px 0'>{escape(arithmetic.sentence)}</p>")
        paragraphs += [_line_html(arithmetic.layer, line, links) for line in arithmetic.lines]
    return _side_by_side(paragraphs)


def _side_by_side(paragraphs: list[str]) -> str:
    """Put a few short paragraphs beside one another, where they are read as one sum after the other."""
    if not 1 < len(paragraphs) <= MOST_BESIDE or max(map(len, paragraphs)) > MOST_LETTERS:
        return "".join(paragraphs)
    cells = "".join(f"<td style='padding-right:28px'>{paragraph}</td>" for paragraph in paragraphs)
    return f"<table cellspacing=0 cellpadding=0><tr>{cells}</tr></table>"


def _line_html(layer: str, line: Line, links: Links) -> str:
    what = line.name if line.name != "y" else ""
    title = " · ".join(escape(part) for part in (layer, what, line.formula) if part)
    sources = [
        links.to(cell_of(term.place), f"{term.name}: {term.text}")
        for term in line.terms[:MOST_LINKS]
        if term.place is not None
    ]
    text, _, result = line.text.rpartition(" = ")
    shown = f"{escape(text)} = <b>{escape(result)}</b>" if text else f"<b>{escape(line.text)}</b>"
    more = f"<br><small>from {' · '.join(sources)}</small>" if sources else ""
    return f"<p style='margin:0 0 6px 0'><small>{title}</small><br>{shown}{more}</p>"


def backwards_html(backwards: Iterable[Backwards], links: Links) -> str:
    """Write what becomes of the gradients of several layers, from the chosen cell down."""
    paragraphs = []
    for each in backwards:
        won = [share.place_of(share.winner) for share in each.shares if share.winner is not None]
        goes = [
            links.to(cell_of(place), short_name(cell_of(place), image=len(place.cell) == 3))
            for place in won
            if place is not None
        ]
        to = f"<br><small>to {' · '.join(goes)}</small>" if goes else ""
        paragraphs.append(f"<p style='margin:0 0 6px 0'>{escape(each.sentence)}{to}</p>")
        paragraphs += [_line_html("loss", line, links) for line in each.lines]
    return "".join(paragraphs)
