"""What a fix would change, in one line."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis.report import Report
from core.graph.edits import listed
from core.text import counted, number_text, shape_text

NO_CHANGE = "no change in layers, sizes, parameters or errors"


def outcome_text(before: Report, after: Report, layer: str | None) -> str:
    """Compare two states: the layer's output, layers that come and go, parameters, errors that remain.

    Parameters
    ----------
    before, after : Report
    layer : str or None
        The id (in the flattened graph) of the layer that the problem belongs to.
    """
    return ", ".join(_changes(before, after, layer)) or NO_CHANGE


def _changes(before: Report, after: Report, layer: str | None) -> Iterator[str]:
    old, new = before.layers.get(layer or ""), after.layers.get(layer or "")
    if old is not None and new is not None and old.shape != new.shape and new.shape is not None:
        yield f"{shape_text(old.shape)} → {shape_text(new.shape)}" if old.shape else f"gives {shape_text(new.shape)}"
    added = [id for id in after.layers if id not in before.layers]
    removed = [id for id in before.layers if id not in after.layers]
    if len(added) == len(removed) == 1:
        yield f"renames {removed[0]} to {added[0]}"
    elif added:
        yield f"adds {listed(added)}"
    if removed and len(added) != len(removed):
        yield f"removes {listed(removed)}"
    was, now = before.totals.parameters, after.totals.parameters
    if was is not None and now is not None and was != now:
        yield f"{'+' if now > was else '−'}{number_text(abs(now - was))} parameters"
    elif was is None and now is not None:
        yield f"{number_text(now)} parameters in all"
    if after.errors:
        yield f"{counted(len(after.errors), 'error')} left"
    elif before.errors:
        yield "no errors left"
