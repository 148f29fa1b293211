"""The ways in which kinds work out a value: weighted sums, choices, copies, and whatever `forward` does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from core.layers.sight import AnySight, Indices, Moved, as_image
from core.layers.values import Array, Arrays, Context
from core.layers.workings import MOST_TERMS, Block, Cell, Learned, Patch, Step, Term, Workings
from core.shapes import Shape, count


class Computes(Protocol):
    """What can compute a batch, forwards and backwards."""

    def forward(self, xs: Arrays, weights: Mapping[str, Array], ctx: Context) -> Array:
        """Compute the output."""

    def backward(self, dy: Array, weights: Mapping[str, Array], ctx: Context) -> tuple[Arrays, dict[str, Array]]:
        """Compute the gradients."""


def moved(kind: Computes, shape: Shape) -> Moved:
    """Return where the values of an output come from that are those of the input in another order."""
    order = np.arange(count(shape)).reshape(1, *shape)
    came_from = kind.forward((order,), {}, Context())[0]
    return Moved(came_from.reshape(as_image(came_from.shape)), as_image(shape))


def sum_step(name: str, terms: Sequence[Term], formula: str = "") -> Step:
    """Return the step that adds terms up."""
    return Step("sum", name, tuple(terms), float(sum(term.value for term in terms)), formula)


def quotient_step(name: str, above: Term, below: Term, formula: str = "") -> Step:
    """Return the step that divides one term by another."""
    return Step("quotient", name, (above, below), float(np.divide(above.value, below.value)), formula)


def terms_of(patches: Sequence[Patch]) -> list[Term]:
    """Return what patches add to a sum: windows one term each, a row of values one for each value.

    Of more than `MOST_TERMS` these are the largest, largest first, and one for all others.
    """
    if len(patches) == 1 and patches[0].values.ndim == 1:
        return terms_within(patches[0])
    return shortened([Term(patch.name, patch.total, patch=number) for number, patch in enumerate(patches)])


def terms_within(patch: Patch) -> list[Term]:
    """Return the products of a patch as terms, those of the padding left out; at most as many as `terms_of`."""
    inside = int(patch.inside.sum())
    if inside <= MOST_TERMS:
        return [term_at(patch, place) for place in np.ndindex(patch.values.shape) if patch.inside[place]]
    terms = [term_at(patch, place) for place in patch.largest() if patch.inside[place]]
    rest = patch.total - sum(term.value for term in terms)
    return [*terms, others(inside - len(terms), rest)]


def term_at(patch: Patch, place: tuple[int, ...]) -> Term:
    """Return one value of a patch, times its factor, as a term."""
    cell, value = patch.cell(place), float(patch.values[place])
    factors = () if patch.factors is None else (value, float(patch.factors[place]))
    return Term(cell_name(cell, patch), float(patch.products[place]), factors, (patch.port, cell))


def cell_name(cell: Cell, patch: Patch) -> str:
    """Name a value among those of its patch: by its pixel, where there are several."""
    if patch.values.ndim == 2:
        return f"({cell[0]}, {cell[1]})"
    return f"feature {cell[0] + 1}" if len(cell) == 1 else f"channel {cell[2] + 1}"


def shortened(terms: list[Term]) -> list[Term]:
    """Keep the largest of many terms, largest first, and put the others together."""
    if len(terms) <= MOST_TERMS:
        return terms
    ordered = sorted(terms, key=lambda term: -abs(term.value))
    kept, rest = ordered[:MOST_TERMS], ordered[MOST_TERMS:]
    return [*kept, others(len(rest), sum(term.value for term in rest))]


def others(n: int, total: float) -> Term:
    """Return the term of what is not written out."""
    return Term(f"the other {n:,}", total)


def largest_terms(patch: Patch) -> list[Term]:
    """Return the values of a patch, padding left out; of more than `MOST_TERMS` the largest, largest first."""
    if patch.inside.sum() <= MOST_TERMS:
        return terms_within(patch)
    competing = np.where(patch.inside, patch.values, -np.inf)
    order = np.argsort(-competing, axis=None, kind="stable")[:MOST_TERMS]
    places = zip(*np.unravel_index(order, competing.shape), strict=True)
    return [term_at(patch, tuple(map(int, place))) for place in places]


def filtered(block: Block, taps: Indices, weights: Mapping[str, Array], at_bias: Cell) -> Workings:
    """Return that values were multiplied by the numbers of a kernel and added up, with a bias if there is one.

    Parameters
    ----------
    taps : array of int, (rows, columns, channels, axes of the kernel)
        Which number of the kernel meets each value.
    at_bias : tuple of int
        Which of the biases is added.
    """
    factors = weights["kernel"][tuple(np.moveaxis(taps, -1, 0))]
    patches = block.patches(factors, factors, "kernel", taps)
    terms = terms_of(patches)
    learned: tuple[Learned, ...] = ()
    if "bias" in weights:
        terms.append(Term("bias", float(weights["bias"][at_bias])))
        learned = (Learned("bias", np.array([at_bias]), np.ones(1)),)
    return Workings((sum_step("y", terms),), patches, learned)


def weighted(block: Block, shares: Array) -> Workings:
    """Return that values were multiplied by fixed shares, (rows, columns, channels), and added up."""
    patches = block.patches(shares, shares)
    return Workings((sum_step("y", terms_within(patches[0])),), patches)


def mean(block: Block, n: int) -> Workings:
    """Return that the sum of one channel's values was divided by a number."""
    patches = block.patches(1 / n)
    total = sum_step("Σx", terms_within(patches[0]))
    return Workings((total, quotient_step("y", Term("Σx", total.result), Term("n", n, is_given=True))), patches)


