"""Layers of Keras that are used in several places: here each use is a layer of its own, with a copy of the weights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from core.errors import ModelError
from core.importing.keras.configuration import KerasLayer, KerasModel, Path
from core.importing.keras.stored import Stored
from core.importing.onnx.drawing import Drawing
from core.importing.sharing import Shared
from core.layers.values import Array

MOST_COPIED: Final = 500_000_000
"""Values of all copies together: 2 GB in a file of weights, and three times VGG16 once more."""


class Uses:
    """The uses of a model's layers, and what has been drawn of them."""

    def __init__(self, model: KerasModel) -> None:
        self._layers = model.layers
        self._n_of = Counter(layer.owner for layer in model.layers)
        self._ids: dict[Path, list[str]] = {}
        self._first: dict[Path, Path] = {}
        self._n_copied = 0
        self._left = self._n_of.copy()
        self._read: dict[Path, list[Array]] = {}

    def read(self, layer: KerasLayer, stored: Sequence[Stored]) -> list[Array]:
        """Read the arrays of a layer once for all its uses; after the last one they are let go."""
        arrays = self._read.pop(layer.owner, None) or [array.read() for array in stored]
        self._left[layer.owner] -= 1
        if self._left[layer.owner]:
            self._read[layer.owner] = arrays
        return arrays

    def note(self, drawing: Drawing, layer: KerasLayer, id: str) -> None:
        """Note that a layer of ours has been drawn; arrays that another use has too are kept in memory once.

        Raises
        ------
        ModelError
            The copies are more than any computer is asked to hold; the text names the layer.
        """
        weights = drawing.weight_specs(id)
        if self._n_of[layer.owner] == 1 or not weights:
            return
        ids = self._ids.setdefault(layer.path, [])
        ids.append(id)
        first = self._first.setdefault(layer.owner, layer.path)
        if first == layer.path:
            return
        self._n_copied += sum(weight.size for weight in weights.values())
        if self._n_copied > MOST_COPIED:
            raise ModelError(
                f"{layer.called} is one of the {self._n_of[layer.owner]:,} uses of one layer. Here each has a copy "
                f"of the weights, and with this one all copies are more than {MOST_COPIED:,} values."
            )
        for name, other in zip(ids, self._ids[first], strict=False):
            if name == id:
                _keep_once(drawing, id, other)

    def say(self, drawing: Drawing) -> None:
        """Add what is shared, and how many parameters that adds, to the report."""
        places: dict[Path, dict[Path, None]] = {}
        for layer in self._layers:
            if layer.path != layer.owner and layer.path in self._ids:
                depth = next(i for i, (a, b) in enumerate(zip(layer.path, layer.owner, strict=True), 1) if a != b)
                unit = layer.owner[:depth]  # the layer, or the model in it that is used again
                places.setdefault(unit, {unit: None})[layer.path[:depth]] = None
        paths: dict[Path, list[Path]] = {}
        for path in self._ids:
            for depth in range(1, len(path) + 1):
                paths.setdefault(path[:depth], []).append(path)
        for unit, used in places.items():
            ids = [id for place in used for path in paths[place] for id in self._ids[path]]
            learns = any(drawing.layer(id).trainable for id in ids)
            drawing.shared.append(Shared("/".join(unit), len(used), tuple(ids), "Keras", learns))
        firsts = set(self._first.values())
        n_copied = sum(drawing.n_parameters(id) for path, ids in self._ids.items() if path not in firsts for id in ids)
        if n_copied:
            n = sum(map(drawing.n_parameters, drawing.ids))
            drawing.say(f"Of its {n:,} parameters, {n_copied:,} are in copies: Keras counts shared ones once.")


def _keep_once(drawing: Drawing, id: str, other: str) -> None:
    """Let two layers have the same arrays in memory where they are equal; nothing writes to them then."""
    for name in drawing.weight_specs(id):
        own, first = (drawing.weights.get(f"{layer}/{name}") for layer in (id, other))
        if own is not None and first is not None and np.array_equal(own, first):
            first.flags.writeable = False
            drawing.weights[f"{id}/{name}"] = first
