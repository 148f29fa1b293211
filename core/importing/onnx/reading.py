"""A model read node by node: constants are computed, values followed, and layers drawn where something is computed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.importing.onnx.constants import Folding
from core.importing.onnx.curves import Curve, Known
from core.importing.onnx.drawing import Drawing, layer_name
from core.importing.onnx.model import Model, Node
from core.importing.onnx.signals import Signal, first_dims, require_followable
from core.importing.onnx.tensors import text_of
from core.importing.sharing import Shared
from core.io.failures import shown
from core.layers import KINDS
from core.shapes import Shape
from core.text import number_text

Array = NDArray[Any]
Value: TypeAlias = Signal | Curve | Array
Given: TypeAlias = Value | tuple[Value, ...]

ANY_BATCH = 1_000_003
"""Stands for a batch whose size is left open, where a model computes with it; a prime, and larger than any side."""

MOST_FOLLOWED = 1 << 28
"""Values of one sample that are followed in all, which takes some seconds."""
_MOST_ABOVE = 8
_PARTS = ("weight", "kernel", "bias", "W", "w", "gamma", "scale", "beta", "B", "running_mean", "moving_mean", "slope")
"""What names of arrays end with, after the name of their layer."""


class Reading:
    """How far a model has been read.

    Attributes
    ----------
    batch : int
        What stands for the number of samples in shapes.
    folding : Folding
        Computes constants.
    known : Known
        Tells which activations functions are.
    values : dict of str to signal, curve or array
        What is known of the values that are still to be read.
    entrances : list of str
        The ids of the Inputs.
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.drawing = Drawing()
        self.batch = ANY_BATCH
        self._followed = 0
        self.folding = Folding(model)
        self.known = Known()
        self.values: dict[str, Value] = {}
        self.entrances: list[str] = []
        self._left = Counter(value for node in model.nodes for value in node.inputs)
        self._left.update(model.outputs)
        self._seen: Counter[str] = Counter()
        self._sharers: dict[str, dict[str, str]] = {}
        self._modules = {parent for node in model.nodes for parent in _above(layer_name(node_name(node)))}

    def take(self, node: Node, operator: Callable[[Step], Given] | None) -> None:
        """Read the next node."""
        step = Step(self, node, tuple(self._value(name) for name in node.inputs))
        for name in node.inputs:
            self._left[name] -= 1
            if self._left[name] == 0 and (value := self.values.pop(name, None)) is not None:
                self._seen[_layer_of(value)] -= 1
        given: Given
        constants = [value for value in step.values if value is None or isinstance(value, np.ndarray)]
        if len(constants) == len(step.values) and self.folding.can(node):
            given = self.folding.compute(node, constants)
        elif operator is None:
            raise ModelError(f"{node.called}: Convograph has no kind for {shown(node.op)}.")
        else:
            given = operator(step)
        made = given if isinstance(given, tuple) else (given,)
        for name, value in zip(node.outputs, made, strict=False):
            if self._left[name]:
                self.give(name, value)
        for name in node.outputs[len(made) :]:
            if name and self._left[name]:
                raise ModelError(f"{node.called}: its output {shown(name)} is used, and Convograph has no such output.")

    def give(self, name: str, value: Value) -> None:
        """Record what a name stands for."""
        self.values[name] = value
        self._seen[_layer_of(value)] += 1

    def _value(self, name: str) -> Value | None:
        if not name:
            return None
        return self.values[name] if name in self.values else self.model.constants[name]

    def free_to_change(self, layer: str) -> bool:
        """Say whether nothing that is still to be read, or is drawn, sees a layer's output as it is now."""
        return self.drawing.n_readers(layer) == 0 and self.unseen(layer)

    def unseen(self, layer: str) -> bool:
        """Say whether nothing that is still to be read is a layer's output, or a function of it."""
        return not self._seen[layer]

    def place_of(self, name: str, kind: str) -> str:
        """Return a layer's name: where a node has that of a whole part of the model, one inside it.

        PyTorch calls what a module computes by itself after the module: `/stage1/Relu` beside `/stage1/conv1/Conv`.
        """
        return f"{name}/{KINDS[kind].stem}" if layer_name(name) in self._modules else name

    def follow(self, shape: Shape) -> None:
        """Count values that are followed one by one.

        Raises
        ------
        ModelError
            If they are more than any network moves about.
        """
        require_followable(shape)
        self._followed += prod(shape)
        if self._followed > MOST_FOLLOWED:
            raise ModelError(
                f"it moves more than {number_text(MOST_FOLLOWED)} values about; Convograph does not follow as many."
            )

    def note_owner(self, constant: str, node: Node, id: str) -> None:
        """Note which layer of ours has an array that other nodes may have too."""
        if owner_of(constant):
            self._sharers.setdefault(constant, {}).setdefault(node.called, id)

    def say_shared(self) -> None:
        """Tell the report what is used in several places."""
        for constant, ids in self._sharers.items():
            if len(ids) > 1:
                shared = Shared(owner_of(constant), len(ids), tuple(ids.values()))
                self.drawing.shared.append(shared)


def owner_of(constant: str) -> str:
    """Return the name of the layer that an array's name speaks of; "" for none.

    >>> owner_of("conv1.weight"), owner_of("onnx::Conv_12")
    ('conv1', '')
    """
    for joint in ("/", "."):
        owner, _, part = constant.rpartition(joint)
        if owner and part in _PARTS:
            return owner
    return ""


