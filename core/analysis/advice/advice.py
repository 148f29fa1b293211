"""What a piece of advice is: a code, a title, a source, and the rule that finds its cases."""

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
    """What the rules found at a layer, and what that followed from.

    Attributes
    ----------
    before, after : Trail
        What comes before it, and what it passes on to the layers that it feeds.
    fan : int
        How many ports it feeds; an output of the network counts as one.
    problems : tuple of Problem
        What its rules say.
    """

    report: LayerReport
    before: Trail
    fan: int
    after: Trail
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Overview:
    """A finished report, and what was found at each of its layers."""

    report: Report
    seen: Mapping[str, Seen]

    def entry(self, layer: LayerReport) -> tuple[str, Shape] | None:
        """Return the Input that leads to a layer, if there is only one."""
        return self.seen[layer.id].after.entry


LayerRule: TypeAlias = Callable[[LayerReport, Trail], Problem | None]
"""Looks at a layer whose shape is known and at what comes before it; at nothing else, so it is asked again only when
one of them has changed."""

NetworkRule: TypeAlias = Callable[[Overview], Iterable[Problem]]
"""Looks at the whole network: at shapes, kinds, wires and totals."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A piece of advice.

    Attributes
    ----------
    code : str
        The code of its problems; permanent.
    title : str
        One line for a list of switches.
    source : str
        Where the rule comes from.
    on : bool
        Whether it is on by default.
    """

    code: str
    title: str
    source: str
    on: bool = True


@dataclass(frozen=True, slots=True)
class LayerAdvice(Advice):
    """Advice that follows from a layer of some kinds and what comes before it; `find` returns at most one problem."""

    kinds: Kinds = frozenset()
    find: LayerRule = lambda _layer, _before: None


@dataclass(frozen=True, slots=True)
class NetworkAdvice(Advice):
    """Advice that only shows in the whole network."""

    find: NetworkRule = lambda _overview: ()


def on_layer(
    code: str, layer: str, what: str, why: str, fixes: Iterable[Fix] = (), *, field: str | None = None
) -> Problem:
    """Write a piece of advice about a layer; `what` continues after its name."""
    path = "" if field is None else f".config.{field}"
    return Problem(code, f"{layer}: {what}", why, "advice", field, tuple(fixes), layer, path)
