"""Dense layers turned into convolutions, wherever one of them is selected."""

from __future__ import annotations

from collections.abc import Collection

from core.analysis.conversions import Conversion, convertible, dense_to_convolution
from core.analysis.report import Report
from core.problems import Remove, Replace
from designer.session import Drawn


def conversion_at(report: Report, ids: Collection[str]) -> Conversion | None:
    """Find the conversion that changes one of these layers, or None."""
    if not ids:
        return None
    for flatten in convertible(report):
        conversion = dense_to_convolution(report, flatten)
        if not changed_by(conversion).isdisjoint(ids):
            return conversion
    return None


def changed_by(conversion: Conversion) -> set[str]:
    """Name the layers that a conversion removes or replaces."""
    return {edit.layer for edit in conversion.fix.edits if isinstance(edit, Remove | Replace)}


def convert_selection(session: Drawn) -> None:
    """Turn the selected Dense layers, and those of their chain, into convolutions, as one step."""
    conversion = conversion_at(session.report, session.selection)
    if conversion is not None:
        label = f"{conversion.fix.label[0].lower()}{conversion.fix.label[1:]}"
        session.edit(
            label,
            conversion.document(session.document),
            select=changed_by(conversion),
            carry=conversion.weights,
        )
