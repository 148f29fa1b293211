"""Networks of Caffe read into documents; weights are not in such a file."""

from __future__ import annotations

from operator import itemgetter
from pathlib import Path

from core.errors import ModelError
from core.importing.caffe.layers import take
from core.importing.caffe.network import Fields, layers_of
from core.importing.caffe.reading import Reading
from core.importing.caffe.text import parsed
from core.importing.finishing import finished
from core.importing.importer import Imported
from core.io.failures import reason, shown
from core.io.regular_files import open_file
from core.limits import LARGEST_FILE
from core.text import bytes_text, listing


def read_caffe(path: Path) -> Imported:
    """Read a prototxt.

    Raises
    ------
    ModelError
        If it can't be read, or holds what Convograph's kinds can't say exactly; the text names it.
    """
    try:
        return _imported(_text(path), path.stem)
    except ModelError as error:
        raise ModelError(f"{shown(path)} cannot be imported: {error}") from error


def _text(path: Path) -> str:
    try:
        with open_file(path) as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ModelError(f"it cannot be opened: {reason(error)}.") from error
    if len(data) > LARGEST_FILE:
        raise ModelError(f"it has more than the {bytes_text(LARGEST_FILE)} that any network takes.")
    return data.decode("utf-8-sig", "replace")


def _imported(text: str, stem: str) -> Imported:
    net = parsed(text)
    layers = layers_of(net)
    reading = Reading(layers)
    for number, layer in enumerate(layers):
        take(reading, number, layer)
    drawing = reading.drawing
    if not drawing.ids:
        raise ModelError("nothing goes into its network.")
    _say_which_loss(reading)
    drawing.say("The file has no weights: those of the document are fresh, whatever fillers it names.")
    outputs = [id for id in drawing.ids if not drawing.n_readers(id)]
    return finished(drawing, shown(Fields(net, "it").text("name")) or stem, outputs)


def _say_which_loss(reading: Reading) -> None:
    """Report what training would do differently where several losses are added up."""
    if len(reading.losses) < 2:
        return
    said = listing([f"{layer} (weight {weight:g})" for layer, weight in reading.losses])
    main = max(reading.losses, key=itemgetter(1))[0]
    reading.drawing.say(
        f"Caffe adds up the losses of {said}; training here compares one output with the labels. To train, take "
        f"{main} as the output."
    )
