"""Frozen copies of a network's insides, to look at while it goes on learning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

if TYPE_CHECKING:  # a view that says what it looks at needs no engine
    from core.engine.network import Network


@dataclass(frozen=True, slots=True)
class Interest:
    """What somebody looks at: the kernels of some layers, and the outputs of some layers for one sample."""

    kernels: frozenset[str] = frozenset()
    maps: frozenset[str] = frozenset()


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
    """

    step: int
    kernels: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    maps: Mapping[str, NDArray[Any]] = field(default_factory=dict)


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
    for array in (*kernels.values(), *maps.values()):
        array.setflags(write=False)
    return Snapshot(step, kernels, maps)
