"""How PyTorch moves values, in ONNX's words."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.importing.pytorch.wording import Saying, Words
from core.text import listing

_WHOLE_AXIS: Final = 1 << 62


def same_values(words: Words) -> None:
    """Say a copy, or a change of precision: the values stay."""
    words.require("dtype", None, 6, 7, 8, 13)
    words.end("Identity", [words.value("self") or words.value("input")])


def reshaped(words: Words) -> None:
    """Say view or reshape."""
    shape = words.wholes("size" if "size" in words.call.arguments else "shape")
    words.end("Reshape", [words.value("self"), words.constant(np.array(shape, np.int64))])


def to_made(words: Words) -> None:
    """Say a call that changes the dimensions alone; what they become, the program says."""
    words.end("Reshape", [words.value("self"), words.constant(np.array(words.made(), np.int64))])


def flattened(words: Words) -> None:
    """Say flatten."""
    start, end = words.axis("start_dim", 0), words.axis("end_dim", -1)
    if start == 1 and end == len(words.sizes()) - 1:
        words.end("Flatten", [words.value("self")], axis=1)
    else:
        to_made(words)


def permuted(words: Words) -> None:
    """Say permute."""
    rank = len(words.sizes())
    words.end("Transpose", [words.value("self")], perm=[axis % max(1, rank) for axis in words.wholes("dims")])


def swapped(words: Words) -> None:
    """Say transpose, of two axes."""
    perm = [*range(len(words.sizes()))]
    one, other = words.axis("dim0", 0), words.axis("dim1", 1)
    perm[one], perm[other] = perm[other], perm[one]
    words.end("Transpose", [words.value("self")], perm=perm)


def turned(words: Words) -> None:
    """Say t, of a matrix."""
    words.end("Transpose", [words.value("self")], perm=[*reversed(range(len(words.sizes())))])


def sliced(words: Words) -> None:
    """Say a part of an axis; the whole of it stays as it is."""
    axis, start, end = words.axis("dim", 0), words.wholes("start", (0,))[0], words.wholes("end", (_WHOLE_AXIS,))[0]
    if start == 0 and end >= words.sizes()[axis] and words.whole("step", 1) == 1:
        words.end("Identity", [words.value("self")])
        return
    words.end("Slice", [words.value("self")], starts=[start], ends=[end], axes=[axis], steps=[words.whole("step", 1)])


def one_of_an_axis(words: Words) -> None:
    """Say select: one index of an axis, which is gone then."""
    index = words.constant(np.int64(words.whole("index")))
    words.end("Gather", [words.value("self"), index], axis=words.axis("dim"))


def some_of_an_axis(words: Words) -> None:
    """Say index_select."""
    words.end("Gather", [words.value("self"), words.value("index")], axis=words.axis("dim"))


def divided(words: Words) -> None:
    """Say split or chunk, in parts as the program says them."""
    axis = words.axis("dim", 0)
    sizes = [words.made(i)[axis] for i in range(len(words.call.outputs))]
    words.node("Split", [words.value("self")], words.call.outputs, split=sizes, axis=axis)


def each_of_an_axis(words: Words) -> None:
    """Say unbind."""
    axis = words.axis("dim", 0)
    for i, output in enumerate(words.call.outputs):
        words.node("Gather", [words.value("self"), words.constant(np.int64(i))], [output], axis=axis)


def joined(words: Words) -> None:
    """Say cat."""
    words.end("Concat", words.tensors("tensors"), axis=words.whole("dim", 0))


def expanded(words: Words) -> None:
    """Say expand."""
    sizes = [1 if size == -1 else size for size in words.wholes("size")]
    words.end("Expand", [words.value("self"), words.constant(np.array(sizes, np.int64))])


def _rearranged(words: Words, between: list[int], perm: list[int]) -> None:
    """Lay values out in more dimensions, turn these, and lay them out as the program says."""
    apart = words.node("Reshape", [words.value("self"), words.constant(np.array(between, np.int64))])
    turned = words.node("Transpose", [apart], perm=perm)
    words.end("Reshape", [turned, words.constant(np.array(words.made(), np.int64))])


def pixel_shuffle(words: Words) -> None:
    """Say pixel_shuffle."""
    words.end("DepthToSpace", [words.value("self")], blocksize=words.whole("upscale_factor"), mode="CRD")


def pixel_unshuffle(words: Words) -> None:
    """Say pixel_unshuffle, in whose order the pixels of a channel stay together."""
    (n, c, high, wide), b = words.sizes(), words.whole("downscale_factor")
    _rearranged(words, [n, c, high // b, b, wide // b, b], [0, 1, 3, 5, 2, 4])


def channel_shuffle(words: Words) -> None:
    """Say channel_shuffle."""
    (n, c, high, wide), groups = words.sizes(), words.whole("groups")
    _rearranged(words, [n, groups, c // groups, high, wide], [0, 2, 1, 3, 4])


def padded(words: Words) -> None:
    """Say pad: its numbers begin with the last axis."""
    ends = words.wholes("pad" if "pad" in words.call.arguments else "padding")
    rank = len(words.sizes())
    before, after = [0] * rank, [0] * rank
    for i, (first, last) in enumerate(zip(ends[::2], ends[1::2], strict=True)):
        before[rank - 1 - i], after[rank - 1 - i] = first, last
    mode = "reflect" if "reflection" in words.call.target else words.argument("mode", "constant")
    value = 0.0 if words.argument("value") is None else words.number("value", 0.0)
    words.end("Pad", [words.value("self")], pads=before + after, mode=mode, value=value)


def enlarged(mode: str) -> Saying:
    """Say upsample, by whole factors."""

    def say(words: Words) -> None:
        words.require("align_corners", False)
        said = words.argument("scale_factors")
        factors = said if isinstance(said, tuple) else (words.argument("scales_h"), words.argument("scales_w"))
        if any(isinstance(factor, float) and not factor.is_integer() for factor in factors):
            raise words.refuse(f"it resizes by {listing(map(str, factors))}; Upsample2D enlarges by whole factors.")
        value = words.value("input") or words.value("self")
        sizes = words.constant(np.array(words.made(), np.int64))
        rule = "half_pixel" if mode == "linear" else "asymmetric"
        settings = {"coordinate_transformation_mode": rule, "nearest_mode": "floor"}
        words.end("Resize", [value, "", "", sizes], mode=mode, **settings)

    return say
