"""The patches of an account as they are drawn, forwards and backwards alike."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from designer.pictures import Numbers
from designer.session.looking import Cell
from designer.views.inside.account import Account, cell_of
from designer.views.inside.cell_grid import MOST_SIDE, as_matrix
from designer.views.inside.channel_list import ChannelRow

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.inside.looking import Place

Title = tuple[str, str]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A patch: what is read, what it is multiplied by, what comes out.

    Attributes
    ----------
    values : array, (…)
        Forwards what is read; backwards what the cell changes by for each unit of it.
    factors, products : array, (…), or None
        Backwards the gradients that the values get, and those that their factors get.
    inside : array of bool, (…)
        False in the padding.
    winner : (row, column) or None
    titles : three of (title, place)
        What is written above the three.
    signs : (str, str)
        Between them.
    row : ChannelRow
        How it is listed.
    strength : float
        How much it adds, whatever its sign.
    place : callable
        Returns where a value is from, by its index; None for the padding.
    are_gradients : bool
    total : float or None
        What the products add up to.
    """

    values: NDArray[np.floating]
    factors: NDArray[np.floating] | None
    products: NDArray[np.floating] | None
    inside: NDArray[np.bool_]
    winner: tuple[int, int] | None
    titles: tuple[Title, Title, Title]
    signs: tuple[str, str]
    row: ChannelRow
    strength: float
    place: Callable[[tuple[int, ...]], Place | None]
    are_gradients: bool = False
    total: float | None = None

    def source_at(self, at: tuple[int, int]) -> Cell | None:
        """Return the cell behind a number of the grid."""
        index = at if self.values.ndim == 2 else (at[0] * MOST_SIDE + at[1],)
        if any(i >= n for i, n in zip(index, self.values.shape, strict=True)):
            return None
        place = self.place(index)
        return None if place is None else cell_of(place)

    def largest_source(self) -> Cell | None:
        """Return the cell that adds most, whatever its sign; the winner where there is one."""
        numbers = self.values if self.products is None or self.are_gradients else self.products
        magnitudes = np.where(self.inside, np.abs(numbers), -1.0)
        if not magnitudes.size or magnitudes.max() < 0:
            return None
        index = tuple(int(i) for i in np.unravel_index(int(magnitudes.argmax()), magnitudes.shape))
        place = self.place(index)
        return None if place is None else cell_of(place)

    def numbers(self) -> Numbers:
        """Return all that is drawn of it, (…, 2) or (…, 3): what is read, what it is multiplied by, what comes out."""
        parts = (self.values, self.factors, self.products)
        known = [(title, part) for (title, _), part in zip(self.titles, parts, strict=True) if part is not None]
        array = np.stack([part for _, part in known], axis=-1)
        places = ["row", "column"] if self.values.ndim == 2 else ["place"]
        values = array.reshape(-1, len(known)).tolist()
        rows = [[*at, *row] for at, row in zip(np.ndindex(self.values.shape), values, strict=True)]
        return Numbers(array, [[*places, *(title for title, _ in known)], *rows])


def steps_forwards(account: Account) -> tuple[Step, ...]:
    """Return the patches of what the chosen cell was made from, through layers that only passed it on."""
    from core.inside.printing import number

    arithmetic = next((each for each in reversed(account.workings) if each.patches), None)
    if arithmetic is None:
        return ()
    steps = []
    for i, (patch, name) in enumerate(zip(arithmetic.patches, arithmetic.patch_names, strict=True)):
        where = _where(patch.cells, patch.inside)
        total, factored = number(patch.total), patch.factors is not None
        filter_name = f"factors in {arithmetic.layer}" if not patch.weight else f"{arithmetic.layer}/{patch.weight}"
        comes_out = f"adds up to {total}" if factored else "the one that was taken" if patch.winner else where
        row = ChannelRow(
            _short(patch.name),
            as_matrix(patch.values),
            None if patch.factors is None else as_matrix(patch.factors),
            total if factored else "",
            f"{name}, {comes_out}",
        )
        titles = ((name, where), (filter_name, _short_words(patch.name)), ("products", ""))
        steps.append(
            Step(
                patch.values,
                patch.factors,
                patch.products if factored else None,
                patch.inside,
                _winner(patch.winner),
                titles,
                ("×", "="),
                row,
                abs(patch.total) if factored else float(np.abs(patch.values).max(initial=0.0)),
                partial(arithmetic.place_of, i),
                total=patch.total if factored else None,
            )
        )
    return tuple(steps)


def steps_backwards(account: Account) -> tuple[Step, ...]:
    """Return how the gradient of what the chosen cell was made from is handed on to the same patches."""
    from core.inside.printing import number

    found = next((each for each in reversed(account.backwards) if each.shares), None)
    if found is None:
        return ()
    by_patch = {share.patch: share for share in found.weights if share.patch}
    names = [share.name for share in found.shares]
    steps = []
    for share in found.shares:
        learned = by_patch.get(share.name) if names.count(share.name) == 1 else None
        total = number(float(share.gradients[share.inside].sum()))
        where = _where(share.cells, share.inside)
        titles = (
            (f"slopes of {found.layer}", f"times {found.text} goes back"),
            (f"to {share.source}, {share.name}", where),
            ("to the weights", f"{found.text} × what they were multiplied by"),
        )
        said = f"{share.name} of {share.source} gets {total}"
        row = ChannelRow(_short(share.name), as_matrix(share.slopes), as_matrix(share.gradients), total, said)
        steps.append(
            Step(
                share.slopes,
                share.gradients,
                None if learned is None else learned.gradients,
                share.inside,
                _winner(share.winner),
                titles,
                ("→", ""),
                row,
                float(np.abs(share.gradients).sum()),
                share.place_of,
                are_gradients=True,
            )
        )
    return tuple(steps)


def _where(cells: NDArray[np.integer], inside: NDArray[np.bool_]) -> str:
    """Say where values lie, as far as they are not padding.

    >>> _where(np.array([[[0, 4, 2], [0, 5, 2]]]), np.array([[True, True]]))
    'row 0, columns 4–5'
    """
    known = cells[inside]
    if not len(known):
        return "padding only"
    if cells.shape[-1] != 3:
        return ""
    (top, left, _), (bottom, right, _) = known.min(axis=0).tolist(), known.max(axis=0).tolist()
    rows = f"row {top}" if top == bottom else f"rows {top}–{bottom}"
    columns = f"column {left}" if left == right else f"columns {left}–{right}"
    padding = "" if inside.all() else ", padding"
    return f"{rows}, {columns}{padding}"


def _winner(winner: tuple[int, ...] | None) -> tuple[int, int] | None:
    if winner is None:
        return None
    return (winner[0], winner[1]) if len(winner) == 2 else divmod(winner[0], MOST_SIDE)


def _short(name: str) -> str:
    """Return the number of a channel, for a narrow list.

    >>> _short("channel 6"), _short("features"), _short("x")
    ('6', 'f', 'x')
    """
    last = name.rpartition(" ")[2]
    return last if last.isdigit() else name[:1]


def _short_words(name: str) -> str:
    return "" if name == "x" else name
