"""Layers in columns along the flow of data, in an order with few crossings and on straight wires (Sugiyama's method).

Source: Sugiyama, Tagawa and Toda, “Methods for Visual Understanding of Hierarchical System Structures”, IEEE SMC 1981.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

BRANCH_GAP = 32
"""Free space between layers one above the other in a row."""
WIRE_GAP = 16
"""Free space around a wire that runs between layers."""

_SKIP_WEIGHT = 0.02
"""How much a bend in a shortcut's wire counts, compared with a bend between two neighbouring layers."""
_MOST_STAND_INS = 4_000
"""Wires too long for the stand-ins that are left count as straight."""


class Box(NamedTuple):
    """The size of a layer's picture.

    Attributes
    ----------
    line : float
        How far below its top its wires run; where data flows down, how far to the right of its left side.
    gap : float
        The free space it asks for along the flow; between two layers the smaller one counts.
    """

    width: float
    height: float
    line: float
    gap: float = 64


_POINT = Box(0, 2 * WIRE_GAP, WIRE_GAP, 0)


class Net:
    """One connected part: columns of layers and stand-ins, as numbers; stand-ins follow the layers."""

    def __init__(self, part: Sequence[str], sources: Mapping[str, Sequence[str]], boxes: Mapping[str, Box]) -> None:
        self.names = part
        self.boxes = [boxes[id] for id in part]
        number = {id: i for i, id in enumerate(part)}
        up: list[list[int]] = [[number[source] for source in dict.fromkeys(sources[id])] for id in part]
        rank = _ranks(up)
        self.columns: list[list[int]] = [[] for _ in range(max(rank) + 1)]
        self.up: list[list[int]] = [[] for _ in part]
        self.down: list[list[int]] = [[] for _ in part]
        longest = _longest_with_stand_ins(rank[v] - rank[u] for v, own in enumerate(up) for u in own)
        n_fed = [0] * len(part)
        for own in up:
            for u in own:
                n_fed[u] += 1
        self.weight = [1.0] * len(part)
        for v, own in enumerate(up):
            for u in own:
                between = range(rank[u] + 1, rank[v]) if rank[v] - rank[u] <= longest else range(0)
                self._join(u, v, between, _SKIP_WEIGHT if n_fed[u] > 1 else 1.0)
        self.cuts = _cuts(up, rank)
        # Stand-ins go above the layers that they pass, because the way around is shorter there.
        for v in range(len(part)):
            self.columns[rank[v]].append(v)
        self.y = [0.0] * len(self.boxes)

    def _join(self, u: int, v: int, between: range, weight: float) -> None:
        for rank in between:
            stand_in = len(self.boxes)
            self.boxes.append(_POINT)
            self.weight.append(weight)
            self.columns[rank].append(stand_in)
            self.up.append([u])
            self.down.append([])
            self.down[u].append(stand_in)
            u = stand_in
        self.down[u].append(v)
        self.up[v].append(u)

    def keep_order(self, line: Mapping[str, float]) -> None:
        """Keep layers whose lines are known in the order of those."""
        for column in self.columns if line else ():
            places = [i for i, v in enumerate(column) if v < len(self.names) and self.names[v] in line]
            known = sorted((column[i] for i in places), key=lambda v: line[self.names[v]])
            for i, v in zip(places, known, strict=True):
                column[i] = v

    def reduce_crossings(self) -> None:
        """Sweep back and forth, ordering each column by the mean place of its neighbours; keep the best order."""
        busy = [r for r, column in enumerate(self.columns) if len(column) > 1]
        if not busy:
            return
        place = [0.0] * len(self.boxes)
        for column in self.columns:
            _number(column, place)
        fewest, best = self._crossings(place, busy), [list(self.columns[r]) for r in busy]
        for sweep in range(4):
            if fewest == 0:
                break
            near = self.down if sweep % 2 else self.up
            for r in reversed(busy) if sweep % 2 else busy:
                column = self.columns[r]
                means = {v: sum([place[u] for u in near[v]]) / len(near[v]) if near[v] else place[v] for v in column}
                column.sort(key=means.__getitem__)
                _number(column, place)
            n = self._crossings(place, busy)
            if n < fewest:
                fewest, best = n, [list(self.columns[r]) for r in busy]
        for r, column in zip(busy, best, strict=True):
            self.columns[r] = column

    def _crossings(self, place: Sequence[float], busy: Iterable[int]) -> int:
        """Count pairs of wires out of the same column that cross."""
        n = 0
        for r in busy:
            passed: list[float] = []
            for v in self.columns[r]:
                ends = [place[w] for w in self.down[v]]
                n += sum(len(passed) - bisect_right(passed, end) for end in ends)
                for end in ends:
                    insort(passed, end)
        return n

    def straighten(self) -> None:
        """Find the y of each layer's wires: near its neighbours' mean, in its column's order, without overlap."""
        for column in self.columns:
            _stack(column, self.boxes, self.y)
        if all(len(column) == 1 for column in self.columns):
            self.y = [0.0] * len(self.boxes)
            return
        for _ in range(2):
            for column in reversed(self.columns):
                self._settle(column, self.down)
            for column in self.columns:
                self._settle(column, self.up)

    def _settle(self, column: list[int], near: list[list[int]]) -> None:
        y, weight = self.y, self.weight
        wanted = []
        for v in column:
            heavy = sum([weight[u] for u in near[v]])
            wanted.append(sum([weight[u] * y[u] for u in near[v]]) / heavy if heavy else y[v])
        if len(column) > 1:
            wanted = _apart(column, self.boxes, wanted, [weight[v] for v in column])
        for v, place in zip(column, wanted, strict=True):
            y[v] = place


