"""Samples in which there is nothing to see."""

from __future__ import annotations

from math import prod
from typing import ClassVar

from core.training.findings.facts import spread
from core.training.findings.sign import Sign
from core.training.messages import Finding

N_LOOKED_AT = 256
MOST_VALUES = 2**22
"""Limits of what is looked at, in samples and in values."""
BLACK = 0.05
"""Samples all of whose values are closer to 0 are nearly black; 1 is white."""


class EmptyPictures(Sign):
    """The samples are nearly black, or many have one value everywhere."""

    code: ClassVar = "empty_pictures"
    title: ClassVar = "There is nothing to see"

    def at_start(self) -> Finding | None:
        """Look at some samples of every class."""
        dataset = self.facts.dataset
        size = prod(dataset.shape)
        n = min(N_LOOKED_AT, max(1, MOST_VALUES // size))
        pixels = dataset.pixels(spread(self.facts.learned, dataset.labels, n))
        pixels = pixels.reshape(len(pixels), -1)
        thing = "pictures" if len(dataset.shape) > 1 else "samples"
        low, high = float(pixels.min()), float(pixels.max())
        constant = int((pixels.min(axis=1) == pixels.max(axis=1)).sum()) if size > 1 else 0
        if 2 * constant > len(pixels):
            what = (
                f"{constant:,} of {len(pixels):,} {thing} looked at have one value everywhere: "
                "there is nothing in them to learn from."
            )
            return self.found(0, what, "Look at the samples, and at how the file was made.")
        if max(-low, high) < BLACK:
            what = (
                f"All values of the {len(pixels):,} {thing} looked at are between {low:.3g} and {high:.3g}, "
                "where black is 0 and white is 1: the network sees next to nothing."
            )
            return self.found(0, what, "Scale the values in the file to 0 … 255 as bytes, or to 0 … 1 as floats.")
        return None
