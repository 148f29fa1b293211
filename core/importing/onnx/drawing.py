"""The document that comes of a model, layer by layer."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.shape_inference import facts
from core.errors import ModelError
from core.graph.names import can_be_name
from core.graph.values import Document, Graph, Layer, Unreadable, make_spec
from core.importing.sharing import Shared
from core.io.failures import shown
from core.layers import KINDS, Kind
from core.layers.values import Weight
from core.limits import LONGEST_NAME
from core.problems import Problem
from core.shapes import Shape
from core.text import excerpt, shape_text

Array = NDArray[Any]


class Drawing:
    """Layers with their weights.

    Parameters
    ----------
    weighted : bool
        Whether the file has weights; otherwise those of the document are fresh.

    Attributes
    ----------
    weights : dict of str to array
    changes : list of str
        What changed on the way.
    shared : list of Shared
        What is used in several places, and has a copy in each.
    """

    def __init__(self, *, weighted: bool = True) -> None:
        self.weighted = weighted
        self.weights: dict[str, Array] = {}
        self.changes: list[str] = []
        self.shared: list[Shared] = []
        self._said: set[str] = set()
        self._layers: dict[str, Layer] = {}
        self._shapes: dict[str, Shape] = {}
        self._specs: dict[str, Kind] = {}
        self._numbers: dict[str, int] = {}
        self._readers: Counter[str] = Counter()

    def draw(
        self,
        kind: str,
        sources: Sequence[str],
        *,
        wish: str,
        called: str,
        config: Mapping[str, Any] | None = None,
        weights: Mapping[str, Array] | None = None,
    ) -> str:
        """Draw a layer and return its id.

        Parameters
        ----------
        sources : sequence of str
            The layers that feed it.
        wish : str
            Its name in the file; "" where it has none. A number alone, as in PyTorch's Sequential, follows its kind's.
        called : str
            What messages call the node that it comes of.
        weights : mapping of str to array
            In our axes; they become float32, or stay float64.

        Raises
        ------
        ModelError
            If no layer of this kind can be what is asked for.
        """
        spec = self._spec(kind, config or {}, called)
        found = facts(spec, tuple(self._shapes[source] for source in sources))
        errors = [problem for problem in found.problems if problem.severity == "error"]
        if errors or found.shape is None or found.weights is None:
            raise ModelError(f"{called} has no counterpart here: {_said(errors, sources)}")
        id = self._free(f"{KINDS[kind].stem}{wish}" if wish.isdecimal() else wish, kind)
        for name, weight in found.weights.items() if self.weighted else ():
            values = (weights or {}).get(name)
            if values is None or values.shape != weight.shape:
                has = "is missing" if values is None else f"is {shape_text(values.shape) or 'one number'}"
                raise ModelError(f"{called}: its {name} {has}, and {shape_text(weight.shape)} are needed.")
            self.weights[f"{id}/{name}"] = as_weights(values, f"{called}: its {name}")
        self._layers[id] = Layer(id, spec, tuple(sources))
        self._specs[id] = spec
        self._shapes[id] = found.shape
        self._readers.update(sources)
        return id

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all layers so far."""
        return tuple(self._layers)

    def shape(self, id: str) -> Shape:
        """Return the shape of a layer's output."""
        return self._shapes[id]

    def spec(self, id: str) -> Kind:
        """Return a layer's kind and settings."""
        return self._specs[id]

    def layer(self, id: str) -> Layer:
        """Return a layer."""
        return self._layers[id]

    def n_readers(self, id: str) -> int:
        """Return how many inputs a layer feeds."""
        return self._readers[id]

    def weights_of(self, id: str) -> list[str]:
        """Return the names of a layer's arrays."""
        return [f"{id}/{name}" for name in self.weight_specs(id)]

    def weight_specs(self, id: str) -> Mapping[str, Weight]:
        """Return what a layer's arrays are, by their names in it."""
        return self.spec(id).weights([self._shapes[source] for source in self._layers[id].inputs])

    def n_parameters(self, id: str) -> int:
        """Return how many numbers of a layer are parameters."""
        return sum(weight.size for weight in self.weight_specs(id).values() if weight.role == "parameter")

    def set(self, id: str, **config: Any) -> None:
        """Change settings of a layer, where that leaves its output's shape as it is."""
        layer = self._layers[id]
        self._specs[id] = self._spec(layer.kind, {**layer.config, **config}, id)
        self._layers[id] = replace(layer, spec=self._specs[id])

    def freeze(self, id: str) -> None:
        """Keep a layer's weights as they are in training."""
        self._layers[id] = replace(self._layers[id], trainable=False)

    def say(self, change: str) -> None:
        """Add a sentence to the report, once."""
        if change not in self._said:
            self._said.add(change)
            self.changes.append(change)

    def document(self, name: str, outputs: Sequence[str]) -> Document:
        """Return what has been drawn."""
        graph = Graph(tuple(self._layers.values()))
        ends = tuple(id for id in self._layers if not self._readers[id])
        return Document(graph if ends == tuple(outputs) else replace(graph, outputs=tuple(outputs)), name=name)

    def _spec(self, kind: str, config: Mapping[str, Any], called: str) -> Kind:
        spec, unknown = make_spec(kind, config)
        if isinstance(spec, Unreadable) or unknown or not isinstance(spec, Kind):
            raise ModelError(
                f"{called} would be {kind} with {excerpt(dict(config), 200)}, which that kind does not take."
            )
        return spec

    def _free(self, wish: str, kind: str) -> str:
        name = layer_name(wish)
        named = bool(name) and can_be_name(name)
        stem = name if named else KINDS[kind].stem
        if named and name not in self._layers:
            return name
        joint, number = ("_", 2) if named else ("", 1)
        number = self._numbers.get(stem, number)
        while (free := f"{stem}{joint}{number}") in self._layers:
            number += 1
        self._numbers[stem] = number + 1
        return free


def layer_name(wish: str) -> str:
    """Make a layer's name of a node's: what can't be part of a name becomes _, and folders dots.

    >>> layer_name("/layer1/layer1.0/conv1"), layer_name("1x1 conv")
    ('layer1.layer1.0.conv1', '_1x1_conv')
    """
    name = re.sub(r"[^\w.\-]", "_", shown(wish).strip("/").replace("/", ".")).strip(".-")[: LONGEST_NAME // 2]
    return f"_{name}" if name[:1].isdigit() else name


def as_weights(values: Array, called: str) -> Array:
    """Return numbers as weights have them: float64 stays, everything else becomes float32.

    Raises
    ------
    ModelError
        If some are not finite.
    """
    array = values if values.dtype == np.float64 else values.astype(np.float32)
    if not np.isfinite(array).all():
        raise ModelError(f"{called} holds NaN or infinity. Repair it where the model was trained.")
    return np.ascontiguousarray(array)


def _said(errors: Sequence[Problem], sources: Sequence[str]) -> str:
    if not errors:
        return "its output would be too large for any computer."
    first = errors[0]
    return f"{first.what.format(*sources)}. {first.why}"
