"""What is said of values: where one is and how large, and how likely each class is."""

from __future__ import annotations

from designer.session.looking import Cell
from designer.views.changes import change_text
from designer.views.class_bars import class_name, probabilities_of
from designer.views.class_rows import ClassRow
from designer.views.inside.columns import Column
from designer.views.inside.inside import Inside
from designer.views.inside.shown_maps import ShownMaps


def words_about(cell: Cell, column: Column | None, inside: Inside, maps: ShownMaps) -> str:
    """Say in a line where a value is, and how large it is, or its gradient where gradients are looked at.

    Where the difference of two moments is shown, say how large that is.
    """
    value = cell.of(maps.values(cell.layer)) if maps.is_difference else inside.value_of(cell)
    if column is not None and column.form == "classes":
        where = f"{cell.layer}, {_name(cell.channel, inside)}"
    elif column is not None and column.shape is not None and len(column.shape) == 3:
        where = f"{cell.layer}, map {cell.channel + 1}, row {cell.row}, column {cell.column}"
    else:
        where = f"{cell.layer}, value {cell.channel + 1:,}"
    if maps.is_difference and value is not None:
        return f"{where}: B − A {change_text(value)}"
    what = "gradient " if inside.look is not None and inside.look.are_gradients else ""
    return where if value is None else f"{where}: {what}{value:.4g}".replace("-", "−")


def class_rows(layer: str, inside: Inside, maps: ShownMaps) -> list[ClassRow]:
    """Return a line for each class that an output stands for, or by how much likelier it is; none where not known."""
    if maps.is_difference:
        changes = maps.class_changes(layer)
        known = [] if changes is None else changes.tolist()
        return [ClassRow(_name(i, inside), change, is_change=True) for i, change in enumerate(known)]
    output = None if inside.look is None else inside.look.maps.get(layer)
    probabilities = None if output is None else probabilities_of(output)
    if probabilities is None:
        return []
    best, label = int(probabilities.argmax()), inside.label
    return [ClassRow(_name(i, inside), float(p), i == label, i == best) for i, p in enumerate(probabilities)]


def _name(number: int, inside: Inside) -> str:
    return class_name(inside.dataset.classes if inside.dataset is not None else (), number)
