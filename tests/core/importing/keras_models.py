"""Keras models for tests, made by Keras, and what it computes of them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from core.engine.network import Network
from core.importing.importer import Imported
from core.importing.importers import read_model

os.environ.setdefault("KERAS_BACKEND", "jax")  # on PyTorch, Keras' average pools are wrong at odd sizes
keras = pytest.importorskip("keras")
pytest.importorskip("h5py")
if keras.backend.backend() != "jax":
    pytest.skip("Keras is here, but runs on another backend than JAX", allow_module_level=True)

layers = keras.layers


def with_telling_weights(model, seed=3):
    """Give a model arrays that are nowhere 0 or 1, and variances above 0."""
    rng = np.random.default_rng(seed)
    for variable in model.variables:
        if "seed" not in variable.path:
            values = rng.normal(size=variable.shape) / max(1, np.sqrt(np.prod(variable.shape[:-1])))
            variable.assign(np.abs(values) + 0.5 if "variance" in variable.path else values + 0.1)
    return model


def chain(shape, *made):
    model = keras.Sequential([keras.Input(shape), *made])
    return with_telling_weights(model)


def difference(model, path: Path, *, n=3) -> tuple[float, Imported]:
    """Return how far Convograph's outputs are from Keras' at most."""
    imported = read_model(path)
    rng = np.random.default_rng(5)
    given = [rng.normal(size=(n, *entrance.shape[1:])).astype("float32") for entrance in model.inputs]
    theirs = model(given if len(given) > 1 else given[0], training=False)
    theirs = [np.asarray(value) for value in (theirs if isinstance(theirs, list | tuple) else [theirs])]
    network = Network(imported.document)
    assert network.weights.keys() == imported.weights.keys()
    network.weights.update(imported.weights)
    entrances = [layer.id for layer in imported.document.graph.layers if layer.kind == "Input"]
    ours = network.forward(dict(zip(entrances, given, strict=True)) if len(given) > 1 else given[0])
    ours = list(ours.values()) if isinstance(ours, dict) else [ours]
    assert [value.shape for value in ours] == [value.shape for value in theirs]
    return max(float(np.abs(a - b).max()) for a, b in zip(ours, theirs, strict=True)), imported


def saved(model, path: Path) -> Path:
    if path.suffix == ".json":
        path.write_text(model.to_json())
    else:
        model.save(path)
    return path
