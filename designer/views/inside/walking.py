"""Which value the keys lead to."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from designer.session.looking import Cell
from designer.views.inside.columns import Column


def column_of(columns: Sequence[Column], layer: str) -> Column | None:
    """Return the column that shows the output of a layer."""
    return next((column for column in columns if column.layer == layer), None)


def first_cell(columns: Sequence[Column], selection: Collection[str]) -> Cell | None:
    """Return where to begin: in the middle of the selected layer, else of the first with maps."""
    selected = [column for column in columns if column.id in selection]
    known = [c for c in (*selected, *(c for c in columns if c.form == "maps"), *columns) if c.shape is not None]
    if not known:
        return None
    column = known[0]
    shape = column.shape or (1,)
    return Cell(column.layer, 0, shape[0] // 2, shape[1] // 2) if len(shape) == 3 else Cell(column.layer, 0)


def moved(cell: Cell, column: Column, rows: int, down: int, right: int) -> Cell:
    """Return the neighbour of a value, which may not exist; features stand in columns of so many."""
    if column.shape is not None and len(column.shape) == 3:
        return Cell(cell.layer, cell.channel, cell.row + down, cell.column + right)
    return Cell(cell.layer, cell.channel + down + right * (rows if column.form == "bar" else 1))


def in_other_map(cell: Cell, step: int) -> Cell:
    """Return the value at the same place so many maps further on, which may not exist."""
    return Cell(cell.layer, cell.channel + step, cell.row, cell.column)


def in_other_layer(cell: Cell, columns: Sequence[Column], step: int) -> Cell:
    """Return the value of the layer so many columns further on that is at the same share of its height and width."""
    order = [column for column in columns if column.shape is not None]
    at = next(place for place, column in enumerate(order) if column.layer == cell.layer)
    to = order[max(0, min(len(order) - 1, at + step))]
    if to is order[at]:
        return cell
    old, new = order[at].shape or (1,), to.shape or (1,)
    channel = min(cell.channel, new[-1] - 1)
    if len(new) != 3:
        return Cell(to.layer, channel)
    if len(old) != 3:
        return Cell(to.layer, channel, new[0] // 2, new[1] // 2)
    return Cell(to.layer, channel, cell.row * new[0] // old[0], cell.column * new[1] // old[1])
