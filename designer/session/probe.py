"""The probe: the one picture that everything that looks inside the network is shown for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

Pixels: TypeAlias = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A picture of the user's own.

    Attributes
    ----------
    pixels : array, (H, W, C)
        From 0 to 1, in a size of its own; read-only.
    name : str
        "your drawing", "seven.png".
    """

    pixels: Pixels
    name: str


@dataclass(frozen=True, slots=True)
class Probed:
    """What is looked at: a sample of the data set, or a picture in its place.

    Attributes
    ----------
    sample : int
        Its place in the data set, from 0.
    picture : Picture or None
    """

    sample: int = 0
    picture: Picture | None = None


class Probe(QObject):
    """Holds what is looked at, for all views of a window."""

    changed = Signal(object)
    """Carries what is `Probed` from now on."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._now = Probed()

    @property
    def now(self) -> Probed:
        """What is looked at."""
        return self._now

    def take_sample(self, index: int) -> None:
        """Look at a sample, by its place in the data set from 0."""
        self._take(Probed(index))

    def take_picture(self, pixels: Pixels, name: str) -> None:
        """Look at a picture (H, W, C) from 0 to 1; the sample is remembered for later."""
        own = np.array(pixels, np.float32)
        own.setflags(write=False)
        self._take(replace(self._now, picture=Picture(own, name)))

    def _take(self, probed: Probed) -> None:
        if probed != self._now:
            self._now = probed
            self.changed.emit(probed)
