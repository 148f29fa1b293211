"""An ONNX graph as it is put together: nodes, arrays and names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.engine.program import Node
from core.errors import ExportError

if TYPE_CHECKING:
    from onnx import NodeProto

Array = NDArray[Any]

BASE = 17
"""The operator set of what needs no later one."""
IR_VERSIONS = {17: 8, 18: 8, 19: 9, 20: 9, 21: 10, 22: 10, 23: 11}
"""The oldest version of the file format that each operator set may stand in: runtimes read it and all later ones."""
REDUCED_BY_INPUT = 18
"""The operator set from which the axes that are reduced stand in an array."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a weight of ours stands in the graph, and how it is turned.

    Attributes
    ----------
    weight : str
        Its name: `conv1/kernel`.
    axes : tuple of int
        Which of our axes each axis of the array is; the array may have further axes of length 1.
    """

    weight: str
    axes: tuple[int, ...]

    def turned(self, values: Array, dims: tuple[int, ...]) -> Array:
        """Return our array as the graph has it."""
        return np.ascontiguousarray(values.transpose(self.axes)).reshape(dims)

    def turned_back(self, array: Array, shape: tuple[int, ...]) -> Array:
        """Return an array of the graph as ours, in a shape."""
        first = tuple(shape[axis] for axis in self.axes)
        return np.ascontiguousarray(array.reshape(first).transpose(np.argsort(self.axes)))


class Drawing:
    """Nodes in the order of computing, with constants.

    Attributes
    ----------
    nodes : list of NodeProto
    constants : dict of str to array
        Those that are no weights, by name.
    places : dict of str to (Place, dims)
        Where weights stand, by the names of their arrays.
    opset : int
        The lowest operator set that serves so far.
    """

    def __init__(self, opset: int = BASE) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: dict[str, Array] = {}
        self.places: dict[str, tuple[Place, tuple[int, ...]]] = {}
        self.opset = opset


class Part:
    """One layer, as its kind's function draws it.

    Attributes
    ----------
    node : Node
        The layer.
    inputs : tuple of str
        The values that it reads.
    """

    def __init__(self, drawing: Drawing, node: Node, inputs: tuple[str, ...]) -> None:
        self.drawing = drawing
        self.node = node
        self.inputs = inputs

    def refuse(self, why: str) -> ExportError:
        """Return the error that says why ONNX can't say this layer."""
        kind = type(self.node.kind).__name__
        text = f"{self.node.id} ({kind}) cannot be said in ONNX: {why} Replace it, or export to PyTorch."
        return ExportError(text, self.node.id)

    def need(self, opset: int) -> None:
        """Ask for an operator set."""
        self.drawing.opset = max(self.drawing.opset, opset)

    def add(
        self, op: str, inputs: Sequence[str], *, main: bool = False, last: bool = False, to: str = "", **settings: Any
    ) -> str:
        """Add a node and return its value.

        Parameters
        ----------
        main : bool
            Whether it has the layer's name.
        last : bool
            Whether its value is the layer's output.
        to : str
            What the value is called after the layer's name, where it isn't the output.
        """
        from onnx import helper

        id = self.node.id
        value = id if last else f"{id}/{to or op.lower()}"
        name = id if main else value if not last else f"{id}/{op.lower()}"
        self.drawing.nodes.append(helper.make_node(op, list(inputs), [value], name=name, **settings))
        return value

    def single(self, op: str, *constants: str, **settings: Any) -> None:
        """Add the one node that the layer is, fed by its inputs and these arrays."""
        self.add(op, [*self.inputs, *constants], main=True, last=True, **settings)

    def constant(self, name: str, values: Any, dtype: Any = np.float32) -> str:
        """Add an array that is no weight."""
        full = f"{self.node.id}/{name}"
        self.drawing.constants[full] = np.asarray(values, dtype)
        return full

    def weight(self, name: str, axes: tuple[int, ...] | None = None, dims: tuple[int, ...] | None = None) -> str:
        """Add a weight, turned and with further axes.

        Parameters
        ----------
        axes : tuple of int, optional
            Which of our axes each axis is; by default they stay.
        dims : tuple of int, optional
            The shape in the graph, where it isn't just that.
        """
        full, shape = f"{self.node.id}/{name}", self.node.weights[name].shape
        order = axes or tuple(range(len(shape)))
        self.drawing.places[full] = Place(full, order), dims or tuple(shape[axis] for axis in order)
        return full
