"""What comes before a layer, as far as advice needs to know: passed from source to consumer, like shapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeAlias

from core.analysis.report import LayerReport
from core.layers import Kind
from core.layers.activation import Softmax
from core.layers.convolution import Conv2D
from core.layers.dense import Dense, Flatten
from core.layers.global_pooling import AdaptiveAvgPool2D, GlobalAvgPool2D
from core.layers.local import LocallyConnected2D
from core.layers.margins import Crop2D, PadChannels, ReflectPad2D, ZeroPad2D
from core.layers.normalisation import BatchNorm
from core.layers.pooling import AvgPool2D
from core.layers.regularisation import Dropout, GaussianNoise, SpatialDropout
from core.layers.resampling import ChannelShuffle, DepthToSpace, SpaceToDepth, Upsample2D
from core.layers.reshape import Reshape
from core.layers.transposed import ConvTranspose2D
from core.shapes import Pair, Shape, pair

Kinds: TypeAlias = frozenset[type[Kind]]

WEIGHTED: Kinds = frozenset({Conv2D, ConvTranspose2D, LocallyConnected2D, Dense})
"""Kinds whose outputs are weighted sums of their inputs, with learned weights."""

DROPOUTS: Kinds = frozenset({Dropout, SpatialDropout})

SLIDING: Kinds = frozenset({Conv2D, LocallyConnected2D})
"""Kinds that slide filters over an image."""

KEEPING: Kinds = DROPOUTS | {Flatten, Reshape, AvgPool2D, GlobalAvgPool2D, AdaptiveAvgPool2D, GaussianNoise}
"""Kinds that turn probabilities into probabilities, or nearly so."""

_LINEAR: Kinds = KEEPING | {
    *(BatchNorm, ZeroPad2D, ReflectPad2D, PadChannels, Crop2D),
    *(Upsample2D, SpaceToDepth, DepthToSpace, ChannelShuffle),
}
"""Kinds whose output is still a sum if their input is one."""


class Weighted(NamedTuple):
    """A layer of learned sums: its name, channels and filter, and whether its channels are split."""

    id: str
    read: int
    written: int
    size: Pair
    grouped: bool
    dense: bool


class Run(NamedTuple):
    """Consecutive convolutions that lose edges: how many, and the size before the first."""

    n: int
    start: Pair


class Trail(NamedTuple):
    """What comes before a layer, or what a layer passes on to those after it.

    Attributes
    ----------
    entry : (str, Shape) or None
        The Input that leads here, if there is only one.
    convolutions : int
        How many come before, on the longest path.
    weighted : Weighted or None
        The last layer of learned sums, if nothing non-linear has followed it.
    biased : str or None
        The layer directly before, if it adds a bias and feeds nothing else.
    softmax : str or None
        The last Softmax, if its output is still probabilities.
    dropout : str or None
        The last Dropout since the last batch normalisation.
    run : Run or None
        The edges lost since the image was last scaled.
    """

    entry: tuple[str, Shape] | None = None
    convolutions: int = 0
    weighted: Weighted | None = None
    biased: str | None = None
    softmax: str | None = None
    dropout: str | None = None
    run: Run | None = None


START = Trail()


def joined(trails: Sequence[Trail]) -> Trail:
    """Return what comes before a layer with several sources."""
    entries = {trail.entry for trail in trails}
    return Trail(
        entry=entries.pop() if len(entries) == 1 else None,
        convolutions=max(trail.convolutions for trail in trails),
        dropout=next((trail.dropout for trail in trails if trail.dropout is not None), None),
    )


def trail_after(report: LayerReport, before: Trail, feeds_one: bool) -> Trail:
    """Return what a layer passes on to those after it."""
    spec, id, kind = report.layer.spec, report.layer.id, type(report.layer.spec)
    if not report.inputs:
        return START if report.shape is None else Trail(entry=(id, report.shape))
    sums = kind in WEIGHTED
    dropout = before.dropout
    if kind is BatchNorm:
        dropout = None
    elif kind in DROPOUTS and getattr(spec, "rate", 0) > 0:
        dropout = id
    return Trail(
        entry=before.entry,
        convolutions=before.convolutions + (sums and kind is not Dense),
        weighted=weighted(report, report.shape)
        if sums and report.shape
        else before.weighted
        if kind in _LINEAR
        else None,
        biased=id if sums and feeds_one and getattr(spec, "bias", False) else None,
        softmax=id if kind is Softmax else before.softmax if kind in KEEPING else None,
        dropout=dropout,
        run=run_through(report, before),
    )


def weighted(report: LayerReport, shape: Shape) -> Weighted:
    """Describe a layer of learned sums that gives this shape."""
    spec = report.layer.spec
    size = pair(getattr(spec, "kernel_size", 1))
    read, grouped = report.input_shapes[0][-1], getattr(spec, "groups", 1) > 1
    return Weighted(report.id, read, shape[-1], size, grouped, isinstance(spec, Dense))


def run_through(report: LayerReport, before: Trail) -> Run | None:
    """Return the run of convolutions that lose edges, this layer included."""
    after = report.shape
    if after is None or len(after) != 3 or len(report.inputs) != 1:
        return None
    image = report.input_shapes[0]
    if after[:2] == image[:2]:
        return before.run
    spec = report.layer.spec
    if type(spec) not in SLIDING or pair(getattr(spec, "stride", 1)) != (1, 1) or grows(image, after):
        return None
    if before.run is None:
        return Run(1, (image[0], image[1]))
    if too_fast(before.run, image):
        return Run(1, (image[0], image[1]))
    return Run(before.run.n + 1, before.run.start)


def grows(image: Shape, after: Shape) -> bool:
    """Say whether an axis becomes longer."""
    return after[0] > image[0] or after[1] > image[1]


def too_fast(run: Run, after: Shape) -> bool:
    """Say whether one convolution lost a third of a side, or several lost a quarter together.

    A quarter is the courses' own example, 32 → 28 → 24; LeNet-5's single 14 → 10 stays below a third.
    """
    if after[:2] == (1, 1):
        return False  # the filter is as large as the map: a dense layer, written as a convolution
    share = 3 if run.n == 1 else 4
    return any((start - end) * share >= start for start, end in zip(run.start, after[:2], strict=True))
