"""What is reordered where another program has other axes, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from core.export.exporter import Subject
from core.layers.dense import Flatten
from core.layers.reshape import Reshape
from core.shapes import Shape
from core.text import listing

LETTERS = {2: ("C", "K"), 4: ("F", "F", "C", "K")}
"""What the axes of a kernel are called, by how many it has."""


def channels_first(subject: Subject) -> Iterator[str]:
    """Say how images enter where channels come first."""
    for shape in _images(subject):
        high, wide, c = shape
        yield f"Images enter as N×{c}×{high}×{wide}, channels first; here they are N×{high}×{wide}×{c}."


def _images(subject: Subject) -> list[Shape]:
    program = subject.program
    shapes = (program.nodes[index].shape for index in program.read_inputs)
    return [*dict.fromkeys(shape for shape in shapes if len(shape) == 3)]


def turned_axes(turned: Iterable[tuple[str, Sequence[int]]]) -> Iterator[str]:
    """Say which kernels have their axes in another order.

    Parameters
    ----------
    turned : iterable of (str, sequence of int)
        The name of each array, and which of our axes each of its axes is there.

    Examples
    --------
    >>> [*turned_axes([("fc1/kernel", (1, 0)), ("fc2/kernel", (1, 0))])]
    ['Axes of kernels (C, K) → (K, C): fc1 and fc2.']
    """
    alike: dict[str, list[str]] = {}
    for name, axes in turned:
        ours = LETTERS[len(axes)]
        theirs = ", ".join(ours[axis] for axis in axes)
        alike.setdefault(f"({', '.join(ours)}) → ({theirs})", []).append(name.rpartition("/")[0])
    for order, layers in alike.items():
        yield f"Axes of kernels {order}: {_few(layers)}."


def _few(names: Sequence[str]) -> str:
    """Name three, and say how many there are besides."""
    rest = len(names) - 3
    return listing(names if rest < 2 else [*names[:3], f"{rest} others"])


def flattened(subject: Subject, by: str) -> Iterator[str]:
    """Say that values keep their order where an image becomes features.

    Parameters
    ----------
    by : str
        What turns the axes back there: "a permute".
    """
    needed = subject.program.ancestors(subject.program.outputs)
    names = [
        node.id
        for node in subject.program.nodes
        if node.index in needed and isinstance(node.kind, Flatten | Reshape) and len(node.inputs[0]) == 3
    ]
    if names:
        verb = "reads" if len(names) == 1 else "read"
        yield f"{_few(names)} {verb} H, W, C as here, after {by}: the kernel that follows keeps its rows in order."
