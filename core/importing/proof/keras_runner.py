"""Runs a Keras model in Keras, as a program of its own: `keras_runner.py FOLDER MODEL`. Code in a file is not run."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np


def main() -> None:
    """Compute the samples in the folder, and leave the outputs there."""
    folder, path = Path(sys.argv[1]), Path(sys.argv[2])
    keras = import_module("keras")
    model = _loaded(keras, path)
    samples = np.load(folder / "samples.npz", allow_pickle=False)
    given = []
    for i, entrance in enumerate(model.inputs):
        array = samples[str(i)]
        first = array.transpose(0, 3, 1, 2) if array.ndim == 4 else array
        given.append(first if tuple(entrance.shape[1:]) == first.shape[1:] != array.shape[1:] else array)
    outputs = model(given if len(given) > 1 else given[0], training=False)
    found = outputs if isinstance(outputs, list | tuple) else [outputs]
    arrays = {str(i): keras.ops.convert_to_numpy(array) for i, array in enumerate(found)}
    np.savez(folder / "outputs.npz", allow_pickle=False, **arrays)
    (folder / "library.json").write_text(json.dumps(f"Keras {keras.__version__} on {keras.backend.backend()}"))


def _loaded(keras: Any, path: Path) -> Any:
    if path.suffix != ".json":
        return keras.saving.load_model(path, compile=False, safe_mode=True)
    model = keras.models.model_from_json(path.read_text("utf-8-sig"))
    model.load_weights(path.with_name(f"{path.stem}.weights.h5"))
    return model


if __name__ == "__main__":
    main()
