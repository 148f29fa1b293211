"""The proof that an offered fix works: it is tried, and the outcome is remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from core.analysis.advice import NETWORK_CODES, Advised, Frame, Seen
from core.analysis.fixes.structural import structural_fixes
from core.analysis.report import LayerReport, Report
from core.errors import EditError
from core.graph.fixing import apply_fix
from core.graph.values import Document
from core.graph.wiring import source_id
from core.problems import Connect, Fix, Insert, Problem, Remove, SetConfig

Analyse: TypeAlias = Callable[[Document, Report | None], Report]

MOST_TRIALS = 60
"""Fixes that are tried in one check; further problems show theirs once the first ones are fixed."""
_MOST_CHECKED = {True: 50_000, False: 4_000}
"""Layers that all trials of one check may look at, for errors and for the rest; larger documents get fewer trials."""
_EXACT = frozenset({"CYCLE", "INPUT-UNKNOWN", "OUTPUT-UNKNOWN"})
"""Codes that a layer may have several times; their texts distinguish them."""


@dataclass(slots=True)
class FixTrials:
    """Tries fixes, and remembers the outcomes until what they follow from changes."""

    _outcomes: dict[tuple[str, str | None, str, str], _Outcome] = field(default_factory=dict)

    def problems_with_fixes(self, report: Report, analyse: Analyse) -> Iterator[Problem]:
        """Yield the report's problems with those fixes, of their own and from the graph, that work.

        A fix works if its problem is gone, the layers that it inserts have no errors and, where the problem was not an
        error, there are no more errors than before. A fix of another layer's settings must leave every shape known that
        was known.
        """
        n = len(report.layers) + 1
        trials = {wrong: max(1, min(MOST_TRIALS, most // n)) for wrong, most in _MOST_CHECKED.items()}
        outcomes = {}
        for problem in report.problems:
            wrong = problem.severity == "error"
            if trials[wrong] <= 0:
                yield problem.offering(()) if problem.fixes else problem
                continue
            about = report.layers.get(problem.layer or "")
            candidates = (*(structural_fixes(problem, about, report) if about is not None else ()), *problem.fixes)
            key = (problem.code, problem.layer, problem.path, problem.what)
            outcome = self._outcomes.get(key)
            if outcome is None or not outcome.holds(about, candidates, report):
                outcome = _outcome(problem, about, candidates, report, analyse)
            trials[wrong] -= len(candidates)  # remembered or not: the same document always gets the same fixes
            outcomes[key] = outcome
            yield problem.offering(outcome.fixes)
        self._outcomes = outcomes


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    """Which fixes worked for a problem of a layer.

    For an error this follows from its layer alone, if the only thing that fixes do outside it is to draw wires. For
    advice, notes and fixes of other layers' settings it follows from everything that the fixes change, because they
    must not cause errors, and inside a block from all of its copies; that is the footing.
    """

    about: LayerReport | None
    candidates: tuple[Fix, ...]
    fixes: tuple[Fix, ...]
    footing: Mapping[str, Seen | None] = field(default_factory=dict)
    frame: Frame | None = None
    whole: bool = False

    def holds(self, about: LayerReport | None, candidates: tuple[Fix, ...], report: Report) -> bool:
        """Say whether trying again would end the same way."""
        if about is not self.about or candidates != self.candidates:
            return False
        advised: Advised = report.trace.advised
        if self.frame is not None and not (
            advised.frame.paths == self.frame.paths
            and all(advised.seen.get(id) is seen for id, seen in self.footing.items())
            and (advised.frame.same(self.frame) or not self.whole)
        ):
            return False
        return all(_can_be_done(report.document, fix) for fix in self.fixes if _draws_wires(fix))


def _draws_wires(fix: Fix) -> bool:
    return any(isinstance(edit, Connect) and edit.source is not None for edit in fix.edits)


def _sets_another(fix: Fix, problem: Problem) -> bool:
    """Say whether a fix of an error changes settings of a layer other than the one that has it."""
    return problem.severity == "error" and any(
        isinstance(edit, SetConfig) and edit.layer != problem.layer for edit in fix.edits
    )


def _can_be_done(document: Document, fix: Fix) -> bool:
    try:
        apply_fix(document, fix)
    except EditError:  # data would now go in a circle, or the source is gone
        return False
    return True


def _outcome(
    problem: Problem, about: LayerReport | None, candidates: tuple[Fix, ...], report: Report, analyse: Analyse
) -> _Outcome:
    """Try fixes."""
    before: Advised = report.trace.advised
    far = (
        problem.severity != "error"
        or problem.layer in before.frame.paths
        or any(_sets_another(fix, problem) for fix in candidates)
    )
    fixes: list[Fix] = []
    footing: dict[str, Seen | None] = {}
    for fix in (*candidates, *_last_resort(problem, before)):
        if fix not in candidates and fixes:
            break
        try:
            after = analyse(apply_fix(report.document, fix), report)
        except EditError:
            continue
        if _works(fix, problem, report, after):
            fixes.append(fix)
        if far:
            footing |= before.footing(after.trace.advised)
    if not far:
        return _Outcome(about, candidates, tuple(fixes))
    return _Outcome(about, candidates, tuple(fixes), footing, before.frame, problem.code in NETWORK_CODES)


def _last_resort(problem: Problem, advised: Advised) -> Iterator[Fix]:
    """Offer to remove a block in which nothing else fixes an error."""
    if problem.severity == "error" and problem.layer in advised.frame.paths:
        use = source_id(problem.layer or "")
        yield Fix(f"Remove {use}", (Remove(use),))


def _works(fix: Fix, problem: Problem, report: Report, after: Report) -> bool:
    if any(_same_problem(other, problem) for other in after.problems):
        return False
    if problem.severity != "error" and len(after.errors) > len(report.errors):
        return False
    if _sets_another(fix, problem) and any(
        layer.shape is not None and (later := after.layers.get(id)) is not None and later.shape is None
        for id, layer in report.layers.items()
    ):
        return False
    if not any(isinstance(edit, Insert) for edit in fix.edits):
        return True
    new = {id for id in after.layers if id not in report.layers}
    return not any(wrong.layer in new for wrong in after.errors)


def _same_problem(one: Problem, other: Problem) -> bool:
    if one.code != other.code or one.layer != other.layer:
        return False
    if one.code in _EXACT:
        return one.what == other.what
    return one.field == other.field and (one.field is not None or _last(one.path) == _last(other.path))


def _last(path: str) -> str:
    """Return the end of a path: the index in a list of layers may change, the key in it does not."""
    last = path[max(path.rfind("."), path.rfind("]", 0, -1)) + 1 :]
    return "" if last.startswith("layers[") else last
