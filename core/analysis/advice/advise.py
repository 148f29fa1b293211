"""The pass over a finished report that finds all advice, looking again only where something has changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from core.analysis.advice.advice import LayerAdvice, LayerRule, NetworkAdvice, NetworkRule, Overview, Seen
from core.analysis.advice.all_advice import ADVICE
from core.analysis.advice.trail import START, Trail, joined, trail_after
from core.analysis.layer_order import Wiring
from core.analysis.report import LayerReport, Report
from core.limits import MOST_OUTPUTS_ADVISED
from core.problems import Problem

Rules: TypeAlias = Mapping[type[object], tuple[LayerRule, ...]]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """The wires and outputs that advice follows from besides layers."""

    ordered: tuple[str, ...]
    outputs: tuple[str, ...]

    def same(self, other: Frame) -> bool:
        """Say whether wires and outputs are the same."""
        return self.ordered is other.ordered and self.outputs == other.outputs


@dataclass(frozen=True, slots=True, eq=False)
class Advised:
    """All advice about a report, and what the next pass can reuse; the problems' paths begin at their layers."""

    codes: frozenset[str]
    seen: Mapping[str, Seen]
    fans: Mapping[str, int]
    frame: Frame
    problems: tuple[Problem, ...]


def advise(
    report: Report,
    wiring: Wiring,
    codes: frozenset[str],
    again: Sequence[str] | None = None,
    previous: Advised | None = None,
) -> Advised:
    """Find what is unwise in a document.

    Parameters
    ----------
    report : Report
        Of the document; its problems are not looked at.
    wiring : Wiring
        The order of its layers, with blocks unfolded.
    codes : frozenset of str
        The advice that is on.
    again : sequence of str, optional
        The layers with a new report since the earlier pass, if nothing but layers has changed.
    previous : Advised, optional
        The result of an earlier pass.
    """
    if previous is not None and previous.codes != codes:
        previous = None
    frame = Frame(wiring.ordered, report.outputs)
    if previous is None or not frame.same(previous.frame):
        again = None
        fans = _fans(report)
    else:
        fans = previous.fans
    walk = _Walk(report.layers, layer_rules(codes), fans, {} if previous is None else previous.seen)
    if again is None:
        walk.look_at_all()
    else:
        walk.look_again(wiring, again)
    problems: dict[tuple[str, str | None], Problem] = {}
    for seen in walk.seen.values():
        for problem in seen.problems:
            problems.setdefault((problem.code, problem.layer), problem)  # several layers that it feeds may report it
    document = report.document
    overview = Overview(report, walk.seen)
    few = max(len(report.outputs), len(document.graph.outputs or ())) <= MOST_OUTPUTS_ADVISED
    for rule in network_rules(codes) if few else ():
        for problem in rule(overview):
            problems.setdefault((problem.code, problem.layer), problem)
    return Advised(codes, walk.seen, fans, frame, tuple(problems.values()))


class _Walk:
    """Goes through the layers, sources first, and looks at those where something has changed."""

    def __init__(
        self, layers: Mapping[str, LayerReport], rules: Rules, fans: Mapping[str, int], previous: Mapping[str, Seen]
    ) -> None:
        self.layers, self.rules, self.fans, self.previous = layers, rules, fans, previous
        self.seen: dict[str, Seen] = {}

    def look_at_all(self) -> None:
        """Look at every layer."""
        for id in self.layers:
            self.look(id)

    def look_again(self, wiring: Wiring, ids: Sequence[str]) -> None:
        """Look at some layers, and at those after them as far as it makes a difference."""
        self.seen = dict(self.previous)
        wiring.look_again(ids, self.look)

    def look(self, id: str) -> bool:
        """Find what a layer's rules say; return whether that makes a difference to the layers that it feeds."""
        layer = self.layers[id]
        before, fan, known = self._before(layer), self.fans.get(id, 0), self.previous.get(id)
        seen = known
        if seen is None or seen.report is not layer or seen.fan != fan or seen.before != before:
            seen = self._looked(layer, before, fan)
        self.seen[id] = seen
        return known is None or seen.after != known.after

    def _before(self, layer: LayerReport) -> Trail:
        sources = layer.layer.inputs
        if len(sources) == 1:
            source = self.seen.get(sources[0])
            return START if source is None else source.after
        known = [seen.after for id in sources if (seen := self.seen.get(id)) is not None]
        return joined(known) if known else START

    def _looked(self, layer: LayerReport, before: Trail, fan: int) -> Seen:
        after, problems = START, []
        if layer.shape is not None:
            after = trail_after(layer, before, fan == 1)
            for rule in self.rules.get(type(layer.layer.spec), ()):
                problem = rule(layer, before)
                if problem is not None:
                    problems.append(problem)
        return Seen(layer, before, fan, after, tuple(problems))


def _fans(report: Report) -> Mapping[str, int]:
    """Count the ports that each layer feeds; an output of the network counts as one."""
    fed = Counter(source for layer in report.layers.values() for source in layer.layer.inputs)
    fed.update(report.outputs)
    return fed


@lru_cache(maxsize=64)
def layer_rules(codes: frozenset[str]) -> Rules:
    """Return the rules for each kind."""
    rules: dict[type[object], tuple[LayerRule, ...]] = {}
    for advice in ADVICE:
        if isinstance(advice, LayerAdvice) and advice.code in codes:
            for kind in advice.kinds:
                rules[kind] = (*rules.get(kind, ()), advice.find)
    return rules


NETWORK_CODES = frozenset(advice.code for advice in ADVICE if isinstance(advice, NetworkAdvice))
"""Advice that may change when anything in the network changes."""


@lru_cache(maxsize=64)
def network_rules(codes: frozenset[str]) -> tuple[NetworkRule, ...]:
    """Return the rules that look at the whole network."""
    return tuple(advice.find for advice in ADVICE if isinstance(advice, NetworkAdvice) and advice.code in codes)
