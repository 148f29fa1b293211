"""The last steps of every import: the check, and blocks where a pattern repeats."""

from __future__ import annotations

from collections.abc import Sequence

from core.analysis.check import check
from core.errors import ModelError
from core.graph.repeats import fold_repeats
from core.graph.values import BlockUse, layers_by_id
from core.importing.importer import Imported
from core.importing.onnx.drawing import Drawing
from core.limits import MOST_OF_A_KIND
from core.text import counted


def finished(drawing: Drawing, name: str, outputs: Sequence[str]) -> Imported:
    """Return what was drawn, with its weights and the report.

    Parameters
    ----------
    outputs : sequence of str
        The layers that are outputs.

    Raises
    ------
    ModelError
        If the document has errors.
    """
    document = drawing.document(name, list(dict.fromkeys(outputs)))
    errors = check(document, advice=frozenset()).errors
    if errors:
        raise ModelError(f"{errors[0].what} {errors[0].why}")
    redrawn = fold_repeats(document)
    for use in redrawn.layers:
        spec = layers_by_id(redrawn.document.graph)[use].spec
        if isinstance(spec, BlockUse):
            drawing.say(f"{use}: {spec.repeat} equal pieces are copies of the block {spec.block}.")
    for shared in drawing.shared:
        drawing.say(shared.sentence(redrawn.names, weighted=drawing.weighted))
    changes, more = drawing.changes[:MOST_OF_A_KIND], drawing.changes[MOST_OF_A_KIND:]
    if more:
        changes.append(f"{counted(len(more), 'more change')}, not listed.")
    return Imported(redrawn.document, redrawn.weights(drawing.weights), tuple(changes))
