"""How a layer is said in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from core.io.weights import Array

Turn: TypeAlias = Callable[[Array], Array]
"""From our axes, channels last, to PyTorch's."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """A layer in PyTorch.

    Attributes
    ----------
    call : str
        What computes it; `{0}`, `{1}`, … stand for its inputs, `{self}` for its module.
    module : str
        What makes its module: `nn.Linear(3, 2)`; "" where it has none.
    arrays : mapping of str to (str, callable)
        What the arrays of the module are called, by our names, and how they are turned.
    needs : tuple of str
        What of `LACKING` the file needs for it.
    axes : tuple of int
        Which of our axes each axis of its kernel is; empty where it has none, or they stay.
    """

    call: str
    module: str = ""
    arrays: Mapping[str, tuple[str, Turn]] = field(default_factory=dict)
    needs: tuple[str, ...] = ()
    axes: tuple[int, ...] = ()


def arguments(*values: Any, **named: tuple[Any, Any]) -> str:
    """Write what stands between the parentheses of a call; values that are PyTorch's defaults are left out.

    Parameters
    ----------
    named
        Each a value and the default.

    Examples
    --------
    >>> arguments(1, 6, (5, 5), padding=(2, 0), stride=((1, 1), 1), eps=(1e-3, 1e-5))
    '1, 6, 5, padding=2, eps=0.001'
    """
    said = [text(value) for value in values]
    said += [f"{name}={text(value)}" for name, (value, default) in named.items() if text(value) != text(default)]
    return ", ".join(said)


def text(value: Any) -> str:
    """Write a value as Python has it; a pair of equal numbers as one.

    >>> text((3, 3)), text((3, 2)), text(0.1), text("tanh")
    ('3', '(3, 2)', '0.1', "'tanh'")
    """
    if isinstance(value, tuple) and len(value) == 2 and value[0] == value[1]:
        return repr(value[0])
    return repr(value)


def padded(sides: tuple[tuple[int, int], tuple[int, int]], inner: str = "{0}", how: str = "") -> str:
    """Write an image with margins, (top, bottom) and (left, right); without any it stays as it is.

    >>> padded(((0, 1), (0, 1)))
    'F.pad({0}, (0, 1, 0, 1))'
    """
    (top, bottom), (left, right) = sides
    if not (top or bottom or left or right):
        return inner
    return f"F.pad({inner}, ({left}, {right}, {top}, {bottom}){how})"
