"""Layers that change the size of an image without learning, and those that move values between space and depth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import floor, gcd, isqrt
from typing import ClassVar, Literal

import numpy as np

from core.declare import LARGEST, SizeField, hyper
from core.layers.even_division import nearest_divisor, sharing_problems
from core.layers.explanation import by_axis
from core.layers.kind import IMAGE, Array, Arrays, Context, Example, Family, Kind, ReceptiveField
from core.layers.sight import NOWHERE, AnySight, Sight, as_image, listed, same
from core.layers.working_out import copied, moved, weighted
from core.layers.workings import Block, Cell, Workings
from core.problems import Problem, set_fix
from core.shapes import Pair, Shape, pair
from core.text import counted, shape_text, with_article


def _narrowed(field: ReceptiveField | None, factors: Pair) -> ReceptiveField | None:
    """Bring neighbours closer together: `j /= factor`."""
    if field is None:
        return None
    high, wide = (Fraction(jump) / factor for jump, factor in zip(field.jump, factors, strict=True))
    return ReceptiveField(field.size, (high, wide))


class Upsample2D(Kind):
    """Makes an image larger by whole factors: by repeating pixels, or by bilinear interpolation between their centres.

    `W' = W·factor`. With "bilinear" output pixel i lies at `(i + 1/2)/factor − 1/2` of the input, and beyond its border
    pixels the input goes on unchanged; this is PyTorch's `align_corners=False`.
    """

    stem: ClassVar = "up"
    family: ClassVar[Family] = "merge"
    ranks: ClassVar = IMAGE
    aliases: ClassVar = ("upsampling", "resize", "nearest", "bilinear", "unpool", "enlarge")
    source: ClassVar = "PyTorch, `torch.nn.Upsample`"
    examples: ClassVar = (
        Example({}, ((7, 5, 3),), (14, 10, 3), explanation=("7·2 = 14", "5·2 = 10")),
        Example({"interpolation": "bilinear"}, ((3, 3, 2),), (6, 6, 2), explanation=("3·2 = 6",)),
        Example({"factor": (3, 1), "interpolation": "bilinear"}, ((2, 4, 1),), (6, 4, 1)),
        Example({"factor": (1, 4)}, ((2, 3, 2),), (2, 12, 2)),
        Example({"factor": 5, "interpolation": "bilinear"}, ((1, 2, 1),), (5, 10, 1)),
    )

    factor: SizeField = hyper(2, headline=True, help="How many times higher and wider the image becomes.")
    interpolation: Literal["nearest", "bilinear"] = hyper("nearest", help="What stands between the known pixels.")

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        (high, wide, c), (up, across) = inputs[0], pair(self.factor)
        return (high * up, wide * across, c)

    def receptive_field(
        self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]
    ) -> ReceptiveField | None:
        return _narrowed(fields[0], pair(self.factor))

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        formulas = [f"{n}·{factor} = {n * factor}" for n, factor in zip(inputs[0], pair(self.factor), strict=False)]
        yield from dict.fromkeys(formulas)

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        up, across = pair(self.factor)
        if self.interpolation == "nearest":
            yield f"y[i, j, c] = x[⌊i/{up}⌋, ⌊j/{across}⌋, c]: every pixel {up}·{across} = {up * across} times"
        else:
            yield "Pixel i of y lies between two of x, which count the more the nearer they are:"
            yield from by_axis(*(f"at (i + 1/2)/{factor} − 1/2" for factor in (up, across)))

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        up, across = pair(self.factor)
        if self.interpolation == "nearest":
            yield f"∂ℓ/∂x[p, q, c] = Σ ∂ℓ/∂y over the {up}·{across} = {up * across} copies of the pixel"
        else:
            yield "∂ℓ/∂x[p, q, c] = Σ ∂ℓ/∂y of every pixel it had a part in, times that part"

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        rows, columns = (
            listed(n, self._between(n, factor)[0]) for n, factor in zip(inputs[0], pair(self.factor), strict=False)
        )
        return (Sight(rows, columns, same(inputs[0][2])),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        sights = self.sights([xs[0].shape])
        if self.interpolation == "nearest":
            return copied(xs, sights, at)
        rows, columns = (
            self._between(n, factor)[1][place]
            for n, factor, place in zip(xs[0].shape, pair(self.factor), at, strict=False)
        )
        shares = rows[rows != 0][:, None] * columns[columns != 0]
        return weighted(Block.read(xs[0], sights[0], at), shares[:, :, None])

    def _between(self, n: int, factor: int) -> tuple[Array, Array]:
        """Return the pixels that those of the output read along an axis, and their shares, (n·factor, 1 or 2)."""
        if self.interpolation == "nearest":
            return np.repeat(np.arange(n), factor)[:, None], np.ones((n * factor, 1))
        first, along = (np.tile(column, n) for column in zip(*((f, a) for _, f, a in _phases(factor)), strict=True))
        first = first + np.repeat(np.arange(n), factor)
        places = np.clip(np.stack([first, first + 1], 1), 0, n - 1)
        shares = np.stack([1 - along, along], 1)
        # Beyond the border stands the border pixel itself: it is read once, with both shares.
        shares[places[:, 0] == places[:, 1]] = [1, 0]
        places[shares == 0] = NOWHERE
        return places, shares

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        y = xs[0]
        for axis, factor in enumerate(pair(self.factor), 1):
            y = y.repeat(factor, axis) if self.interpolation == "nearest" else _stretched(y, axis, factor)
        return y

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        up, across = pair(self.factor)
        if self.interpolation == "bilinear":
            return (_stretched_back(_stretched_back(dy, 2, across), 1, up),), {}
        n, high, wide, c = dy.shape
        return (dy.reshape(n, high // up, up, wide // across, across, c).sum((2, 4)),), {}


def _phases(factor: int) -> Iterator[tuple[int, int, float]]:
    """Yield for each pixel that one becomes: which, the first of the two it lies between, and how far along."""
    for phase in range(factor):
        place = (phase + 0.5) / factor - 0.5
        yield phase, floor(place), place - floor(place)


def _stretched(x: Array, axis: int, factor: int) -> Array:
    """Interpolate along an axis."""
    values = np.moveaxis(x, axis, 0)
    n = len(values)
    beyond = np.concatenate([values[:1], values, values[-1:]])
    y = np.empty_like(beyond, shape=(n * factor, *values.shape[1:]))  # laid out in memory as x is
    for phase, first, along in _phases(factor):
        y[phase::factor] = (1 - along) * beyond[first + 1 :][:n] + along * beyond[first + 2 :][:n]
    return np.moveaxis(y, 0, axis)


def _stretched_back(dy: Array, axis: int, factor: int) -> Array:
    """Add to every pixel its shares: the transpose of `_stretched`."""
    shares = np.moveaxis(dy, axis, 0)
    n = len(shares) // factor
    beyond = np.zeros_like(shares, shape=(n + 2, *shares.shape[1:]))
    for phase, first, along in _phases(factor):
        beyond[first + 1 :][:n] += (1 - along) * shares[phase::factor]
        beyond[first + 2 :][:n] += along * shares[phase::factor]
    dx = beyond[1:-1]
    dx[0] += beyond[0]
    dx[-1] += beyond[-1]
    return np.moveaxis(dx, 0, axis)


class SpaceToDepth(Kind):
    """Lays the pixels of every b×b block one after the other in depth: H×W×C becomes (H/b)×(W/b)×(C·b²).

    Pixel (i, j) of a block and channel c become channel `c·b² + i·b + j`, the order of PyTorch's PixelUnshuffle.
    """

    stem: ClassVar = "unshuffle"
    family: ClassVar[Family] = "merge"
    ranks: ClassVar = IMAGE
    aliases: ClassVar = ("pixel unshuffle", "reorg", "focus", "block")
    source: ClassVar = "Shi et al., “Real-Time Single Image and Video Super-Resolution”, CVPR 2016, turned round"
    examples: ClassVar = (
        Example({}, ((8, 6, 3),), (4, 3, 12), explanation=("8/2 = 4", "6/2 = 3", "3·2² = 12")),
        Example({"block_size": 3}, ((3, 6, 2),), (1, 2, 18)),
    )

    block_size: int = hyper(2, ge=1, le=LARGEST, letter="b", headline=True, help="Height and width of a block.")

    def problems(self, inputs: Sequence[Shape]) -> Iterator[Problem]:
        (high, wide, _), b = inputs[0], self.block_size
        if high % b or wide % b:
            best = nearest_divisor(b, gcd(high, wide))
            yield Problem(
                "SHAPE-TILE",
                field="block_size",
                what=f"blocks of {b}×{b} do not tile {with_article(shape_text((high, wide)))} input",
                why=f"{high}/{b} = {high / b:.4g} and {wide}/{b} = {wide / b:.4g} must both be whole.",
                fixes=(set_fix(f"Use block size {best}", block_size=best),),
                spoils="output",
            )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        (high, wide, c), b = inputs[0], self.block_size
        return (high // b, wide // b, c * b * b)

    def receptive_field(
        self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]
    ) -> ReceptiveField | None:
        """See whole blocks: `r += (b − 1)·j`, then `j *= b`."""
        if fields[0] is None:
            return None
        (high, wide), (jump_h, jump_w), b = fields[0].size, fields[0].jump, self.block_size
        return ReceptiveField((high + (b - 1) * jump_h, wide + (b - 1) * jump_w), (jump_h * b, jump_w * b))

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        (high, wide, c), b = inputs[0], self.block_size
        yield from dict.fromkeys((f"{high}/{b} = {high // b}", f"{wide}/{b} = {wide // b}"))
        yield f"{c}·{b}² = {c * b * b}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        b = self.block_size
        yield f"y[p, q, {b * b}·c + {b}·i + j] = x[{b}·p + i, {b}·q + j, c], for i and j from 0 to {b - 1}"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield "∂ℓ/∂x holds the values of ∂ℓ/∂y, each back in its place (DepthToSpace)."

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        return (moved(self, inputs[0]),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return copied(xs, self.sights([x.shape for x in xs]), at)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        return _into_depth(xs[0], self.block_size)

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (_into_space(dy, self.block_size),), {}


class DepthToSpace(Kind):
    """Lays every b² consecutive channels out as a block of b×b pixels: H×W×C becomes (H·b)×(W·b)×(C/b²).

    Channel `c·b² + i·b + j` becomes pixel (i, j) of the block in channel c, the order of PyTorch's PixelShuffle.
    """

    stem: ClassVar = "shuffle"
    family: ClassVar[Family] = "merge"
    ranks: ClassVar = IMAGE
    aliases: ClassVar = ("pixel shuffle", "sub-pixel", "block", "upsampling")
    source: ClassVar = "Shi et al., “Real-Time Single Image and Video Super-Resolution”, CVPR 2016"
    examples: ClassVar = (
        Example({}, ((4, 3, 12),), (8, 6, 3), explanation=("4·2 = 8", "3·2 = 6", "12/2² = 3")),
        Example({"block_size": 3}, ((1, 2, 18),), (3, 6, 2)),
    )

    block_size: int = hyper(2, ge=1, le=LARGEST, letter="b", headline=True, help="Height and width of a block.")

    def problems(self, inputs: Sequence[Shape]) -> Iterator[Problem]:
        c, b = inputs[0][2], self.block_size
        if c % (b * b):
            best = max(d for d in range(1, min(b, isqrt(c) + 1)) if c % (d * d) == 0)
            yield Problem(
                "SHAPE-DEPTH",
                field="block_size",
                what=f"{counted(c, 'channel')} cannot be laid out in blocks of {b}×{b}",
                why=f"{c}/{b}² = {c / (b * b):.4g} is not a whole number.",
                fixes=(set_fix(f"Use block size {best}", block_size=best),),
                spoils="output",
            )

    def output_shape(self, inputs: Sequence[Shape]) -> Shape:
        (high, wide, c), b = inputs[0], self.block_size
        return (high * b, wide * b, c // (b * b))

    def receptive_field(
        self, inputs: Sequence[Shape], fields: Sequence[ReceptiveField | None]
    ) -> ReceptiveField | None:
        return _narrowed(fields[0], (self.block_size, self.block_size))

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        (high, wide, c), b = inputs[0], self.block_size
        yield from dict.fromkeys((f"{high}·{b} = {high * b}", f"{wide}·{b} = {wide * b}"))
        yield f"{c}/{b}² = {c // (b * b)}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        b = self.block_size
        yield f"y[{b}·p + i, {b}·q + j, c] = x[p, q, {b * b}·c + {b}·i + j], for i and j from 0 to {b - 1}"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        yield "∂ℓ/∂x holds the values of ∂ℓ/∂y, each back in its place (SpaceToDepth)."

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        return (moved(self, inputs[0]),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return copied(xs, self.sights([x.shape for x in xs]), at)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        return _into_space(xs[0], self.block_size)

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (_into_depth(dy, self.block_size),), {}


def _into_depth(x: Array, b: int) -> Array:
    n, high, wide, c = x.shape
    blocks = x.reshape(n, high // b, b, wide // b, b, c)
    return blocks.transpose(0, 1, 3, 5, 2, 4).reshape(n, high // b, wide // b, c * b * b)


def _into_space(x: Array, b: int) -> Array:
    n, high, wide, c = x.shape
    blocks = x.reshape(n, high, wide, c // (b * b), b, b)
    return blocks.transpose(0, 1, 4, 2, 5, 3).reshape(n, high * b, wide * b, c // (b * b))


class ChannelShuffle(Kind):
    """Deals the channels of all groups out in turn: the first of every group, then the second of every group.

    `y[k·groups + g] = x[g·(C/groups) + k]`. What one grouped convolution kept apart so meets in the next.
    """

    stem: ClassVar = "shuffle"
    family: ClassVar[Family] = "merge"
    aliases: ClassVar = ("shufflenet", "permute", "groups")
    source: ClassVar = "Zhang et al., “ShuffleNet”, CVPR 2018, section 3.1"
    examples: ClassVar = (
        Example({"groups": 3}, ((4, 5, 12),), (4, 5, 12), explanation=("12/3 = 4: channels 1, 5, 9, 2, …",)),
        Example({"groups": 2}, ((6,),), (6,), explanation=("6/2 = 3: channels 1, 4, 2, 5, …",)),
        Example({"groups": 4}, ((2, 3, 4),), (2, 3, 4)),
    )

    groups: int = hyper(ge=1, le=LARGEST, start=2, help="Into how many groups the channels are divided.")

    def problems(self, inputs: Sequence[Shape]) -> Iterator[Problem]:
        yield from sharing_problems("groups", self.groups, channel=inputs[0][-1])

    def explain(self, inputs: Sequence[Shape]) -> Iterator[str]:
        c, g = inputs[0][-1], self.groups
        dealt = [str(place % g * (c // g) + place // g + 1) for place in range(min(c, 4))]
        yield f"{c}/{g} = {c // g}: channels {', '.join(dealt)}{', …' if c > 4 else ''}"

    def explain_forward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        c, g = inputs[0][-1], self.groups
        yield f"y[k·{g} + m] = x[m·{c // g} + k], channel k of each of the {g} groups m in turn"

    def explain_backward(self, inputs: Sequence[Shape]) -> Iterator[str]:
        c, g = inputs[0][-1], self.groups
        yield f"∂ℓ/∂x holds the values of ∂ℓ/∂y, shuffled back: the same with {counted(c // g, 'group')}."

    def sights(self, inputs: Sequence[Shape]) -> tuple[AnySight, ...]:
        high, wide, c = as_image(inputs[0])
        dealt = np.arange(c).reshape(self.groups, -1).T.reshape(-1, 1)
        return (Sight(same(high), same(wide), listed(c, dealt)),)

    def workings(self, xs: Arrays, weights: Mapping[str, Array], at: Cell) -> Workings:
        return copied(xs, self.sights([x.shape for x in xs]), at)

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        return _dealt(xs[0], self.groups)

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        return (_dealt(dy, dy.shape[-1] // self.groups),), {}


def _dealt(x: Array, groups: int) -> Array:
    *place, c = x.shape
    return x.reshape(*place, groups, c // groups).swapaxes(-1, -2).reshape(*place, c)
