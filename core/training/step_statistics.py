"""What is measured of one step, as plain numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LayerStatistics:
    """How a step moves a layer.

    Attributes
    ----------
    update_ratio : float
        ‖Δw‖/‖w‖ over all parameters of the layer, about 1e-3 in a healthy training (CS231n, "Babysitting the learning
        process"); 0 where all weights are 0.
    gradient_norm : float
        ‖∂L/∂w‖ of the loss, without penalties and before clipping.
    """

    update_ratio: float
    gradient_norm: float


@dataclass(frozen=True, slots=True)
class StepStatistics:
    """What was measured of a step, by layer id, in the network's order."""

    step: int
    layers: Mapping[str, LayerStatistics]
