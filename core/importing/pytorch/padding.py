"""Borders that a program puts round an image by a call of its own: part of the window that alone reads them.

PyTorch's convolutions and pools have the same padding at both ends; other padding comes before them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from math import inf

from core.importing.onnx.model import Node

_FILLED = {"Conv": 0.0, "MaxPool": -inf}
"""What stands in the padding of a window, by its operator."""


def with_padding(nodes: Sequence[Node], outputs: Sequence[str]) -> list[Node]:
    """Return the nodes with borders in the settings of the windows that read them.

    >>> pad = Node("", "Pad", ("x",), ("p",), {"pads": [0, 0, 1, 1, 0, 0, 2, 2], "mode": "constant", "value": 0.0})
    >>> conv = Node("", "Conv", ("p", "w"), ("y",), {"pads": [0, 0, 0, 0]})
    >>> with_padding([pad, conv], ["y"])[-1].attributes["pads"]
    [1, 1, 2, 2]
    """
    n_readers = Counter(name for node in nodes for name in node.inputs)
    n_readers.update(outputs)
    borders = {node.outputs[0]: node for node in nodes if node.op == "Pad" and n_readers[node.outputs[0]] == 1}
    return [_joined(node, borders.get(node.inputs[0])) if node.inputs else node for node in nodes]


def _joined(node: Node, border: Node | None) -> Node:
    if border is None:
        return node
    pads, value = border.attributes["pads"], border.attributes["value"]
    own = node.attributes.get("pads")
    if value != _FILLED.get(node.op) or border.attributes["mode"] != "constant" or len(pads) != 8 or not own:
        return node
    if min(pads) < 0 or any(pads[axis] for axis in (0, 1, 4, 5)):
        return node
    sides = [there + more for there, more in zip(own, (*pads[2:4], *pads[6:]), strict=True)]
    if node.op == "MaxPool" and any(
        2 * side > f for side, f in zip(sides, node.attributes["kernel_shape"] * 2, strict=True)
    ):
        return node
    return replace(node, inputs=(border.inputs[0], *node.inputs[1:]), attributes={**node.attributes, "pads": sides})
