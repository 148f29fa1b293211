"""What a piece of advice is: a code, a title, a source, and how its cases are found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from core.analysis.advice.trail import Kinds, Trail
from core.analysis.report import LayerReport, Report
from core.problems import Fix, Problem
from core.shapes import Shape


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """What was found at a layer, and what it followed from.

    Attributes
    ----------
    before, behind : Trail
        What lies before it, and what it leaves for those that it feeds.
    fan : int
        How many ports it feeds; being an output of the network counts as one.
    problems : tuple of Problem
        What its rules say.
    """

    report: LayerReport
    before: Trail
    fan: int
    behind: Trail
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """A finished report, and what was seen at each of its layers."""

    report: Report
    seen: Mapping[str, Seen]

    def entry(self, layer: LayerReport) -> tuple[str, Shape] | None:
        """Return the Input that leads to a layer, if it is one alone."""
        return self.seen[layer.id].behind.entry


LayerRule: TypeAlias = Callable[[LayerReport, Trail], Problem | None]
"""Looks at a layer whose shape is known, and at what lies before it; at nothing else, so that it is asked again
only when one of them has changed."""

NetworkRule: TypeAlias = Callable[[Overview], Iterable[Problem]]
"""Looks at the whole: at shapes, kinds, wires and totals."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A piece of advice.

    Attributes
    ----------
    code : str
        What its problems are called; permanent.
    title : str
        One line for a list of switches.
    source : str
        Where the rule comes from.
    on : bool
        Whether it is given by default.
    """

    code: str
    title: str
    source: str
    on: bool = True


@dataclass(frozen=True, slots=True)
class LayerAdvice(Advice):
    """Advice that follows from a layer of certain kinds and what lies before it; `find` gives at most one problem."""

    kinds: Kinds = frozenset()
    find: LayerRule = lambda _layer, _before: None


@dataclass(frozen=True, slots=True)
class NetworkAdvice(Advice):
    """Advice that only the whole network shows."""

    find: NetworkRule = lambda _overview: ()


def on_layer(
    code: str, layer: str, what: str, why: str, fixes: Iterable[Fix] = (), *, field: str | None = None
) -> Problem:
    """Write a piece of advice about a layer; `what` goes on after its name."""
    path = "" if field is None else f".config.{field}"
    return Problem(code, f"{layer}: {what}", why, "advice", field, tuple(fixes), layer, path)
