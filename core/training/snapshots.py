"""Frozen copies of a network's insides, to look at while it goes on learning."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from core.errors import NetworkError
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
    """

    step: int
    kernels: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    maps: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    plane: Bounds | None = None
    decision: NDArray[Any] | None = None
    statistics: tuple[StepStatistics, ...] = ()
    weights: Mapping[str, NDArray[Any]] | None = None
    histograms: tuple[StepHistograms, ...] = ()


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
    return Snapshot(step, kernels, maps, interest.plane, decision, weights=weights)
