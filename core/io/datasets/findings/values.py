"""Values that can't be learned from: NaN, nearly black, one value everywhere, or not scaled."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from core.io.datasets.findings.finding import DataFinding
from core.io.datasets.findings.look import Look
from core.shapes import count
from core.text import counted, listing

BLACK = 0.05
"""Pictures all of whose values are closer to 0 are nearly black; 1 is white."""
FEWEST_VALUES = 16
"""Samples of fewer may well have one value everywhere: the origin of a plane."""
MOST_PICTURE, MOST_FEATURE = 2.0, 10.0
"""Values beyond it are not scaled: of pictures, which should go from 0 to 1, and of features."""


def nonfinite(look: Look) -> Iterator[DataFinding]:
    """Find samples with NaN or infinity."""
    lows, highs = look.measures.extremes
    places = np.flatnonzero(~(np.isfinite(lows) & np.isfinite(highs)))
    if not places.size:
        return
    holds = "holds" if places.size == 1 else "hold"
    what = (
        f"{counted(places.size, 'sample')} of {len(look.dataset):,} {holds} NaN or infinity, the first is "
        f"{look.measures.sample(int(places[0]))}."
    )
    yield DataFinding("nonfinite", "error", what, "Leave them out, or replace these values.", tuple(places.tolist()))


def constant_samples(look: Look) -> Iterator[DataFinding]:
    """Find samples in which there is nothing to see."""
    if count(look.dataset.shape) < FEWEST_VALUES:
        return
    places = np.flatnonzero(look.measures.is_constant)
    if not places.size:
        return
    thing = "picture" if len(look.dataset.shape) == 3 else "sample"
    has = "has" if places.size == 1 else "have"
    what = (
        f"{counted(places.size, thing)} of {len(look.dataset):,} {has} one value everywhere, such as "
        f"{look.measures.sample(int(places[0]))}."
    )
    them, are = ("it", "it is a mistake") if places.size == 1 else ("them", "they are mistakes")
    why = f"There is nothing in {them} to learn from. Look at {them}, and leave {them} out if {are}."
    yield DataFinding("constant_samples", "advice", what, why, tuple(places.tolist()))


def nearly_black(look: Look) -> Iterator[DataFinding]:
    """Find data sets whose pictures are all nearly black."""
    lows, highs = _finite_extremes(look)
    brightest = max(-lows, highs) / look.dataset.scale
    if len(look.dataset.shape) != 3 or not 0 < brightest < BLACK or _reach(look) >= BLACK:
        return
    what = f"All pictures are nearly black: the brightest value is {highs:g}, where {look.dataset.scale:g} is white."
    why = "The network sees next to nothing. Stretch the values to 0 … 1."
    fixes = look.with_step("Stretch to 0 … 1", {"kind": "Range", "low": 0, "high": 1}, first=False)
    yield DataFinding("nearly_black", "advice", what, why, fixes=fixes)


def dark_samples(look: Look) -> Iterator[DataFinding]:
    """Find pictures that are nearly black among others that are not."""
    if len(look.dataset.shape) != 3:
        return
    lows, highs = look.measures.extremes
    scale = look.dataset.scale
    dark = (highs < BLACK * scale) & (lows > -BLACK * scale)
    places = np.flatnonzero(dark & ~look.measures.is_constant)
    if not places.size or dark.all():
        return
    one = int(places[0])
    are = "is" if places.size == 1 else "are"
    what = (
        f"{counted(places.size, 'picture')} of {len(look.dataset):,} {are} nearly black, such as "
        f"{look.measures.sample(one)}, whose brightest value is {highs[one]:g}, where {scale:g} is white."
    )
    them = "it" if places.size == 1 else "them"
    why = (
        f"There is next to nothing in {them} to learn from. Look at {them}, and leave {them} out if that is a mistake."
    )
    yield DataFinding("dark_samples", "advice", what, why, tuple(places.tolist()))


def unscaled(look: Look) -> Iterator[DataFinding]:
    """Find values that are far from 0 … 1."""
    lows, highs = _finite_extremes(look)
    low, high = lows / look.dataset.scale, highs / look.dataset.scale
    is_picture = len(look.dataset.shape) == 3
    most = MOST_PICTURE if is_picture else MOST_FEATURE
    if max(-low, high) <= most or _reach(look) <= MOST_FEATURE:
        return
    what = f"Values run from {low:g} to {high:g}" + (", where pictures should run from 0 to 1." if is_picture else ".")
    why = "Steps of training that suit values near 1 are far too large for these."
    if is_picture:
        fixes = look.with_step("Scale to 0 … 1", {"kind": "Range", "low": 0, "high": 1}, first=False)
    else:
        fixes = look.with_step("Standardize each feature", {"kind": "Standardize", "per": "pixel"}, first=False)
    yield DataFinding("unscaled", "advice", what, why, fixes=fixes)


def constant_channels(look: Look) -> Iterator[DataFinding]:
    """Find channels, or features, that have one value in all samples."""
    images = look.dataset.images
    n_channels = look.dataset.shape[-1]
    if n_channels < 2 or len(images) < 2:
        return
    first = np.asarray(images[0]).reshape(-1, n_channels)[0]
    varies = np.zeros(n_channels, bool)
    for block in look.measures.blocks(look.dataset):
        varies |= (block.reshape(-1, n_channels) != first).any(axis=0)
        if varies.all():
            return
    constant = np.flatnonzero(~varies)
    is_picture = len(look.dataset.shape) == 3
    thing, things = ("channel", "channels") if is_picture else ("feature", "features")
    if not is_picture and constant.size * 2 > n_channels:
        return  # flattened pictures have borders that are always black
    if not is_picture and n_channels >= 64:
        return
    some = [str(int(place) + 1) for place in constant[:5]]
    more = [counted(constant.size - 5, "other")] if constant.size > 5 else []
    subject = f"{thing if constant.size == 1 else things} {listing([*some, *more])}"
    value = f"the value {first[constant[0]]:g}" if constant.size == 1 else "one value each"
    has = "has" if constant.size == 1 else "have"
    what = f"{subject[0].upper()}{subject[1:]} of {n_channels} {has} {value} in all samples."
    why = "Nothing can be learned from it." if constant.size == 1 else "Nothing can be learned from them."
    yield DataFinding("constant_channel", "advice", what, why)


def _finite_extremes(look: Look) -> tuple[float, float]:
    lows, highs = look.measures.extremes
    finite = np.isfinite(lows) & np.isfinite(highs)
    return (float(lows[finite].min()), float(highs[finite].max())) if finite.any() else (0.0, 0.0)


def _reach(look: Look) -> float:
    """Return the largest magnitude of what the network sees after preprocessing, of the samples looked at."""
    with np.errstate(all="ignore"):
        values = np.abs(look.prepared())
    finite = values[np.isfinite(values)]
    return float(finite.max()) if finite.size else 0.0
