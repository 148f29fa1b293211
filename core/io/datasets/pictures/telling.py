"""What was done to pictures while they were read, in phrases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final

from core.io.datasets.pictures.decoding import Picture, Treatment
from core.io.datasets.pictures.places import Entry
from core.io.datasets.resize import RESIZES, Resize, resize_text
from core.io.datasets.values import Refused
from core.shapes import Shape
from core.text import counted

_PHRASES: Final[dict[Treatment, str]] = {
    "turned": "turned as {its} EXIF says",
    "transparent": "transparent, with white laid beneath",
    "CMYK": "CMYK, made red, green and blue",
    "animated": "animated, of which the first frame is used",
    "16 bits": "with 16 bits, whose whole range is kept as fractions",
    "16-bit colour": "with 16-bit colour, of which the upper 8 bits are kept",
}


class Told:
    """What was done to how many pictures, and to which of them first."""

    def __init__(self, shape: Shape, resize: Resize) -> None:
        self._shape, self._resize = shape, resize
        self._n = 0
        self._treated: Counter[Treatment] = Counter()
        self._first: dict[Treatment, str] = {}
        self._sizes: Counter[tuple[int, int]] = Counter()

    def add(self, entries: Sequence[Entry], found: Sequence[Picture | Refused]) -> None:
        """Count what was done to these."""
        for entry, picture in zip(entries, found, strict=True):
            if isinstance(picture, Refused):
                continue
            self._n += 1
            self._sizes[picture.size] += 1
            for treatment in picture.treatments:
                self._treated[treatment] += 1
                self._first.setdefault(treatment, entry.path)

    @property
    def notes(self) -> tuple[str, ...]:
        """A phrase for everything that was done."""
        notes = [self._note(treatment, phrase) for treatment, phrase in _PHRASES.items() if self._treated[treatment]]
        return (*notes, *self._about_channels(), *self._about_sizes())

    def _note(self, treatment: Treatment, phrase: str) -> str:
        n = self._treated[treatment]
        text = f"{counted(n, 'picture')} {phrase.format(its='its' if n == 1 else 'their')}"
        return f"{text}{',' if n == 1 else ', the first'} {self._first[treatment]}".replace(", ,", ",")

    def _about_channels(self) -> list[str]:
        grey, colour = self._treated["grey"], self._treated["colour"]
        if self._shape[2] == 3 and grey:
            what = "the one channel" if not colour else f"the one channel of {counted(grey, 'grey picture')}"
            return [f"{what} repeated 3 times"]
        if self._shape[2] == 1 and colour:
            whose = "" if not grey else f" of {counted(colour, 'colour picture')} of {self._n:,}"
            return [f"red, green and blue{whose} weighted and added to one grey channel (0.299, 0.587, 0.114)"]
        return []

    def _about_sizes(self) -> list[str]:
        want = (self._shape[0], self._shape[1])
        others = {size: n for size, n in self._sizes.items() if size != want}
        if not others:
            return []
        is_reduced = any(high > want[0] or wide > want[1] for high, wide in others)
        ways = {resize_text(size, want, self._resize) for size in others} - {""}
        if self._resize == "stretch" and any(high * want[1] != wide * want[0] for high, wide in others):
            ways = {RESIZES["stretch"]}
        how = "; ".join(["bilinear, smoothed where made smaller" if is_reduced else "bilinear", *ways])
        target = _text(want)
        if len(self._sizes) == 1:
            ((high, wide),) = others
            return [f"resized from {high}×{wide} to {target} ({how})"]
        smallest, largest = min(others, key=_area), max(others, key=_area)
        which = f"of {_text(smallest)}"
        if len(others) > 1:
            which = f"of {len(others):,} other sizes, from {_text(smallest)} to {_text(largest)},"
        return [f"{counted(sum(others.values()), 'picture')} {which} resized to {target} ({how})"]


def _area(size: tuple[int, int]) -> tuple[int, tuple[int, int]]:
    return size[0] * size[1], size


def _text(size: tuple[int, int]) -> str:
    return f"{size[0]}×{size[1]}"
