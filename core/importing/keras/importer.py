"""Models of Keras and TensorFlow.js as formats that can be imported."""

from __future__ import annotations

from pathlib import Path

from core.importing.importer import Imported, Importer, ImportProof
from core.io.formats import KERAS_HDF5, KERAS_JSON, KERAS_ZIP, TENSORFLOW_JS, is_of


def _read(path: Path) -> Imported:
    from core.importing.keras.document import read_keras  # the window recognises models before it reads any

    return read_keras(path)


KERAS_MODELS = Importer(
    name="Keras",
    files="Keras models",
    pattern="*.keras *.h5",
    recognises=lambda path: any(is_of(path, known) for known in (KERAS_ZIP, KERAS_HDF5, KERAS_JSON)),
    read=_read,
    # On PyTorch, Keras' average pools are wrong at odd sizes.
    proof=ImportProof(
        ("keras", "jax"),
        "keras_runner.py",
        first=False,
        variables=lambda: {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"},
    ),
)

TENSORFLOW_JS_MODELS = Importer(
    name="TensorFlow.js",
    files="TensorFlow.js models",
    pattern="model.json",
    recognises=lambda path: is_of(path, TENSORFLOW_JS),
    read=_read,
)
