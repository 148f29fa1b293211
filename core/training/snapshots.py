"""Frozen copies of a network's insides, to look at while it goes on learning."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.errors import NetworkError
from core.text import shape_text
from core.training.decision import Bounds, decision_grid
from core.training.step_histograms import StepHistograms
from core.training.step_statistics import StepStatistics

if TYPE_CHECKING:  # a view that says what it looks at needs no engine
    from core.engine.network import Network


GRID_POINTS = 100
"""Points along each side of the rectangle that is decided about: 10,000 take a millisecond or two."""


@dataclass(frozen=True, slots=True)
class Interest:
    """What somebody looks at: kernels, outputs for one sample, decisions about a rectangle, steps, or all weights.

    Of steps, statistics say how far they go, and histograms how the values inside layers are distributed.
    """

    kernels: frozenset[str] = frozenset()
    maps: frozenset[str] = frozenset()
    plane: Bounds | None = None
    statistics: bool = False
    weights: bool = False
    histograms: bool = False

    @property
    def of_steps(self) -> Interest:
        """What of it only steps tell, while they are taken."""
        return Interest(statistics=self.statistics, histograms=self.histograms)

    def __bool__(self) -> bool:
        """Whether anything is looked at."""
        return self != Interest()

    def __or__(self, other: Interest) -> Interest:
        """Return what either looks at; of two rectangles the first."""
        return Interest(
            self.kernels | other.kernels,
            self.maps | other.maps,
            self.plane or other.plane,
            self.statistics or other.statistics,
            self.weights or other.weights,
            self.histograms or other.histograms,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Read-only copies, taken between two steps.

    Attributes
    ----------
    step : int
        Steps taken so far; 0 before the first.
    kernels : mapping of str to array
        By layer id, in the layout of weights files: (F, F, C/groups, K) of a convolution, (C, units) of a Dense layer.
    maps : mapping of str to array
        By layer id, the output for the sample: (H, W, C) or (C,).
    plane : (left, right, bottom, top) or None
        The rectangle that `decision` covers.
    decision : array or None
        (n, n, C) the class probabilities on its points, from the bottom left; None where the network does not decide
        about points of a plane.
    statistics : tuple of StepStatistics
        Of the steps that were measured since the last snapshot; none where nothing trains.
    weights : mapping of str to array, or None
        All of them, by their names; None where nobody asked.
    histograms : tuple of StepHistograms
        Of the steps that were counted since the last snapshot.
    sample : array or None
        What `maps` are of, as it entered the network: (H, W, C) or (C,).
    minus : int or None
        Of a difference: the steps that had been taken before the moment that is subtracted.
    unlike : mapping of str to str
        Of a difference: why there is none, by the ids of layers that both moments have something of.
    """

    step: int
    kernels: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    maps: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    plane: Bounds | None = None
    decision: NDArray[Any] | None = None
    statistics: tuple[StepStatistics, ...] = ()
    weights: Mapping[str, NDArray[Any]] | None = None
    histograms: tuple[StepHistograms, ...] = ()
    sample: NDArray[Any] | None = None
    minus: int | None = None
    unlike: Mapping[str, str] = field(default_factory=dict)


def take_snapshot(network: Network, interest: Interest, sample: NDArray[Any] | None, step: int) -> Snapshot:
    """Copy what is of interest.

    Parameters
    ----------
    network : Network
    interest : Interest
        Layers that the network doesn't have, or that have no kernel, are passed over.
    sample : array, (H, W, C) or (C,), optional
        Without one no maps are computed.
    """
    names = [f"{id}/kernel" for id in sorted(interest.kernels)]
    kernels = {name.removesuffix("/kernel"): network.weights[name] for name in names if name in network.weights}
    wanted = [id for id in network.program.by_id if id in interest.maps]
    maps = {}
    if sample is not None and wanted:
        maps = {id: batch[0] for id, batch in network.activations(sample[None], wanted).items()}
    decision = None
    if interest.plane is not None:
        with suppress(NetworkError):  # the view says for which networks it is
            decision = decision_grid(network, interest.plane, GRID_POINTS)
    weights = dict(network.weights) if interest.weights else None
    copies = (*kernels.values(), *maps.values(), *(weights or {}).values())
    for array in (*copies, *(() if decision is None else (decision,))):
        array.setflags(write=False)
    return Snapshot(step, kernels, maps, interest.plane, decision, weights=weights, sample=sample)


def difference(b: Snapshot, a: Snapshot) -> Snapshot:
    """Subtract one moment from another, number by number in float32: kernels, maps of the same sample, and weights.

    What only one of them has is left out, and so is what numbers of two moments cannot be subtracted of: the decision,
    statistics and histograms.

    >>> one, other = (Snapshot(step, {"conv1": np.full((1, 1, 1, 2), step / 8)}) for step in (40, 10))
    >>> change = difference(one, other)
    >>> change.kernels["conv1"].ravel().tolist(), change.step, change.minus
    ([3.75, 3.75], 40, 10)
    """
    kernels, unlike = _subtracted(b.kernels, a.kernels)
    maps: dict[str, NDArray[Any]] = {}
    if b.sample is not None and a.sample is not None and np.array_equal(b.sample, a.sample, equal_nan=True):
        maps, others = _subtracted(b.maps, a.maps)
        unlike |= others
    else:
        unlike |= dict.fromkeys(b.maps.keys() & a.maps.keys(), "A and B show different samples.")
    weights = None if b.weights is None or a.weights is None else _subtracted(b.weights, a.weights)[0]
    return Snapshot(b.step, kernels, maps, weights=weights, sample=b.sample, minus=a.step, unlike=unlike)


def _subtracted(
    b: Mapping[str, NDArray[Any]], a: Mapping[str, NDArray[Any]]
) -> tuple[dict[str, NDArray[Any]], dict[str, str]]:
    """Return the differences of arrays, and why there is none of others, by their names."""
    found, unlike = {}, {}
    for name in b.keys() & a.keys():
        if b[name].shape != a[name].shape:
            mine, theirs = shape_text(b[name].shape), shape_text(a[name].shape)
            unlike[name] = f"{name} is {mine} at B and {theirs} at A: shapes that differ cannot be subtracted."
            continue
        with np.errstate(over="ignore", invalid="ignore"):  # ∞ − ∞ is shown as what it is: not a number
            found[name] = b[name].astype(np.float32) - a[name].astype(np.float32)
        found[name].setflags(write=False)
    return found, unlike
