"""How the gradient of a loss by one output was worked out, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, prod
from typing import Literal, TypeAlias

MOST_TERMS = 20
"""A longer sum is written with its largest terms and what the others add up to."""

Operation: TypeAlias = Literal["sum", "product", "quotient", "exp of sum", "function"]
"""What a step does with its terms; a quotient has two. What a function of x, its one term, is says its formula."""

Terms: TypeAlias = Sequence[tuple[str, float]]
"""Numbers by their names."""


@dataclass(frozen=True, slots=True)
class SlopeStep:
    """An operation on some numbers, and what comes out; later steps have that as a term of the same name.

    Attributes
    ----------
    operation : str
    name : str
        What comes out: "p", "∂L/∂s" for the gradient itself.
    terms : sequence of (str, float)
    result : float
    formula : str
        The step in letters.
    """

    operation: Operation
    name: str
    terms: Terms
    result: float
    formula: str = ""


def summed(name: str, terms: Terms, formula: str = "") -> SlopeStep:
    """Return the step that adds numbers up.

    >>> summed("p − y", [("p", 0.25), ("y", -1.0)]).result
    -0.75
    """
    result = float(sum(value for _, value in terms))
    if len(terms) > MOST_TERMS:
        largest = sorted(terms, key=lambda term: -abs(term[1]))[:MOST_TERMS]
        others = result - sum(value for _, value in largest)
        terms = [*largest, (f"{len(terms) - MOST_TERMS} others", others)]
    return SlopeStep("sum", name, tuple(terms), result, formula)


def multiplied(name: str, terms: Terms, formula: str = "") -> SlopeStep:
    """Return the step that multiplies numbers."""
    return SlopeStep("product", name, tuple(terms), float(prod(value for _, value in terms)), formula)


def divided(name: str, above: tuple[str, float], below: tuple[str, float], formula: str = "") -> SlopeStep:
    """Return the step that divides one number by another."""
    return SlopeStep("quotient", name, (above, below), float(above[1] / below[1]), formula)


def power_of_e(name: str, terms: Terms, formula: str = "") -> SlopeStep:
    """Return the step that takes e to the power of a sum."""
    return SlopeStep("exp of sum", name, tuple(terms), exp(sum(value for _, value in terms)), formula)


def mapped(name: str, term: tuple[str, float], result: float, formula: str) -> SlopeStep:
    """Return the step that takes a function, a formula of x, of a number."""
    return SlopeStep("function", name, (term,), float(result), formula)
