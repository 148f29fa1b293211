"""Sliding windows: how a filter or pool of F pixels moves over an image, axis by axis.

Source of the arithmetic: CS231n, "Convolutional Networks", spatial arrangement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from math import ceil
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from core.problems import Fix, Problem, set_fix
from core.shapes import Padding, Pair, Shape, Size, margins, pair, shortest_size
from core.text import counted, ratio_text, setting_text, shape_text, size_text, with_article

Rounding: TypeAlias = Literal["exact", "floor"]
PoolRounding: TypeAlias = Literal["exact", "floor", "ceil"]


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis of a sliding window: an image of `n` pixels, a filter of `f`, every `stride` pixels."""

    n: int
    f: int
    stride: int
    before: int
    after: int
    dilation: int
    rounding: PoolRounding

    @property
    def span(self) -> int:
        """Pixels from the first that a filter reads to the last: `dilation·(F − 1) + 1`."""
        return self.dilation * (self.f - 1) + 1

    @property
    def places(self) -> Fraction:
        """`(W − F + 2P)/S + 1`, before any rounding; below 1 where the filter is larger than the padded image."""
        return Fraction(self.slack, self.stride) + 1

    @property
    def slack(self) -> int:
        """How far the filter can move; negative where it is larger than the padded image."""
        return self.n + self.before + self.after - self.span

    @property
    def fits(self) -> bool:
        """Whether there is at least one place, and a whole number of them where that is asked for."""
        return self.slack >= 0 and (self.rounding != "exact" or self.slack % self.stride == 0)

    @property
    def out(self) -> int:
        """Places that the filter takes."""
        if self.rounding != "ceil":
            return self.slack // self.stride + 1
        # The last window must start inside the image or the padding before it.
        last = -(-self.slack // self.stride)
        return last if last * self.stride >= self.n + self.before else last + 1

    @property
    def missing(self) -> int:
        """How many more pixels of image or padding would make room for one more window, 0 where the last one fits."""
        return -self.slack % self.stride

    @property
    def unread(self) -> int:
        """Pixels at the end of the image (not of its padding) that no window reads."""
        read = (self.out - 1) * self.stride + self.span - self.before
        return max(0, self.n - read)

    @property
    def lost(self) -> int:
        """The same where they are more than lie between any two windows: a 1×1 filter with stride 2 loses nothing."""
        return self.unread if self.unread > max(0, self.stride - self.span) else 0

    @property
    def overhang(self) -> int:
        """Pixels by which the last window reaches beyond the padded image: not 0 only with `rounding="ceil"`."""
        return max(0, (self.out - 1) * self.stride + self.span - (self.n + self.before + self.after))

    def quotient(self) -> str:
        """Write the formula with the numbers in it, without its result: "(28 − 5 + 2·2)/1 + 1"."""
        filter_text = str(self.f) if self.dilation == 1 else f"({self.dilation}·({self.f} − 1) + 1)"
        padding = f" + 2·{self.before}" if self.before else ""
        if self.before != self.after:
            padding = f" + {self.before} + {self.after}"
        return f"({self.n} − {filter_text}{padding})/{self.stride} + 1"

    def formula(self) -> str:
        """Write the formula with the numbers in it and its result: "(28 − 5 + 2·2)/1 + 1 = 28"."""
        if self.places.denominator == 1:
            return f"{self.quotient()} = {self.out}"
        way = "up" if self.out > self.places else "down"
        return f"{self.quotient()} = {ratio_text(self.places)}, rounded {way}: {self.out}"


@dataclass(frozen=True, slots=True)
class Window:
    """A filter or pool that slides over an image of H×W×C."""

    image: Shape
    high: Axis
    wide: Axis

    @property
    def out(self) -> Pair:
        """(H', W')."""
        return (self.high.out, self.wide.out)

    @property
    def axes(self) -> tuple[Axis, Axis]:
        """Both axes, height first."""
        return (self.high, self.wide)

    def formulas(self) -> Iterator[str]:
        """Write the output size with the numbers in it, once where both axes agree."""
        yield self.high.formula()
        if self.wide != self.high:
            yield self.wide.formula()

    def columns(self, x: NDArray[Any], fill: float = 0.0) -> NDArray[Any]:
        """View every window of a batch, padded with `fill`.

        Parameters
        ----------
        x : array, (N, H, W, C)
        fill : float
            What stands around the image: 0 for filters and averages, −∞ for maxima.

        Returns
        -------
        array, (N, H', W', F, F, C)
            A read-only view into the padded batch.
        """
        padded = self.pad(x, fill)
        s_n, s_h, s_w, s_c = padded.strides
        strides = (
            s_n,
            s_h * self.high.stride,
            s_w * self.wide.stride,
            s_h * self.high.dilation,
            s_w * self.wide.dilation,
            s_c,
        )
        shape = (len(x), *self.out, self.high.f, self.wide.f, x.shape[3])
        return as_strided(padded, shape, strides, writeable=False)

    def pad(self, x: NDArray[Any], fill: float = 0.0) -> NDArray[Any]:
        """Put `fill` around a batch (N, H, W, C), as far as windows reach."""
        sides = [(axis.before, axis.after + axis.overhang) for axis in self.axes]
        if not any(map(any, sides)):
            return x
        return np.pad(x, [(0, 0), *sides, (0, 0)], constant_values=fill)

    def scatter(self, columns: NDArray[Any]) -> NDArray[Any]:
        """Add every window back where it was read: the transpose of `columns`.

        Parameters
        ----------
        columns : array, (N, H', W', F, F, C)

        Returns
        -------
        array, (N, H, W, C)
        """
        n_images, c = len(columns), columns.shape[5]
        size = [axis.n + axis.before + axis.after + axis.overhang for axis in self.axes]
        padded = np.zeros((n_images, *size, c), columns.dtype)
        for i in range(self.high.f):
            rows = _every(i * self.high.dilation, self.high)
            for j in range(self.wide.f):
                padded[:, rows, _every(j * self.wide.dilation, self.wide)] += columns[:, :, :, i, j]
        return padded[
            :, self.high.before : self.high.before + self.high.n, self.wide.before : self.wide.before + self.wide.n
        ]


def _every(first: int, axis: Axis) -> slice:
    return slice(first, first + (axis.out - 1) * axis.stride + 1, axis.stride)


@lru_cache(maxsize=4096)
def window(
    image: Shape,
    size: Size,
    stride: Size = 1,
    padding: Padding = 0,
    dilation: Size = 1,
    rounding: PoolRounding = "exact",
) -> Window:
    """Lay a window over an image.

    Parameters
    ----------
    image : (H, W, C)
    size, stride, dilation : int or (height, width)
    padding : int, (height, width), ((top, bottom), (left, right)), "valid" or "same"
        "same" gives ceil(W/S) places; the odd pixel goes to the bottom or right.

    Examples
    --------
    >>> window((227, 227, 3), 11, stride=4).out
    (55, 55)
    >>> window((100, 100, 1), 5, stride=2, rounding="floor").high.unread
    1
    """
    sizes, strides, dilations = pair(size), pair(stride), pair(dilation)
    sides = _sides(image, sizes, strides, dilations, padding)
    if padding == "same":
        rounding = "floor"  # a filter shorter than its stride has ceil(W/S) places without any padding
    high, wide = (
        Axis(n, f, s, before, after, d, rounding)
        for n, f, s, (before, after), d in zip(image[:2], sizes, strides, sides, dilations, strict=True)
    )
    return Window(image, high, wide)


def _sides(image: Shape, sizes: Pair, strides: Pair, dilations: Pair, padding: Padding) -> tuple[Pair, Pair]:
    if padding == "same":
        both = []
        for n, f, s, d in zip(image[:2], sizes, strides, dilations, strict=True):
            total = max(0, (ceil(n / s) - 1) * s + d * (f - 1) + 1 - n)
            both.append((total // 2, total - total // 2))
        return (both[0], both[1])
    return margins(padding)


def window_problems(
    found: Window,
    noun: str,
    size_field: str,
    *,
    size: Size,
    stride: Size,
    padding: Padding,
) -> Iterator[Problem]:
    """Say what keeps a window from fitting, with computed cures.

    Parameters
    ----------
    found : Window
    noun : str
        What slides: "filter" or "pool".
    size_field : str
        The name of the setting that gives its size.
    size, stride, padding
        The settings' values.
    """
    small = [axis for axis in found.axes if axis.slack < 0]
    if small:
        axis = small[0]
        padded = axis.n + axis.before + axis.after
        yield Problem(
            "SHAPE-SMALL",
            field=size_field,
            what=f"{with_article(size_text(size))} {noun} is larger than the {shape_text(found.image[:2])} input"
            + (" with its padding" if axis.before + axis.after else ""),
            why=f"It spans {counted(axis.span, 'pixel')}, and there {'is' if padded == 1 else 'are'} only {padded}.",
            fixes=tuple(_fixes_for_small(found, size_field, size)),
            spoils="output",
        )
        return
    unfit = [axis for axis in found.axes if not axis.fits]
    if unfit:
        yield Problem(
            "SHAPE-FIT",
            field="stride",
            what=f"{with_article(size_text(size))} {noun} does not fit "
            f"{with_article(shape_text(found.image[:2]))} input with stride {setting_text(stride)}",
            why=f"{unfit[0].quotient()} = {ratio_text(unfit[0].places)} is not a whole number.",
            fixes=tuple(_fixes_for_fit(found, padding, noun)),
            spoils="output",
        )
        return
    lost = [(axis.lost, name) for axis, name in zip(found.axes, ("row", "column"), strict=True) if axis.lost]
    if lost:
        (n, _), word = lost[0], " and ".join(f"{n} {name}{'' if n == 1 else 's'}" for n, name in lost)
        side = " and ".join("bottom" if name == "row" else "right" for _, name in lost)
        alone = n == 1 and len(lost) == 1
        yield Problem(
            "SHAPE-UNREAD",
            severity="note",
            field="rounding",
            what=f"{word} at the {side} {'is' if alone else 'are'} never read by any {noun}",
            why=f"{next(axis for axis in found.axes if axis.lost).formula()}.",
        )


def _fixes_for_small(found: Window, size_field: str, size: Size) -> Iterator[Fix]:
    largest = [min(axis.f, (axis.n + axis.before + axis.after - 1) // axis.dilation + 1) for axis in found.axes]
    smaller = shortest_size((largest[0], largest[1]))
    if isinstance(size, int):
        smaller = min(largest)
    yield set_fix(f"Use {size_field.replace('_', ' ')} {setting_text(smaller)}", **{size_field: smaller})
    yield set_fix('Use padding "same"', padding="same")


def _fixes_for_fit(found: Window, padding: Padding, noun: str) -> Iterator[Fix]:
    if noun == "pool":  # a pool is there to shrink the image: rounding keeps that, a stride of 1 does not
        down, up = (_rounded(found, rounding) for rounding in ("floor", "ceil"))
        yield set_fix(f"Round down: {shape_text(down)}", rounding="floor")
        if up != down:
            yield set_fix(f"Round up: {shape_text(up)}", rounding="ceil")
    strides = [
        _nearest(axis.stride, range(1, axis.stride + 3), lambda s, slack=axis.slack: slack % s == 0)
        for axis in found.axes
    ]
    if None not in strides:
        stride = shortest_size((strides[0], strides[1]))  # type: ignore[arg-type]
        yield set_fix(f"Use stride {setting_text(stride)}", stride=stride)
    new = fitting_padding(found, padding, noun)
    if new is not None:
        yield set_fix(f"Use padding {new}", padding=new)
    if noun == "pool":
        return
    wider = {axis.before + (axis.missing + 1) // 2 for axis in found.axes}
    if new is None and isinstance(padding, int) and len(wider) == 1:
        (half,) = wider
        if half < min(axis.span for axis in found.axes):
            yield set_fix(f"Use padding {half} and round down", padding=half, rounding="floor")
    yield set_fix("Round down", rounding="floor")


def fitting_padding(found: Window, padding: Padding, noun: str) -> int | None:
    """Return the nearest padding, if it is one number, with which a window fits a whole number of times."""
    if not isinstance(padding, int):  # one number stays one number: the same for both axes
        return None
    most = min(axis.f // 2 if noun == "pool" else axis.span - 1 for axis in found.axes)
    bare = {(axis.n - axis.span, axis.stride) for axis in found.axes}
    return _nearest(
        padding, range(most + 1), lambda p: all(n + 2 * p >= 0 and (n + 2 * p) % stride == 0 for n, stride in bare)
    )


def _rounded(found: Window, rounding: PoolRounding) -> Pair:
    high, wide = (replace(axis, rounding=rounding) for axis in found.axes)
    return (high.out, wide.out)


def _nearest(value: int, candidates: range, good: Any) -> int | None:
    """Return the nearest candidate that is good, unless it is far away; of two equally near ones the smaller."""
    for away in range(_FARTHEST_CURE + 1):
        for candidate in (value - away, value + away):
            if candidate in candidates and good(candidate):
                return candidate
    return None


_FARTHEST_CURE = 64
"""Pixels between a stride or padding and the one that is offered instead; a larger step would be another design."""
