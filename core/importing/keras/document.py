"""The document that comes of a model of Keras or TensorFlow.js."""

from __future__ import annotations

from pathlib import Path

from core.errors import ModelError
from core.importing.finishing import finished
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
    reading.uses.say(drawing)
    if found.arrays is None:
        drawing.say("The file has no weights: those of the document are fresh.")
    return finished(drawing, shown(model.name) or path.stem, outputs)