def combined(xs: Arrays, at: Cell, signs: Sequence[float], divisor: int = 1) -> Workings:
    """Return that the values of several inputs in one place were added, subtracted or averaged."""
    names = [f"{{{port}}}" for port in range(len(xs))]
    patches = tuple(single(x, at, signs[port] / divisor, port, names[port]) for port, x in enumerate(xs))
    terms = [
        Term(name, sign * float(x[at]), source=(port, at))
        for port, (name, sign, x) in enumerate(zip(names, signs, xs, strict=True))
    ]
    if divisor == 1:
        return Workings((sum_step("y", terms),), patches)
    total = sum_step("Σx", terms)
    return Workings((total, quotient_step("y", Term("Σx", total.result), Term("n", divisor, is_given=True))), patches)


def choice(patches: Sequence[Patch]) -> Workings:
    """Return that the largest of some values was taken, the first of equals."""
    best: tuple[int, tuple[int, ...]] | None = None
    largest = -np.inf
    for number, patch in enumerate(patches):
        competing = np.where(patch.inside, patch.values, -np.inf)
        place = tuple(map(int, np.unravel_index(int(competing.argmax()), competing.shape)))
        if best is None or competing[place] > largest:
            best, largest = (number, place), float(competing[place])
    decided = tuple(
        _decided(patch, best[1] if best is not None and number == best[0] else None)
        for number, patch in enumerate(patches)
    )
    if len(decided) == 1:
        terms = largest_terms(decided[0])
    else:
        terms = [replace(term_at(patch, (0,)), name=patch.name) for patch in decided]
    return Workings((Step("largest", "y", tuple(terms), largest),), decided)


def _decided(patch: Patch, winner: tuple[int, ...] | None) -> Patch:
    slopes = np.zeros(patch.values.shape)
    if winner is not None:
        slopes[winner] = 1
    return replace(patch, slopes=slopes, winner=winner)


def single(x: Array, at: Cell, slope: float, port: int = 0, name: str = "x") -> Patch:
    """Return one value as a patch."""
    value = np.array([float(x[at])])
    return Patch(name, port, np.array([at]), value, np.array([slope]), None, np.ones(1, bool))


def copied(xs: Arrays, sights: Sequence[AnySight], at: Cell) -> Workings:
    """Return that a value was only moved; 0 where there was none to move."""
    for port, (x, sight) in enumerate(zip(xs, sights, strict=True)):
        block = Block.read(x, sight, at, port)
        if block.inside.any():
            cell = tuple(map(int, block.cells[0, 0, 0]))
            value = float(block.values[0, 0, 0])
            step = Step("copy", "y", (Term(f"{{{port}}}", value, source=(port, cell)),), value)
            return Workings((step,), (single(x, cell, 1.0, port),))
    return Workings((Step("sum", "y", (), 0.0, "nothing of the input stands here"),))


def by_definition(
    kind: Computes, sights: Sequence[AnySight], xs: Arrays, weights: Mapping[str, Array], at: Cell
) -> Workings:
    """Return what `forward` gives, and the slopes that `backward` finds."""
    ctx, wide = Context(), {name: weight.astype(np.float64) for name, weight in weights.items()}
    y = kind.forward(tuple(x[None].astype(np.float64) for x in xs), wide, ctx)
    dy = np.zeros_like(y)
    dy[0, *at] = 1
    dxs, gradients = kind.backward(dy, wide, ctx)
    patches: list[Patch] = []
    for port, (x, sight, dx) in enumerate(zip(xs, sights, dxs, strict=True)):
        block = Block.read(x, sight, at, port)
        slopes = Block.read(dx[0], sight, at, port).values
        patches += block.patches(slopes)
    learned = tuple(
        Learned(name, np.argwhere(gradient), gradient[gradient != 0]) for name, gradient in gradients.items()
    )
    terms = [term for patch in patches[:MOST_TERMS] for term in terms_within(patch)][:MOST_TERMS]
    value = float(y[0, *at])
    return Workings((Step("function", "y", tuple(terms), value),), tuple(patches), learned)