def _layer_of(value: Value) -> str:
    """Return the layer whose output a value is, or is a function of; "" for a constant."""
    signal = value.base if isinstance(value, Curve) else value
    return signal.layer if isinstance(signal, Signal) else ""


class Step:
    """One node with what it reads.

    Attributes
    ----------
    values : tuple of Signal, Curve, array or None
        What it reads; None for an input that is left out.
    """

    def __init__(self, reading: Reading, node: Node, values: tuple[Value | None, ...]) -> None:
        self.reading = reading
        self.drawing = reading.drawing
        self.node = node
        self.values = values

    @property
    def opset(self) -> int:
        """The operator set of the model."""
        return self.reading.model.opset

    def refuse(self, why: str) -> ModelError:
        """Return the error that says why this node can't be said here."""
        return ModelError(f"{self.node.called}: {why}")

    # --- What it reads ------------------------------------------------------------------------------------------------

    def setting(self, name: str, default: Any = None) -> Any:
        """Return an attribute."""
        return self.node.attributes.get(name, default)

    def needed_setting(self, name: str) -> Any:
        """Return an attribute that must be there."""
        if name not in self.node.attributes:
            raise self.refuse(f"its {name} is missing.")
        return self.node.attributes[name]

    def value(self, i: int) -> Value | None:
        """Return an input; None where it is left out."""
        return self.values[i] if i < len(self.values) else None

    def constant(self, i: int) -> Array | None:
        """Return an input that must not depend on the samples."""
        value = self.value(i)
        if value is None or isinstance(value, np.ndarray):
            return value
        raise self.refuse(f"its input {i + 1} is computed from the samples; here it must be a constant.")

    def needed(self, i: int) -> Array:
        """Return a constant input that must be there."""
        value = self.constant(i)
        if value is None:
            raise self.refuse(f"its input {i + 1} is missing.")
        return value

    def axes_of(self, axes: Sequence[int], rank: int) -> tuple[int, ...]:
        """Return axes as the model counts them, without the batch, from 0.

        Raises
        ------
        ModelError
            If the batch is among them, or an axis that isn't there.
        """
        found = []
        for axis in axes:
            if not -rank - 1 <= axis <= rank:
                raise self.refuse(f"there is no axis {axis}.")
            if axis % (rank + 1) == 0:
                raise self.refuse("it works across the samples of a batch; here each sample is computed by itself.")
            found.append(axis % (rank + 1) - 1)
        return tuple(found)

    # --- What it draws ------------------------------------------------------------------------------------------------

    def draw(
        self,
        kind: str,
        *sources: Signal,
        weights: Mapping[str, Array] | None = None,
        own: int | None = None,
        wish: str | None = None,
        **config: Any,
    ) -> Signal:
        """Draw a layer; return its output, channels first.

        Parameters
        ----------
        own : int, optional
            Which input is the array that may tell the layer's name.
        wish : str, optional
            Its name, where neither the node nor an array gives it.
        """
        id = self.drawing.draw(
            kind,
            [source.layer for source in sources],
            wish=self.reading.place_of(self.name(own), kind) if wish is None else wish,
            called=self.node.called,
            config=config,
            weights=weights,
        )
        if own is not None and own < len(self.node.inputs) and not self.reading.model.is_ours:
            self.reading.note_owner(self.node.inputs[own], self.node, id)
        return self.output(id)

    def output(self, id: str) -> Signal:
        """Return a layer's output, channels first."""
        shape: Shape = self.drawing.shape(id)
        return Signal(id, shape, first_dims(shape))

    def redrawn(self, signal: Signal, kind: str, weights: Mapping[str, Array] | None = None, **config: Any) -> Signal:
        """Draw a layer that changes each value alone, whatever order they stand in."""
        drawn = self.draw(kind, signal, weights=weights, **config)
        return replace(signal, layer=drawn.layer)

    def name(self, own: int | None = None) -> str:
        """Return the layer's name as the file has it; our own exports name every node after its layer."""
        if self.reading.model.is_ours:
            return self.node.name
        if own is not None and own < len(self.node.inputs):
            owner = owner_of(self.node.inputs[own])
            if owner and (not self.node.name or layer_name(owner) != layer_name(self.node.name)):
                return owner
        return node_name(self.node)


def node_name(node: Node) -> str:
    """Return a node's name without what exporters put around it; "" where it is only the operator with a number.

    PyTorch writes `/layer1/layer1.0/conv1/Conv` for the Conv in conv1, and `/conv1/Conv` again inside it.
    """
    if node.proto is None:
        return node.name
    parts, op = [part for part in node.name.split("/") if part], text_of(node.proto.op_type)
    while parts and _is_numbered(parts[-1], (op, f"node_{op}", f"node_{op.lower()}", "node")):
        parts.pop()
    kept = [part for i, part in enumerate(parts) if not (i + 1 < len(parts) and parts[i + 1].startswith(f"{part}."))]
    return "/".join(kept)


def _above(name: str) -> Iterator[str]:
    """Yield the nearest parts of the model that a name lies in: `stage1` for `stage1.conv1`."""
    for _ in range(_MOST_ABOVE):
        name = name.rpartition(".")[0]
        if not name:
            return
        yield name


def _is_numbered(name: str, stems: Sequence[str]) -> bool:
    return any(name.removeprefix(stem).lstrip("_").isdigit() or name == stem for stem in stems if name.startswith(stem))
