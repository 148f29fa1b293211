"""The proof that an offered fix works: it is tried, and the outcome is remembered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from core.analysis.fixes.grounds import Grounds, Plan, grounds_of
from core.analysis.fixes.structural import structural_fixes
from core.analysis.report import Report
from core.errors import EditError
from core.graph.fixing import apply_fix
from core.graph.values import Document, Unreadable
from core.graph.wiring import source_id
from core.limits import MOST_CHECKED_FOR_ADVICE, MOST_CHECKED_FOR_ERRORS, MOST_EDITS, MOST_TRIALS
from core.problems import Fix, Insert, Problem, Remove

Analyse: TypeAlias = Callable[[Document, Report | None], Report]

_EXACT = frozenset({"CYCLE", "INPUT-UNKNOWN", "OUTPUT-UNKNOWN"})
"""Codes that a layer may have several times; their texts distinguish them."""


@dataclass(slots=True)
class FixTrials:
    """Tries fixes, and remembers the outcomes until what they follow from changes."""

    _outcomes: dict[tuple[str, str | None, str, str], _Outcome] = field(default_factory=dict)

    def problems_with_fixes(self, report: Report, analyse: Analyse) -> Iterator[Problem]:
        """Yield the report's problems with those fixes, of their own and from the graph, that work.

        A fix works if its problem is gone, the layers that it inserts have no errors, and every shape that was known is
        known still; where the problem was not an error, there must be no new error.
        """
        n = max(len(report.layers), _size(report.document)) + 1 if report.problems else 1
        budgets = {True: MOST_CHECKED_FOR_ERRORS, False: MOST_CHECKED_FOR_ADVICE}
        trials = {wrong: min(MOST_TRIALS, most // n) for wrong, most in budgets.items()}
        outcomes = {}
        plan = Plan.of(report)
        for problem in report.problems:
            wrong = problem.severity == "error"
            if trials[wrong] <= 0:
                yield problem.offering(()) if problem.fixes else problem
                continue
            about = report.layers.get(problem.layer or "")
            structural = structural_fixes(problem, about, report) if about is not None else ()
            candidates = tuple(fix for fix in (*structural, *problem.fixes) if len(fix.edits) <= MOST_EDITS)
            candidates = candidates[: trials[wrong]]
            key = (problem.code, problem.layer, problem.path, problem.what)
            outcome = self._outcomes.get(key)
            if outcome is None or not outcome.grounds.hold(about, candidates, report, plan):
                outcome = _outcome(problem, candidates, report, plan, analyse)
            trials[wrong] -= len(candidates)  # remembered or not: the same document always gets the same fixes
            outcomes[key] = outcome
            yield problem.offering(outcome.fixes)
        self._outcomes = outcomes


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    """Which fixes worked for a problem, and what that followed from."""

    fixes: tuple[Fix, ...]
    grounds: Grounds


def _outcome(problem: Problem, candidates: tuple[Fix, ...], report: Report, plan: Plan, analyse: Analyse) -> _Outcome:
    """Try fixes."""
    fixes: list[Fix] = []
    afters: list[Report] = []
    for fix in (*candidates, *_last_resort(problem, report.trace.flat.paths)):
        if fix not in candidates and fixes:
            break
        try:
            after = analyse(apply_fix(report.document, fix), report)
        except EditError:  # data would go in a circle, or the source is gone
            continue
        afters.append(after)
        if _works(fix, problem, report, after):
            fixes.append(fix)
    return _Outcome(tuple(fixes), grounds_of(problem, candidates, report, plan, afters))


def _size(document: Document) -> int:
    """Estimate what it costs to edit a document: its layers, and what of wires, blocks and unread keys is too many."""
    layers, blocks = document.graph.layers, document.graph.blocks
    training = document.training
    entries = len(blocks) + len(document.unread) + len(training.unread) + len(training.optimizer_unread)
    for layer in layers:
        entries += len(layer.inputs) + len(layer.extra) + len(layer.unread)
        if isinstance(layer.spec, Unreadable):
            entries += len(layer.spec.config)
    return max(len(layers), entries // 2)


def _last_resort(problem: Problem, paths: Mapping[str, str]) -> Iterator[Fix]:
    """Offer to remove a block in which nothing else fixes an error."""
    if problem.severity == "error" and problem.layer in paths:
        use = source_id(problem.layer or "")
        yield Fix(f"Remove {use}", (Remove(use),))


def _works(fix: Fix, problem: Problem, report: Report, after: Report) -> bool:
    if any(_same_problem(other, problem) for other in after.problems):
        return False
    if any(
        layer.shape is not None and (later := after.layers.get(id)) is not None and later.shape is None
        for id, layer in report.layers.items()
    ):
        return False
    if problem.severity != "error" and not {*map(_identity, after.errors)} <= {*map(_identity, report.errors)}:
        return False
    if not any(isinstance(edit, Insert) for edit in fix.edits):
        return True
    new = {id for id in after.layers if id not in report.layers}
    return not any(wrong.layer in new for wrong in after.errors)


def _same_problem(one: Problem, other: Problem) -> bool:
    return one.code == other.code and one.layer == other.layer and _identity(one) == _identity(other)


def _identity(problem: Problem) -> tuple[str | None, ...]:
    """Return what a problem still has when numbers in its text or its layer's place in the file have changed."""
    if problem.code in _EXACT:
        return problem.code, problem.layer, problem.what
    return problem.code, problem.layer, problem.field, _last(problem.path) if problem.field is None else None


def _last(path: str) -> str:
    """Return the end of a path: the index in a list of layers may change, the key in it does not."""
    last = path[max(path.rfind("."), path.rfind("]", 0, -1)) + 1 :]
    return "" if last.startswith("layers[") else last
