"""Operators that only move values, as functions of arrays: for constants, and for the orders of signals.

Each takes the node, its inputs with None for those left out, and the operator set: attributes became inputs over time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.importing.onnx.model import Node

Array = NDArray[Any]
Given: TypeAlias = Sequence[Array | None]


def whole_numbers(node: Node, name: str, given: Given, i: int) -> list[int] | None:
    """Return a list of numbers that is an attribute in old operator sets, and an input in new ones."""
    if name in node.attributes:
        value = node.attributes[name]
        return [int(n) for n in value] if isinstance(value, Sequence) else [int(value)]
    value = given[i] if i < len(given) else None
    return None if value is None else [int(n) for n in value.reshape(-1)]


def _array(given: Given, i: int = 0) -> Array:
    value = given[i]
    if value is None:
        raise ValueError("an input is missing")
    return value


def _transpose(node: Node, given: Given) -> tuple[Array, ...]:
    return (np.transpose(_array(given), node.attributes.get("perm")),)


def _reshape(node: Node, given: Given) -> tuple[Array, ...]:
    x, target = _array(given), whole_numbers(node, "shape", given, 1)
    if target is None:
        raise ValueError("there is no shape")
    if not node.attributes.get("allowzero"):
        target = [x.shape[axis] if side == 0 else side for axis, side in enumerate(target)]
    return (x.reshape(target),)


def _flatten(node: Node, given: Given) -> tuple[Array, ...]:
    x, axis = _array(given), int(node.attributes.get("axis", 1))
    rows = int(np.prod(x.shape[: axis if axis >= 0 else axis + x.ndim], dtype=np.int64))
    return (x.reshape(rows, -1),)


def _squeeze(node: Node, given: Given) -> tuple[Array, ...]:
    axes = whole_numbers(node, "axes", given, 1)
    return (np.squeeze(_array(given), None if axes is None else tuple(axes)),)


def _unsqueeze(node: Node, given: Given) -> tuple[Array, ...]:
    return (np.expand_dims(_array(given), tuple(whole_numbers(node, "axes", given, 1) or ())),)


def slices_of(node: Node, given: Given, dims: Sequence[int]) -> list[slice]:
    """Return which part of each axis a Slice takes."""
    starts, ends = whole_numbers(node, "starts", given, 1) or [], whole_numbers(node, "ends", given, 2) or []
    axes = whole_numbers(node, "axes", given, 3) or list(range(len(starts)))
    steps = whole_numbers(node, "steps", given, 4) or [1] * len(starts)
    parts = [slice(None)] * len(dims)
    for axis, *ends_of_axis, step in zip(axes, starts, ends, steps, strict=True):
        n = dims[axis]
        first, last = (0, n) if step > 0 else (-1, n - 1)
        start, end = (min(max(side + n if side < 0 else side, first), last) for side in ends_of_axis)
        parts[axis] = slice(start, None if end < 0 else end, step)
    return parts


def _slice(node: Node, given: Given) -> tuple[Array, ...]:
    x = _array(given)
    return (x[tuple(slices_of(node, given, x.shape))],)


def _split(node: Node, given: Given) -> tuple[Array, ...]:
    x, axis = _array(given), int(node.attributes.get("axis", 0))
    sizes = whole_numbers(node, "split", given, 1)
    if sizes is None:
        n_parts = int(node.attributes.get("num_outputs", len(node.outputs)))
        size = -(-x.shape[axis] // n_parts)
        sizes = [size] * (n_parts - 1) + [x.shape[axis] - size * (n_parts - 1)]
    if sum(sizes) != x.shape[axis] or min(sizes) < 0:
        raise ValueError("the parts do not add up")
    return tuple(np.split(x, np.cumsum(sizes)[:-1], axis))


def _gather(node: Node, given: Given) -> tuple[Array, ...]:
    x, places = _array(given), _array(given, 1).astype(np.int64)
    return (np.take(x, places, int(node.attributes.get("axis", 0))),)


def _space_to_depth(node: Node, given: Given) -> tuple[Array, ...]:
    x, b = _array(given), int(node.attributes["blocksize"])
    n, c, high, wide = x.shape
    blocks = x.reshape(n, c, high // b, b, wide // b, b).transpose(0, 3, 5, 1, 2, 4)
    return (blocks.reshape(n, c * b * b, high // b, wide // b),)


def _depth_to_space(node: Node, given: Given) -> tuple[Array, ...]:
    x, b = _array(given), int(node.attributes["blocksize"])
    n, c, high, wide = x.shape
    if node.attributes.get("mode", "DCR") == "CRD":
        blocks = x.reshape(n, c // b**2, b, b, high, wide).transpose(0, 1, 4, 2, 5, 3)
    else:
        blocks = x.reshape(n, b, b, c // b**2, high, wide).transpose(0, 3, 4, 1, 5, 2)
    return (blocks.reshape(n, c // b**2, high * b, wide * b),)


MOVES: Final[Mapping[str, Callable[[Node, Given], tuple[Array, ...]]]] = {
    "Identity": lambda node, given: (_array(given),),
    "Transpose": _transpose,
    "Reshape": _reshape,
    "Flatten": _flatten,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Slice": _slice,
    "Split": _split,
    "Gather": _gather,
    "SpaceToDepth": _space_to_depth,
    "DepthToSpace": _depth_to_space,
}
"""By operator; each raises ValueError or IndexError where its inputs do not fit together."""
