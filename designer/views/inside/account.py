"""All that is said of one cell: what it sees and feeds, how its value came about, what becomes of its gradient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from core.errors import NetworkError
from core.shapes import Shape
from designer.session.looking import Cell, Insight

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.inside.arithmetic import Arithmetic
    from core.inside.backwards import Backwards
    from core.inside.looking import Look, Place
    from core.inside.regions import Region

MOST_STEPS = 6
"""Layers that are written out at once: those that a value was only passed on by, and the one that it comes from."""

MOST_PATH = 40
"""Layers that the path is followed through."""

Regions: TypeAlias = "dict[str, Region]"


@dataclass(frozen=True, slots=True, eq=False)
class Account:
    """What is said of a cell.

    Attributes
    ----------
    cell : Cell
    seen, fed : mapping of str to Region
        By layer: what it depends on, and what depends on it.
    workings : tuple of Arithmetic
        The cell's own, then that of the one value it was made from, as long as it is only one.
    path : mapping of str to int
        The channel of each layer, from the cell back along what adds most to it.
    backwards : tuple of Backwards
        What becomes of the gradients of the same cells, where gradients are looked at.
    refusal : str
        Why something is missing.
    """

    cell: Cell
    seen: Regions = field(default_factory=dict)
    fed: Regions = field(default_factory=dict)
    workings: tuple[Arithmetic, ...] = ()
    path: Mapping[str, int] = field(default_factory=dict)
    backwards: tuple[Backwards, ...] = ()
    refusal: str = ""

    @property
    def sentence(self) -> str:
        """All of it in words."""
        said = [each.in_words for each in self.backwards] or [each.sentence for each in self.workings]
        return " ".join([*said, *([self.refusal] if self.refusal else [])])


def core_cell(cell: Cell, shape: Shape) -> tuple[int, ...]:
    """Return a cell as the core names it: (row, column, channel), or (feature,)."""
    return (cell.row, cell.column, cell.channel) if len(shape) == 3 else (cell.channel,)


def cell_of(place: Place) -> Cell:
    """Return a cell that the core names."""
    return cell_at(place.layer, place.cell)


def cell_at(layer: str, at: tuple[int, ...]) -> Cell:
    """Return a cell by its layer and its (row, column, channel) or (feature,)."""
    return Cell(layer, at[2], at[0], at[1]) if len(at) == 3 else Cell(layer, at[0])


class Accounts:
    """Gives the account of a cell; what depends on the network's shapes alone is kept for the next look."""

    def __init__(self) -> None:
        self._regions: tuple[object, Cell, Regions, Regions] | None = None

    def of(self, insight: Insight, cell: Cell) -> Account:
        """Say all that is known of a cell in a look."""
        look, layer = insight.look, insight.report.layers.get(cell.layer)
        if look is None or layer is None or layer.shape is None or cell.layer not in look.program.by_id:
            return Account(cell, refusal=insight.refusal or "It is being computed.")
        place = core_cell(cell, layer.shape)
        seen, fed = self._seen_and_fed(look, cell, place)
        from core.inside.backwards import hand_on

        refusal = ""
        workings: tuple[Arithmetic, ...] = ()
        backwards: tuple[Backwards, ...] = ()
        try:
            workings = chain(look, cell.layer, place)
            if look.aim is not None:
                backwards = tuple(hand_on(look, each.layer, each.cell) for each in workings)
        except NetworkError as error:
            refusal = str(error)
        return Account(cell, seen, fed, workings, path_back(look, workings), backwards, refusal)

    def _seen_and_fed(self, look: Look, cell: Cell, place: tuple[int, ...]) -> tuple[Regions, Regions]:
        from core.inside.regions import fed_by, seen_by

        known = self._regions
        if known is None or known[0] is not look.program or known[1] != cell:
            seen, fed = (by(look.program, cell.layer, place) for by in (seen_by, fed_by))
            known = self._regions = (look.program, cell, seen, fed)
        return known[2], known[3]


def chain(look: Look, layer: str, place: tuple[int, ...]) -> tuple[Arithmetic, ...]:
    """Write out a cell, and what it was made from as long as that is one value: a pool's winner, what ReLU let through.

    Raises
    ------
    NetworkError
        The look leaves out what the cell's own layer needs.
    """
    from core.inside.arithmetic import work_out

    found = [work_out(look, layer, place)]
    while len(found) < MOST_STEPS and (source := only_source(found[-1])) is not None:
        try:
            found.append(work_out(look, source.layer, source.cell))
        except NetworkError:  # it is not looked at
            break
    return tuple(found)


def path_back(look: Look, workings: tuple[Arithmetic, ...]) -> dict[str, int]:
    """Return the channel of each layer along the path that adds most to a value, as far as it is looked at."""
    found: dict[str, int] = {}
    while workings and len(found) < MOST_PATH:
        for arithmetic in workings:
            found.setdefault(arithmetic.layer, arithmetic.cell[-1])
        last = workings[-1]
        if not last.patches:
            break
        number = max(range(len(last.patches)), key=lambda i: abs(last.patches[i].total))
        patch = last.patches[number]
        magnitudes = np.where(patch.inside, np.abs(patch.products), -1.0)
        index = tuple(int(i) for i in np.unravel_index(int(magnitudes.argmax()), magnitudes.shape))
        place = last.place_of(number, index)
        if place is None or place.layer in found:
            break
        try:
            workings = chain(look, place.layer, place.cell)
        except NetworkError:
            found.setdefault(place.layer, place.cell[-1])
            break
    return found


def only_source(arithmetic: Arithmetic) -> Place | None:
    """Return the one value that a value was made from; None where there are several."""
    if arithmetic.winner is not None:
        return arithmetic.winner
    patches = arithmetic.patches
    if len(patches) != 1 or patches[0].values.size != 1 or patches[0].weight:
        return None
    return arithmetic.place_of(0, (0,) * patches[0].values.ndim)


def largest_fed(account: Account, insight: Insight, layer: str) -> Cell | None:
    """Return the largest value of a layer, whatever its sign, among those that a cell feeds."""
    region, maps = account.fed.get(layer), insight.maps.get(layer)
    if region is None or not region.n_cells:
        return None
    if maps is None or maps.shape != region.mask.shape:
        at = np.unravel_index(int(region.mask.argmax()), region.mask.shape)
    else:
        magnitudes = np.where(region.mask, np.abs(np.nan_to_num(maps)), -1.0)
        at = np.unravel_index(int(magnitudes.argmax()), maps.shape)
    return cell_at(layer, tuple(map(int, at)))
