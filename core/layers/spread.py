"""The arithmetic of transposed convolutions: what lies where along an axis of their output."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Spread:
    """One axis of a transposed convolution: `n` cells, each written to `span` pixels, every `stride` pixels.

    What all cells together write is the canvas; the output is cut out of it, from pixel `before` on.
    """

    n: int
    f: int
    stride: int
    dilation: int
    before: int
    after: int
    extra: int
    same: bool

    @property
    def span(self) -> int:
        """Pixels from the first that a filter writes to the last: `dilation·(F − 1) + 1`."""
        return self.dilation * (self.f - 1) + 1

    @property
    def canvas(self) -> int:
        """Pixels that are written: `S·(W − 1) + F`."""
        return self.stride * (self.n - 1) + self.span

    @property
    def out(self) -> int:
        """Pixels of the output; below 1 where the padding takes all of them."""
        return self.canvas - self.before - self.after + self.extra

    @property
    def kept(self) -> int:
        """Pixels of the output that lie on the canvas; what lies beyond its end stays 0."""
        return max(0, min(self.out, self.canvas - self.before))

    def cells_at(self, place: int) -> list[int]:
        """Return the cells that write to a pixel of the output.

        >>> Spread(n=3, f=3, stride=2, dilation=1, before=0, after=0, extra=0, same=False).cells_at(2)
        [0, 1]
        """
        if place >= self.kept:
            return []
        pixel = place + self.before
        first, last = max(0, -(-(pixel - self.span + 1) // self.stride)), min(self.n - 1, pixel // self.stride)
        return [cell for cell in range(first, last + 1) if not (pixel - self.stride * cell) % self.dilation]

    def offset(self, place: int, cell: int) -> int:
        """Return which number of the filter a cell writes to a pixel of the output."""
        return (place + self.before - self.stride * cell) // self.dilation

    def formula(self) -> str:
        """Write the output size with the numbers in it: "2·(7 − 1) + 4 − 2·1 = 14"."""
        if self.same:
            return f"{self.n}·{self.stride} = {self.out}"
        filter_text = str(self.f) if self.dilation == 1 else f"{self.dilation}·({self.f} − 1) + 1"
        padding = f" − 2·{self.before}" if self.before else ""
        if self.before != self.after:
            padding = f" − {self.before} − {self.after}"
        extra = f" + {self.extra}" if self.extra else ""
        return f"{self.stride}·({self.n} − 1) + {filter_text}{padding}{extra} = {self.out}"
