"""Inputs and outputs that lie beside a model, in folders `test_data_set_0` and so on, as ONNX ships them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.engine.network import Network
from core.errors import ModelError
from core.importing.importer import Imported, StoredTest
from core.importing.onnx.tensors import array_of
from core.io.failures import reason, shown
from core.io.regular_files import open_file
from core.layers.input import Input

Array = NDArray[Any]

RELATIVE, ABSOLUTE = 1e-3, 1e-5
"""How far outputs may differ, of their largest value and at least; ONNX's own tests allow as much."""
LARGEST_TENSOR = 256 << 20
MOST_TESTS = 10


def stored_tests(path: Path, imported: Imported) -> tuple[StoredTest, ...]:
    """Compute what is stored beside a model, and compare.

    Raises
    ------
    ModelError
        If what is stored can't be read, or does not suit the network.
    """
    folders = sorted(folder for folder in path.absolute().parent.glob("test_data_set_*") if folder.is_dir())
    if not folders:
        return ()
    network = Network(imported.document)
    network.weights.update(imported.weights)
    return tuple(_tested(folder, network, imported) for folder in folders[:MOST_TESTS])


def _tested(folder: Path, network: Network, imported: Imported) -> StoredTest:
    inputs, outputs = _tensors(folder, "input"), _tensors(folder, "output")
    entrances = {layer.id: layer.spec for layer in imported.document.graph.layers if isinstance(layer.spec, Input)}
    if len(inputs) != len(entrances) or not outputs:
        raise ModelError(
            f"{shown(folder.name)} holds {len(inputs)} inputs and {len(outputs)} outputs for {len(entrances)}."
        )
    given = {id: _last(array, spec.shape) for (id, spec), array in zip(entrances.items(), inputs, strict=True)}
    found = network.forward(given if len(given) > 1 else next(iter(given.values())))
    results = list(found.values()) if isinstance(found, dict) else [found]
    difference, largest = 0.0, 0.0
    for ours, theirs in zip(results, outputs, strict=False):
        expected = theirs.transpose(0, 2, 3, 1) if theirs.ndim == 4 and ours.ndim == 4 else theirs
        if expected.size != ours.size:
            return StoredTest(folder.name, float("inf"), 0.0)
        away = np.abs(ours - expected.reshape(ours.shape))
        difference = max(difference, float(away.max(initial=0.0)))
        largest = max(largest, float(np.abs(expected).max(initial=0.0)))
    return StoredTest(folder.name, difference, ABSOLUTE + RELATIVE * largest)


def _last(array: Array, shape: tuple[int, ...]) -> Array:
    """Return a stored input with its channels last."""
    if array.ndim == 4 and array.shape[1:] != shape:
        array = array.transpose(0, 2, 3, 1)
    if array.shape[1:] != shape:
        raise ModelError(f"its stored input is {array.shape}, and the network takes {shape}.")
    return array


def _tensors(folder: Path, kind: str) -> list[Array]:
    from google.protobuf.message import DecodeError
    from onnx import TensorProto

    arrays = []
    for path in sorted(folder.glob(f"{kind}_*.pb"), key=lambda path: (len(path.name), path.name)):
        try:
            with open_file(path) as file:
                data = file.read(LARGEST_TENSOR + 1)
            if len(data) > LARGEST_TENSOR:
                raise ModelError(f"{shown(path)} is larger than any sample.")
            arrays.append(array_of(TensorProto.FromString(data), folder))
        except (OSError, DecodeError) as error:
            why = reason(error) if isinstance(error, OSError) else "it is cut short or damaged"
            raise ModelError(f"{shown(path)} cannot be read: {why}.") from error
    return arrays
