"""The document that comes of a model of Keras or TensorFlow.js."""

from __future__ import annotations

from pathlib import Path

from core.analysis.check import check
from core.errors import ModelError
from core.graph.repeats import fold_repeats
from core.graph.values import BlockUse, layers_by_id
from core.importing.importer import Imported
from core.importing.keras.configuration import model_of
from core.importing.keras.files import Held, held
from core.importing.keras.layers import take
from core.importing.keras.reading import Reading
from core.io.failures import shown


def read_keras(path: Path) -> Imported:
    """Read a model of Keras or TensorFlow.js.

    Raises
    ------
    ModelError
        If it can't be read, or holds what Convograph's kinds can't say exactly; the text names it.
    """
    try:
        with held(path) as found:
            return _imported(found, path)
    except ModelError as error:
        raise ModelError(f"{shown(path)} cannot be imported: {error}") from error


def _imported(found: Held, path: Path) -> Imported:
    model = model_of(found.raw, found.version)
    reading = Reading(model, found.arrays)
    for layer in model.layers:
        take(reading, layer)
    outputs = [reading.drawn(reading.values[end]) for end in model.outputs]
    drawing = reading.drawing
    if found.arrays is None:
        drawing.say("The file has no weights: those of the document are fresh.")
    document = drawing.document(shown(model.name) or path.stem, list(dict.fromkeys(outputs)))
    errors = check(document, advice=frozenset()).errors
    if errors:
        raise ModelError(f"{errors[0].what} {errors[0].why}")
    redrawn = fold_repeats(document)
    for use in redrawn.layers:
        spec = layers_by_id(redrawn.document.graph)[use].spec
        if isinstance(spec, BlockUse):
            drawing.say(f"{use}: {spec.repeat} equal pieces are copies of the block {spec.block}.")
    return Imported(redrawn.document, redrawn.weights(drawing.weights), tuple(drawing.changes))
