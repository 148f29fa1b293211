"""What can be said of any layer on demand, and how indices, sums and sizes read in explanations."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from core.layers.values import ReceptiveField, Weight
from core.shapes import VALUE_BYTES, Shape, count
from core.text import bytes_text, counted, listing, number_text, ratio_text

Sides: TypeAlias = tuple[int | Fraction, int | Fraction]
"""Height and width, in pixels or parts of one."""

_SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True, slots=True)
class Explanation:
    """What is said of a layer under one heading, a sentence or formula a line."""

    topic: str
    lines: tuple[str, ...]


def description(kind: type) -> Iterator[str]:
    """Return the paragraphs of a kind's docstring, each in one line and without the marks around formulas."""
    for paragraph in inspect.cleandoc(kind.__doc__ or "").split("\n\n"):
        yield " ".join(paragraph.split()).replace("`", "")


def values_product(shape: Shape) -> str:
    """Count the values of a shape.

    >>> values_product((28, 28, 6)), values_product((10,))
    ('28·28·6 = 4,704', '10')
    """
    product = "·".join(map(number_text, shape))
    return product if len(shape) == 1 else f"{product} = {number_text(count(shape))}"


def numbered(letter: str, n: int) -> list[str]:
    """Name the inputs of a layer.

    >>> numbered("x", 3)
    ['x₁', 'x₂', 'x₃']
    """
    return [f"{letter}{str(i).translate(_SUBSCRIPTS)}" for i in range(1, n + 1)]


def index_text(place: str, stride: int, offset: str = "", dilation: int = 1, before: int = 0) -> str:
    """Write which pixel a window reads, or a value writes.

    Parameters
    ----------
    place, offset : str
        The letters of the place and of the pixel inside the window.
    before : int
        The padding, which is taken off.

    Examples
    --------
    >>> index_text("i", 4, "a"), index_text("i", 1, "a", 2, before=1), index_text("j", 2, "b", before=-3)
    ('4·i + a', 'i + 2·a − 1', '2·j + b + 3')
    """
    text = place if stride == 1 else f"{stride}·{place}"
    if offset:
        text += f" + {offset if dilation == 1 else f'{dilation}·{offset}'}"
    if before:
        text += f" {'−' if before > 0 else '+'} {abs(before)}"
    return text


def signed(n: int) -> str:
    """Write a number that may be below 0.

    >>> signed(2), signed(-1)
    ('2', '−1')
    """
    return str(n) if n >= 0 else f"−{-n}"


def inner(n: int) -> str:
    """Write a number inside a formula.

    >>> inner(2), inner(-1)
    ('2', '(−1)')
    """
    return str(n) if n >= 0 else f"(−{-n})"


def by_axis(high: str, wide: str) -> Iterator[str]:
    """Say what holds for height and width; once, where it is the same."""
    if high == wide:
        yield high
    else:
        yield f"height: {high}"
        yield f"width: {wide}"


def field_lines(before: Sequence[ReceptiveField | None], after: ReceptiveField | None) -> Iterator[str]:
    """Say how a receptive field comes about where no window is slid."""
    if after is None:
        through = "as what feeds it does" if before and None in before else "whatever lies before it"
        yield f"Every value sees the whole input, {through}."
        return
    known = [field for field in before if field is not None]
    if set(known) == {after}:
        yield f"r = {sides(after.size)} and j = {sides(after.jump)}, passed on as they are"
    elif len(known) > 1:
        sizes = listing([sides(field.size) for field in known])
        jumps = listing([sides(field.jump) for field in known])
        yield f"r = {sides(after.size)}, the largest of {sizes}; j = {sides(after.jump)}, the largest of {jumps}"
    elif known:
        yield from _changes("r", known[0].size, after.size)
        yield from _changes("j", known[0].jump, after.jump)
    yield seen_text(after)


def _changes(letter: str, before: Sides, after: Sides) -> Iterator[str]:
    yield f"{letter} = {sides(after)}, as before" if before == after else f"{letter}: {sides(before)} → {sides(after)}"


def seen_text(field: ReceptiveField) -> str:
    """Say what a receptive field means."""
    pixels = "pixel" if field.size == (1, 1) else "pixels"
    high, wide = map(ratio_text, field.jump)
    apart = f"{high} {'pixel' if high == '1' else 'pixels'} apart"
    if high != wide:
        apart += f" in height and {wide} in width"
    return f"A value sees {sides(field.size, '×')} {pixels} of the input; neighbours look {apart}."


def sides(pair: Sides, joint: str = "") -> str:
    """Write height and width; one number where they are equal, unless they are to be joined always."""
    if pair[0] == pair[1] and not joint:
        return ratio_text(pair[0])
    return f"{ratio_text(pair[0])}×{ratio_text(pair[1])}"


def memory_lines(output: Shape, weights: Mapping[str, Weight]) -> Iterator[str]:
    """Count what a training step holds of a layer."""
    n = count(output)
    yield (
        f"Output: {values_product(output)} values of {VALUE_BYTES} bytes, {bytes_text(n * VALUE_BYTES)} a sample, and "
        f"in training as much again for its gradient: {bytes_text(2 * n * VALUE_BYTES)}"
    )
    n = sum(weight.size for weight in weights.values() if weight.role == "parameter")
    if n:
        text = number_text(n)
        yield f"Parameters: {counted(n, 'value')}, {bytes_text(n * VALUE_BYTES)}"
        yield (
            f"Trained with SGD, with gradient and velocity, 3·{text} values, {bytes_text(3 * n * VALUE_BYTES)}; with "
            f"Adam, which keeps two moments, 4·{text} values, {bytes_text(4 * n * VALUE_BYTES)}"
        )
    statistics = sum(weight.size for weight in weights.values() if weight.role == "statistic")
    if statistics:
        yield f"Statistics: {counted(statistics, 'value')} without a gradient, {bytes_text(statistics * VALUE_BYTES)}"
