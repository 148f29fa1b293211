"""Fixes: those that only the graph around a layer suggests, and the proof that an offered fix cures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from core.analysis.report import LayerReport, Report
from core.errors import EditError
from core.graph.fixing import apply_fix
from core.graph.values import Document
from core.layers.convolution import Conv2D
from core.layers.dense import Dense, Flatten
from core.layers.kind import FEATURES, Kind
from core.layers.merge import Add, Concat
from core.problems import Connect, Fix, Insert, Problem, Remove, Replace
from core.text import shape_text

Analyse: TypeAlias = Callable[[Document, Report | None], Report]

MOST_TRIALS = 60
"""Fixes that are tried in one check; problems beyond that show theirs once the first ones are solved."""


@dataclass(slots=True)
class Curer:
    """Tries fixes, and remembers the outcome as long as the layer they are for is the same."""

    _kept: dict[tuple[str | None, ...], tuple[LayerReport | None, tuple[Fix, ...]]] = field(default_factory=dict)
    _document: Document | None = None
    _trials: int = 0

    def vetted(self, problem: Problem, report: Report, analyse: Analyse) -> Problem:
        """Give the problem with those of its fixes, and of the graph's, that cure it.

        A fix cures when the problem is gone and the layers that it inserts have no error of their own.
        """
        if problem.severity == "note" and not problem.fixes:
            return problem
        if self._document is not report.document:
            self._document, self._trials = report.document, 0
        about = report.layers.get(problem.layer or "")
        key = (problem.code, problem.layer, problem.path, problem.what)
        kept = self._kept.get(key)
        if kept is not None and kept[0] is about and about is not None:
            return replace(problem, fixes=kept[1])
        candidates = (*problem.fixes, *(structural_fixes(problem, about, report) if about is not None else ()))
        fixes = tuple(fix for fix in candidates if self._cures(fix, problem, report, analyse))
        if len(self._kept) > 1000:
            self._kept.clear()
        self._kept[key] = (about, fixes)
        return replace(problem, fixes=fixes)

    def _cures(self, fix: Fix, problem: Problem, report: Report, analyse: Analyse) -> bool:
        self._trials += 1
        if self._trials > MOST_TRIALS:
            return False
        try:
            after = analyse(apply_fix(report.document, fix), report)
        except EditError:
            return False
        if any(_same_problem(other, problem) for other in after.problems):
            return False
        if not any(isinstance(edit, Insert) for edit in fix.edits):
            return True
        new = {id for id in after.layers if id not in report.layers}
        wrong = {p.layer for p in after.problems if p.severity == "error"}
        return not wrong & new


def _same_problem(one: Problem, other: Problem) -> bool:
    return (
        one.code == other.code
        and one.layer == other.layer
        and one.path.rpartition(".")[2] == other.path.rpartition(".")[2]
    )


def structural_fixes(problem: Problem, about: LayerReport, report: Report) -> Iterator[Fix]:
    """Offer edits of the graph around a layer that would cure one of its problems."""
    if problem.code == "SHAPE-RANK":
        yield from _rank_fixes(about, report)
    elif problem.code == "MERGE-SHAPE":
        yield from _merge_fixes(about)


def _rank_fixes(about: LayerReport, report: Report) -> Iterator[Fix]:
    spec, name = about.layer.spec, about.id
    if not isinstance(spec, Kind):
        return
    port = next((p for p, shape in enumerate(about.input_shapes) if len(shape) not in spec.ranks), 0)
    source = report.layers.get(about.layer.inputs[port])
    if spec.ranks == FEATURES:
        yield Fix("Insert Flatten", (Insert("Flatten", {}, name, port),))
    elif source is not None and isinstance(source.layer.spec, Flatten):
        yield Fix(f"Remove {source.id}", (Remove(source.id),))
    if isinstance(spec, Conv2D):
        yield Fix("Make it Dense", (Replace(name, "Dense", {"units": spec.filters}),))
    elif not isinstance(spec, Dense):
        yield Fix("Remove the layer", (Remove(name),))


def _merge_fixes(about: LayerReport) -> Iterator[Fix]:
    first, *others = about.input_shapes
    spec = about.layer.spec
    same_place = all(shape[:-1] == first[:-1] and len(shape) == len(first) for shape in others)
    if isinstance(spec, Add) and same_place:
        edits = tuple(
            Insert("Conv2D", {"filters": first[-1], "kernel_size": 1}, about.id, port)
            if len(first) == 3
            else Insert("Dense", {"units": first[-1]}, about.id, port)
            for port, shape in enumerate(about.input_shapes)
            if shape != first
        )
        what = "1×1 convolution" if len(first) == 3 else "Dense layer"
        yield Fix(f"Insert a {what} to {shape_text(first)}", edits)
        yield Fix("Make it Concat", (Replace(about.id, "Concat", {}),))
    if isinstance(spec, Concat) and all(len(shape) == len(first) for shape in others):
        for axis in range(len(first)):
            if all(shape[:axis] + shape[axis + 1 :] == first[:axis] + first[axis + 1 :] for shape in others):
                yield Fix(f"Join along axis {axis}", (Replace(about.id, "Concat", {"axis": axis}),))
    wrong = [port for port, shape in enumerate(about.input_shapes) if shape != first]
    least = spec.n_inputs[0] if isinstance(spec, Kind) else 1
    if len(about.inputs) - len(wrong) >= least:
        yield Fix("Disconnect what does not match", tuple(Connect(None, about.id, port) for port in reversed(wrong)))
