"""What an edit would lead to, in a few words, before it is made."""

from __future__ import annotations

from dataclasses import dataclass

from core.analysis.report import Report
from core.text import brief_number, counted, sentence, shape_text


@dataclass(frozen=True, slots=True)
class EditPreview:
    """Lines to show; `refused` where an error would come of it."""

    lines: tuple[str, ...]
    refused: bool = False


def edit_preview(before: Report, after: Report, id: str) -> EditPreview:
    """Say what a layer would give, and what that costs; or what would be wrong then.

    Parameters
    ----------
    before, after : Report
        Of the document as it is, and as it would be.
    id : str
        The layer that would be new, or fed anew.
    """
    known = {(problem.code, problem.layer, problem.what) for problem in before.errors}
    new = [problem for problem in after.errors if (problem.code, problem.layer, problem.what) not in known]
    own = [problem for problem in new if problem.layer == id]
    if own or new:
        problem = (own or new)[0]
        what = problem.what
        if own and before.of(id) is None:  # its name means nothing to anybody yet
            what = what.removeprefix(f"{id}: ")
            what = sentence(what, {*after.layers, *after.block_outputs})
        return EditPreview((what, *filter(None, [problem.why])), refused=True)
    report = after.of(id)
    if report is None or report.shape is None:
        return EditPreview(("shape not known yet",))
    parts = []
    parameters = _more(before.totals.parameters, after.totals.parameters, report.parameters)
    macs = _more(before.totals.macs, after.totals.macs, report.macs)
    if parameters:
        parts.append(_signed(parameters, counted(abs(parameters), "parameter")))
    if macs:
        parts.append(f"{_signed(macs, brief_number(abs(macs)))} MACs")
    return EditPreview((f"would give {shape_text(report.shape)}", " · ".join(parts) or "no parameters"))


def _more(before: int | None, after: int | None, own: int | None) -> int:
    """Return by how much a total grows; where a total is unknown, what the layer itself has."""
    return own or 0 if before is None or after is None else after - before


def _signed(value: int, text: str) -> str:
    return f"{'+' if value > 0 else '−'}{text}"
