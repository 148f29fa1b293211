"""The formats of models that can be imported: add one here. Command, messages and file dialogs follow."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from core.errors import ModelError
from core.garbage import uncollected
from core.graph.values import Document
from core.importing.caffe.importer import CAFFE_NETWORKS
from core.importing.importer import Imported, Importer
from core.importing.keras.importer import KERAS_MODELS, TENSORFLOW_JS_MODELS
from core.importing.onnx.importer import ONNX_MODELS
from core.importing.pytorch.importer import PYTORCH_PROGRAMS
from core.io.failures import reason, shown
from core.io.formats import CONVOGRAPH, recognise_file
from core.io.regular_files import open_file
from core.layers.values import Array
from core.text import listing

IMPORTERS: Final[tuple[Importer, ...]] = (
    ONNX_MODELS,
    KERAS_MODELS,
    TENSORFLOW_JS_MODELS,
    PYTORCH_PROGRAMS,
    CAFFE_NETWORKS,
)
"""Every format; the first that recognises a path reads it."""


def import_model(path: str | Path) -> tuple[Document, dict[str, Array]]:
    """Import a network that another program made.

    Parameters
    ----------
    path : str or Path
        A model of ONNX, Keras, TensorFlow.js, PyTorch (.pt2) or Caffe (prototxt).

    Returns
    -------
    document : Document
        In Convograph's kinds, channels last, with padding in numbers. The window finds places for its layers.
    weights : dict of str to array
        By name, as `Network.weights` has them.

    Raises
    ------
    ModelError
        If it can't be read, or holds what Convograph's kinds can't say exactly; the text names it.

    Examples
    --------
    >>> document, weights = import_model("resnet18.onnx")  # doctest: +SKIP
    >>> network = Network(document)  # doctest: +SKIP
    >>> network.weights.update(weights)  # doctest: +SKIP
    """
    imported = read_model(Path(path))
    return imported.document, dict(imported.weights)


def read_model(path: Path) -> Imported:
    """Import a network, with a report of what changed on the way.

    Raises
    ------
    ModelError
        As `import_model` does.
    """
    importer = importer_of(path)
    with uncollected():
        return importer.read(path)


def importer_of(path: Path) -> Importer:
    """Return what reads a file.

    Raises
    ------
    ModelError
        If the file can't be opened, or is of no format that can be imported.
    """
    found = recognised_model(path)
    if found is not None:
        return found
    try:
        with open_file(path):
            pass
    except OSError as error:
        raise ModelError(f"{shown(path)} cannot be opened: {reason(error)}.") from error
    known = recognise_file(path)
    if known is CONVOGRAPH:
        raise ModelError(f"{shown(path)} is {known.what}, which needs no import: open it.")
    what = f"is {known.what}, not a model" if known else "is not of a format"
    if known is not None and known.holds == "network":
        raise ModelError(f"{shown(path)} is {known.what}. {known.today}")
    names = listing([importer.name for importer in IMPORTERS], "or")
    raise ModelError(f"{shown(path)} {what} that can be imported. Give a model in the format of {names}.")


def recognised_model(path: Path) -> Importer | None:
    """Return what reads a file; None where it is of no format that can be imported."""
    return next((importer for importer in IMPORTERS if importer.recognises(path)), None)
