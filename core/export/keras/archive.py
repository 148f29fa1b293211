"""The `.keras` file: a zip of the model's configuration and its weights, written without Keras."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections import Counter
from typing import Any

from core.export.exporter import Subject
from core.export.keras.calls import Call
from core.export.keras.model import Model, as_counted, model_of, turned
from core.export.libraries import library
from core.text import snake_case
from core.version import __version__

KERAS = "3.0.0"
"""The oldest version that reads it."""
SAVED = "2026-01-01@00:00:00"
"""Always the same date: equal weights give equal files."""


def keras_archive(subject: Subject) -> bytes:
    """Write a document with its weights as `keras.saving.load_model` reads it.

    Raises
    ------
    ExportError
        If Keras can't say a layer, which the text names, or h5py is not installed.
    NetworkError
        If the document has errors.
    """
    h5py = library("h5py", "Keras files", "keras")
    model = model_of(subject)
    counted = as_counted(model)
    weights = io.BytesIO()
    with h5py.File(weights, "w") as file:
        for group, call in _groups(counted):
            for place, (name, axes) in enumerate(call.weights):
                file[f"layers/{group}/vars/{place}"] = turned(subject.arrays[name], axes)
            if call.weights:
                file[f"layers/{group}/vars"].attrs["name"] = call.name
    metadata = {"keras_version": KERAS, "date_saved": SAVED, "written_by": f"Convograph {__version__}"}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        for name, content in (
            ("metadata.json", json.dumps(metadata)),
            ("config.json", json.dumps(model_config(model, counted, subject.stem))),
            ("model.weights.h5", weights.getvalue()),
        ):
            packed.writestr(zipfile.ZipInfo(name), content)
    return archive.getvalue()


def model_config(model: Model, counted: tuple[Call, ...], name: str) -> dict[str, Any]:
    """Return what `config.json` holds."""
    by_name = {call.name: call for call in model.calls}
    ends = {"input_layers": _ends(model.inputs), "output_layers": _ends(model.outputs)}
    config = {"name": re.sub(r"\W", "_", name) or "model", "trainable": True, **ends}
    config["layers"] = [_layer_config(call, by_name) for call in counted]
    return {
        "module": "keras",
        "class_name": "Model",
        "registered_name": "Model",
        "config": config,
        "build_config": {"input_shape": None},
    }


def _ends(names: tuple[str, ...]) -> list[Any]:
    """Return the tensors that a model takes or returns; Keras takes a list of one for another structure."""
    ends: list[Any] = [[name, 0, 0] for name in names]
    return ends if len(ends) > 1 else ends[0]


def _layer_config(call: Call, by_name: dict[str, Call]) -> dict[str, Any]:
    tensors = [
        {
            "class_name": "__keras_tensor__",
            "config": {
                "shape": [None, *by_name[source].shape],
                "dtype": "float32",
                "keras_history": [source, 0, 0],
            },
        }
        for source in call.sources
    ]
    frozen = {"trainable": False} if call.is_frozen else {}
    nodes: list[Any] = [{"args": tensors if len(tensors) == 1 else [tensors], "kwargs": {}}] if tensors else []
    return {
        "module": "keras.layers",
        "class_name": call.layer,
        "registered_name": None,
        "name": call.name,
        "config": {"name": call.name, "dtype": "float32", **frozen, **call.settings},
        "inbound_nodes": nodes,
    }


def _groups(calls: tuple[Call, ...]) -> list[tuple[str, Call]]:
    """Return what Keras calls the weights of layers: their class, and a running number from the second one on."""
    n_of: Counter[str] = Counter()
    groups = []
    for call in calls:
        word = snake_case(call.layer)
        groups.append((f"{word}_{n_of[word]}" if n_of[word] else word, call))
        n_of[word] += 1
    return groups
