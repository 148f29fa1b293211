"""The layer patterns of the courses, and the rule that they are cases of."""

from __future__ import annotations

from functools import partial

from core.errors import EditError
from core.graph.values import Document
from core.text import number_words
from core.zoo.builder import Pen

SIDE, CLASSES = 32, 10
"""Patterns are drawn for CIFAR-10."""
MOST_BLOCKS = SIDE.bit_length() - 1
"""After so many pools the image is a single pixel."""
MOST_LAYERS = 16

_SOURCE = "CS231n, “Convolutional Networks”, Layer Patterns, drawn for CIFAR-10."


def pattern(n: int, m: int, k: int, *, pool: bool = True) -> Document:
    """Draw INPUT → [[CONV → RELU]×N → POOL?]×M → [FC → RELU]×K → FC.

    Filters are 3×3 with padding 1, so that only pools change the image's size: the first block has 32 of them, each
    later one twice as many, at most 512. Hidden dense layers have 128 units.

    Parameters
    ----------
    n : int
        Convolutions in a block.
    m : int
        Blocks.
    k : int
        Hidden dense layers.
    pool : bool
        Whether each block ends with a 2×2 pool.

    Raises
    ------
    EditError
        If a number is negative, or so large that no pixel or no picture is left.
    """
    for name, value, most in (("N", n, MOST_LAYERS), ("M", m, MOST_BLOCKS), ("K", k, MOST_LAYERS)):
        if not 0 <= value <= most:
            why = f": after {most} pools a {SIDE}×{SIDE} image is one pixel" if name == "M" else ""
            raise EditError(f"{name} = {number_words(value)} cannot be drawn{why}. Choose {name} from 0 to {most}.")
    pen = Pen(pattern_text(n, m, k, pool=pool), _SOURCE).draw("Input", id="input", shape=[SIDE, SIDE, 3])
    for block in range(m):
        for _ in range(n):
            pen.draw("Conv2D", filters=min(32 * 2**block, 512), kernel_size=3, padding=1).draw("ReLU")
        if pool:
            pen.draw("MaxPool2D")
    pen.draw("Flatten", id="flat")
    for _ in range(k):
        pen.draw("Dense", units=128).draw("ReLU")
    return pen.draw("Dense", units=CLASSES).draw("Softmax", id="softmax").document


def pattern_text(n: int, m: int, k: int, *, pool: bool = True) -> str:
    """Write a pattern as the courses do.

    >>> pattern_text(2, 3, 2)
    'INPUT → [CONV → RELU → CONV → RELU → POOL]×3 → [FC → RELU]×2 → FC'
    >>> pattern_text(1, 1, 0, pool=False)
    'INPUT → CONV → RELU → FC'
    """
    filters = ["CONV → RELU"] * n if n <= 2 else [f"[CONV → RELU]×{n}"]
    block = " → ".join(filters + ["POOL"] * pool)
    parts = ["INPUT", _times(block, m), _times("FC → RELU", k), "FC"]
    return " → ".join(part for part in parts if part)


def _times(part: str, n: int) -> str:
    return part if n == 1 or not part else f"[{part}]×{n}" if n else ""


TEMPLATES = {
    "pattern_linear": partial(pattern, 0, 0, 0),
    "pattern_one_conv": partial(pattern, 1, 1, 0, pool=False),
    "pattern_conv_pool": partial(pattern, 1, 2, 1),
    "pattern_conv_conv_pool": partial(pattern, 2, 3, 2),
}