def _ranks(up: Sequence[Sequence[int]]) -> list[int]:
    """Return each layer's longest distance from an entrance; entrances come just before what they feed first."""
    rank: list[int] = []
    for own in up:
        rank.append(1 + max([rank[u] for u in own]) if own else 0)
    nearest = [len(up)] * len(up)
    for v, own in enumerate(up):
        for u in own:
            nearest[u] = min(nearest[u], rank[v])
    return [nearest[v] - 1 if not own and nearest[v] < len(up) else rank[v] for v, own in enumerate(up)]


def _longest_with_stand_ins(spans: Iterable[int]) -> int:
    """Return how many columns a wire may span and still get stand-ins, so that there are not too many of them."""
    n = 0
    longest = 1
    for span in sorted(spans):
        n += span - 1
        if n > _MOST_STAND_INS:
            return longest
        longest = span
    return longest


def _cuts(up: Sequence[Sequence[int]], rank: Sequence[int]) -> list[tuple[int, int]]:
    """Return the columns before which a row may end, with how many wires pass there; all come from one layer."""
    n = max(rank) + 1
    wires, origins, last = [0] * (n + 1), [0] * (n + 1), list(rank)
    for v, own in enumerate(up):
        for u in own:
            wires[rank[u] + 1] += 1
            wires[rank[v] + 1] -= 1
            last[u] = max(last[u], rank[v])
    for u, end in enumerate(last):
        origins[rank[u] + 1] += 1
        origins[end + 1] -= 1
    cuts = []
    for r in range(1, n):
        wires[r] += wires[r - 1]
        origins[r] += origins[r - 1]
        if origins[r] == 1:
            cuts.append((r, wires[r]))
    return cuts


def _number(column: Sequence[int], place: list[float]) -> None:
    """Write down where each entry of a column stands, from −½ to ½, so that columns of all sizes compare."""
    n = len(column)
    for i, v in enumerate(column):
        place[v] = (i + 0.5) / n - 0.5


def _between(above: Box, below: Box) -> float:
    """Return the least distance of the wires of two layers one above the other."""
    gap = WIRE_GAP if above is _POINT or below is _POINT else BRANCH_GAP
    return above.height - above.line + gap + below.line


def _stack(column: Sequence[int], boxes: Sequence[Box], y: list[float]) -> None:
    line = 0.0
    for i, v in enumerate(column):
        line += _between(boxes[column[i - 1]], boxes[v]) if i else 0.0
        y[v] = line
    for v in column:
        y[v] -= line / 2


def _apart(
    column: Sequence[int], boxes: Sequence[Box], wanted: Sequence[float], weights: Sequence[float]
) -> list[float]:
    """Return the places nearest to those wanted (least squares) that keep order and distances.

    Pool adjacent violators: neighbours that would overlap move as one, to their common mean.
    """
    offsets = [0.0]
    for above, below in pairwise(column):
        offsets.append(offsets[-1] + _between(boxes[above], boxes[below]))
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for want, offset, weight in zip(wanted, offsets, weights, strict=True):
        mean, heavy, n = want - offset, weight, 1
        while pools and pools[-1][0] > mean:
            above_mean, above_weight, above_n = pools.pop()
            mean = (mean * heavy + above_mean * above_weight) / (heavy + above_weight)
            heavy, n = heavy + above_weight, n + above_n
        pools.append((mean, heavy, n))
    places = [mean for mean, _, n in pools for _ in range(n)]
    return [place + offset for place, offset in zip(places, offsets, strict=True)]
