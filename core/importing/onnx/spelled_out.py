"""Normalisations that a model spells out: (x − mean)/√(variance + ε) in ten nodes becomes one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from core.errors import ModelError
from core.importing.onnx.model import Model, Node, needed_nodes
from core.importing.onnx.moving import whole_numbers
from core.importing.onnx.tensors import array_of

NORMALISED = "Normalised"
"""What the one node is called: no operator of ONNX has this name. Its settings are `axes` and `epsilon`."""


def with_normalisations(model: Model) -> Model:
    """Return a model in which spelled out normalisations are single nodes."""
    graph = _Graph(model)
    found = {node.outputs[0]: one for node in model.nodes if (one := graph.normalisation(node)) is not None}
    if not found:
        return model
    nodes = [found.get(node.outputs[0], node) for node in model.nodes]
    return replace(model, nodes=needed_nodes(nodes, model.outputs))


class _Graph:
    def __init__(self, model: Model) -> None:
        self._model = model
        self._makers = {value: node for node in model.nodes for value in node.outputs if value}

    def normalisation(self, node: Node) -> Node | None:
        """Return the one node that a division, the last of many, stands for."""
        if node.op not in ("Div", "Mul") or len(node.inputs) != 2:
            return None
        if node.op == "Div":
            return self._normalised(node, *node.inputs)
        for centred, factor in (node.inputs, node.inputs[::-1]):
            inverse = self._made(factor, "Reciprocal")
            if inverse is not None:
                return self._normalised(node, centred, inverse.inputs[0])
        return None

    def _normalised(self, node: Node, centred: str, spread: str) -> Node | None:
        found = self._centred(centred)
        root = self._made(spread, "Sqrt")
        if found is None or root is None:
            return None
        value, axes = found
        total = self._made(root.inputs[0], "Add")
        for variance, epsilon in (total.inputs, total.inputs[::-1]) if total is not None else ():
            number, mean = self._number(epsilon), self._mean(variance)
            if number is None or mean is None or mean[1] != axes:
                continue
            if self._squared(mean[0]) == found:
                given = {"axes": list(axes), "epsilon": number}
                return replace(node, op=NORMALISED, inputs=(value,), attributes=given)
        return None

    def _centred(self, name: str) -> tuple[str, tuple[int, ...]] | None:
        """Return of which value a name is the difference from its mean, and over which axes."""
        difference = self._made(name, "Sub")
        mean = self._mean(difference.inputs[1]) if difference is not None else None
        if difference is None or mean is None or mean[0] != difference.inputs[0]:
            return None
        return mean

    def _squared(self, name: str) -> tuple[str, tuple[int, ...]] | None:
        power = self._made(name, "Pow")
        if power is not None and self._number(power.inputs[1]) == 2:
            return self._centred(power.inputs[0])
        product = self._made(name, "Mul")
        if product is not None and product.inputs[0] == product.inputs[1]:
            return self._centred(product.inputs[0])
        return None

    def _mean(self, name: str) -> tuple[str, tuple[int, ...]] | None:
        node = self._made(name, "ReduceMean")
        if node is None or not node.attributes.get("keepdims", 1):
            return None
        given = [None, *map(self._array, node.inputs[1:])]
        axes = whole_numbers(node, "axes", given, 1)
        return (node.inputs[0], tuple(sorted(axes))) if axes else None

    def _made(self, name: str, op: str) -> Node | None:
        node = self._makers.get(name)
        while node is not None and node.op == "Cast":
            node = self._makers.get(node.inputs[0])
        return node if node is not None and node.op == op else None

    def _array(self, name: str) -> Any:
        node = self._makers.get(name)
        try:
            if name in self._model.constants:
                return self._model.constants[name]
            if node is not None and node.op == "Constant" and "value" in node.attributes:
                return array_of(node.attributes["value"], self._model.folder)
            if node is not None and node.op == "Constant" and "value_float" in node.attributes:
                return np.array(node.attributes["value_float"])
            if node is not None and node.op == "Constant" and "value_ints" in node.attributes:
                return np.array(node.attributes["value_ints"])
        except ModelError:
            return None  # whoever needs it says what is wrong with it
        return None

    def _number(self, name: str) -> float | None:
        array = self._array(name)
        return float(array.reshape(-1)[0]) if array is not None and array.size == 1 else None
