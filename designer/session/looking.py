"""What is asked of a look into the network, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.analysis.report import Report
from core.io.datasets import Dataset
from core.io.datasets.drawings import Placing
from core.shapes import Shape
from designer.session.probe import Probed

if TYPE_CHECKING:  # loading the engine takes longer than drawing the first frame
    from core.inside.looking import Aim, Look


@dataclass(frozen=True, slots=True)
class Cell:
    """One value of a layer's output.

    Attributes
    ----------
    layer : str
        Its id in the flattened graph.
    channel, row, column : int
        From 0; of features the channel alone counts.
    """

    layer: str
    channel: int
    row: int = 0
    column: int = 0

    def within(self, shape: Shape | None) -> bool:
        """Say whether an output of a shape, (H, W, C) or (C,), has such a value.

        >>> Cell("conv1", 5, 27, 0).within((28, 28, 6)), Cell("fc1", 120).within((120,))
        (True, False)
        """
        if shape is None:
            return False
        high, wide = shape[:2] if len(shape) == 3 else (1, 1)
        return 0 <= self.channel < shape[-1] and 0 <= self.row < high and 0 <= self.column < wide

    def of(self, output: NDArray[Any] | None) -> float | None:
        """Return this value of an output, (H, W, C) or (C,); None where there is none."""
        if output is None or not self.within(output.shape):
            return None
        return float(output[self.row, self.column, self.channel] if output.ndim == 3 else output[self.channel])


@dataclass(frozen=True, slots=True)
class Wanted:
    """What views look at.

    Attributes
    ----------
    layers : frozenset of str
        Whose outputs are wanted, by their ids in the flattened graph.
    is_on : bool
        Whether anybody looks at all.
    aim : Aim or None
        What gradients are wanted of; None where only outputs are wanted.
    """

    layers: frozenset[str] = frozenset()
    is_on: bool = False
    aim: Aim | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Digest:
    """What pictures of an output need to know of all its values; taken where the window does not wait for it.

    Attributes
    ----------
    limits : (float, float)
        The smallest and the largest finite value; zeros if there is none.
    strength : array, (C,)
        The mean magnitude of each channel's finite values, others counted as 0.
    """

    limits: tuple[float, float]
    strength: NDArray[np.float64]

    @classmethod
    def of(cls, values: NDArray[np.floating]) -> Digest:
        """Look over an output, (H, W, C) or (C,).

        >>> digest = Digest.of(np.array([1.0, np.nan, -2.0]))
        >>> digest.limits, digest.strength.tolist()
        ((-2.0, 1.0), [1.0, 0.0, 2.0])
        """
        known = values if np.isfinite(values).all() else np.where(np.isfinite(values), values, 0)
        finite = values if known is values else values[np.isfinite(values)]
        limits = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
        return cls(limits, np.abs(known.reshape(-1, values.shape[-1])).mean(axis=0, dtype=np.float64))


@dataclass(frozen=True, slots=True, eq=False)
class Insight:
    """What is inside the network, for one probe.

    Attributes
    ----------
    report : Report
        Of the network that is looked into, which may have been drawn before an edit.
    probed : Probed
    origin : str
        Where the weights come from: "untrained", "live", "run 3".
    step : int
        Steps that were taken by then.
    pixels : array, (H, W, C) or (C,), or None
        What entered, before preprocessing; None where there is nothing.
    maps : mapping of str to array
        The outputs so far, (H, W, C) or (C,), by layer; read-only.
    digests : mapping of str to Digest
        Of these outputs.
    dataset : Dataset or None
        The samples, fitted to the network.
    placing : Placing or None
        How these lie in their pictures, where they are all alike.
    look : Look or None
        Outputs, weights and gradients as explaining a cell needs them; None until all is computed.
    n_done, n : int
        Steps of computing that are done, and all of them.
    refusal : str
        Why something is missing; empty where nothing is.
    """

    report: Report
    probed: Probed
    origin: str
    step: int = 0
    pixels: NDArray[Any] | None = None
    maps: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    digests: Mapping[str, Digest] = field(default_factory=dict)
    dataset: Dataset | None = None
    placing: Placing | None = None
    look: Look | None = None
    n_done: int = 0
    n: int = 0
    refusal: str = ""

    @property
    def are_gradients(self) -> bool:
        """Whether gradients are looked at."""
        return self.look is not None and self.look.aim is not None

    @property
    def shown(self) -> Mapping[str, NDArray[Any]]:
        """The gradients where these are looked at, else the outputs; by layer."""
        return self.look.gradients if self.look is not None and self.are_gradients else self.maps

    def is_of_the_same(self, other: Insight) -> bool:
        """Say whether another was made of the same picture with the same weights."""
        mine, others = ((x.probed, x.origin, x.step) for x in (self, other))
        return self.report is other.report and mine == others and self.dataset is other.dataset

    @property
    def is_whole(self) -> bool:
        """Whether all is there that will come."""
        return self.n_done >= self.n
