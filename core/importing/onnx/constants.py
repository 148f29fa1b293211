"""What a model computes without looking at the samples: shapes, and weights that are turned or scaled."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.errors import ModelError
from core.importing.onnx.model import Model, Node
from core.importing.onnx.moving import MOVES, Given, whole_numbers
from core.importing.onnx.tensors import array_of

Array = NDArray[Any]

MOST_FOLDED_BYTES = 512 << 20
"""Of all constants that are computed; a network's weights are turned once, if at all."""

_Together: TypeAlias = Callable[[Array, Array], Any]


def _power(x: Array, exponent: Array) -> Array:
    return np.asarray(np.power(x.astype(np.float64), exponent)).astype(x.dtype)


def _divided(x: Array, y: Array) -> Array:
    """Divide; whole numbers are cut off towards 0, as ONNX has it."""
    if x.dtype.kind in "iu":
        return np.asarray(np.trunc(x / y)).astype(x.dtype)
    return np.asarray(x / y)


_TOGETHER: Final[Mapping[str, _Together]] = {
    "Add": np.add,
    "Sub": np.subtract,
    "Mul": np.multiply,
    "Div": _divided,
    "Pow": _power,
    "Max": np.maximum,
    "Min": np.minimum,
    "Equal": np.equal,
    "Greater": np.greater,
    "Less": np.less,
    "And": np.logical_and,
    "Or": np.logical_or,
    "Mod": np.mod,
}
_ALONE: Final[Mapping[str, Callable[[Array], Any]]] = {
    "Floor": np.floor,
    "Ceil": np.ceil,
    "Sqrt": np.sqrt,
    "Exp": np.exp,
    "Neg": np.negative,
    "Abs": np.abs,
    "Reciprocal": np.reciprocal,
    "Not": np.logical_not,
    "Size": lambda x: np.array(x.size, np.int64),
}
_REDUCED: Final[Mapping[str, Callable[..., Any]]] = {
    "ReduceProd": np.prod,
    "ReduceSum": np.sum,
    "ReduceMax": np.max,
    "ReduceMin": np.min,
    "ReduceMean": np.mean,
}
_OTHERS: Final = ("Constant", "Cast", "Shape", "Concat", "Where", "ConstantOfShape", "Expand", "Range", "Dropout")


class Folding:
    """Computes constants, within a budget."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._left = MOST_FOLDED_BYTES

    def can(self, node: Node) -> bool:
        """Say whether a node can be computed in advance."""
        return any(node.op in table for table in (MOVES, _TOGETHER, _ALONE, _REDUCED, _OTHERS))

    def compute(self, node: Node, given: Given) -> tuple[Array, ...]:
        """Compute a node whose inputs are all known.

        Raises
        ------
        ModelError
            If it fails, or would take too much memory.
        """
        try:
            self._left -= 8 * _announced(node, given)
            if self._left < 0:
                raise ModelError(f"{node.called} makes constants larger than any network needs.")
            with np.errstate(all="ignore"):
                return tuple(np.asarray(array) for array in self._computed(node, given))
        except (ValueError, IndexError, TypeError, KeyError, ZeroDivisionError, OverflowError, AttributeError) as error:
            raise ModelError(f"{node.called} cannot be computed: its constant inputs do not fit together.") from error

    def _computed(self, node: Node, given: Given) -> Sequence[Any]:
        op = node.op
        if op in MOVES:
            return MOVES[op](node, given)
        if op in _ALONE:
            return (_ALONE[op](_all(given)[0]),)
        if op in _TOGETHER:
            first, *others = _all(given)
            for other in others:
                first = np.asarray(_TOGETHER[op](first, other))
            return (first,)
        if op in _REDUCED:
            axes = whole_numbers(node, "axes", given, 1)
            keep = bool(node.attributes.get("keepdims", 1))
            x = _all(given)[0]
            if not axes and node.attributes.get("noop_with_empty_axes"):
                return (x,)
            return (np.asarray(_REDUCED[op](x, axis=tuple(axes) if axes else None, keepdims=keep)).astype(x.dtype),)
        return (self._special(node, given),)

    def _special(self, node: Node, given: Given) -> Any:
        if node.op == "Constant":
            return self._constant(node)
        first, *others = _all(given)
        match node.op:
            case "Cast":
                from onnx import helper

                return first.astype(helper.tensor_dtype_to_np_dtype(int(node.attributes["to"])))
            case "Shape":
                return np.array(
                    first.shape[slice(node.attributes.get("start", 0), node.attributes.get("end"))], np.int64
                )
            case "Concat":
                return np.concatenate([first, *others], int(node.attributes["axis"]))
            case "Where":
                return np.where(first, *others)
            case "ConstantOfShape":
                value = node.attributes.get("value")
                filling = np.zeros(1, np.float32) if value is None else array_of(value, self._model.folder)
                return np.full(tuple(map(int, first)), filling.reshape(-1)[0], filling.dtype)
            case "Expand":
                shape = np.broadcast_shapes(first.shape, tuple(map(int, others[0])))
                return np.broadcast_to(first, shape)
            case "Range":
                return np.arange(first.item(), *(other.item() for other in others)).astype(first.dtype)
        return first  # Dropout, which does nothing to constants at inference

    def _constant(self, node: Node) -> Array:
        given = node.attributes
        if "value" in given:
            return array_of(given["value"], self._model.folder)
        kinds = {"value_float": np.float32, "value_floats": np.float32, "value_int": np.int64, "value_ints": np.int64}
        for name, kind in kinds.items():
            if name in given:
                return np.array(given[name], kind)
        raise ModelError(f"{node.called} holds something else than numbers.")


def _all(given: Given) -> list[Array]:
    if not given or any(value is None for value in given[:1]):
        raise ValueError("an input is missing")
    return [value for value in given if value is not None]


def _announced(node: Node, given: Given) -> int:
    """Return an upper bound of how many numbers a node gives."""
    arrays = [value for value in given if value is not None]
    if node.op in _TOGETHER or node.op == "Where":
        return int(prod(np.broadcast_shapes(*(array.shape for array in arrays))))
    if node.op == "Gather":
        axis = int(node.attributes.get("axis", 0))
        return int(arrays[0].size // max(1, arrays[0].shape[axis]) * arrays[1].size)
    if node.op == "ConstantOfShape":
        return int(prod(map(int, arrays[0].reshape(-1))))
    if node.op == "Expand":
        return int(prod(np.broadcast_shapes(arrays[0].shape, tuple(map(int, arrays[1].reshape(-1))))))
    if node.op == "Range":
        start, limit, delta = (float(array.reshape(-1)[0]) for array in arrays)
        return max(0, int((limit - start) / delta) + 1)
    return sum(array.size for array in arrays)
