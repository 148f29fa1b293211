"""Fixes: those that only the graph around a layer suggests, and the proof that an offered fix cures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from core.analysis.report import LayerReport, Report
from core.errors import EditError
from core.graph.edits import why_not_connect
from core.graph.fixing import apply_fix
from core.graph.values import Document, Layer
from core.graph.wiring import consumers
from core.layers.convolution import Conv2D
from core.layers.dense import Dense, Flatten
from core.layers.kind import FEATURES, Kind
from core.layers.merge import Concat, PlaceByPlace
from core.problems import Connect, Fix, Insert, Problem, Remove, Replace
from core.shapes import Shape
from core.text import listing, nearest_name, values_text

Analyse: TypeAlias = Callable[[Document, Report | None], Report]

MOST_TRIALS = 60
"""Fixes that are tried in one check; problems beyond that show theirs once the first ones are solved."""
_MOST_CHECKED = 50_000
"""Layers that all trials of one check may look at: the larger the document, the fewer trials."""
_EXACT = frozenset({"CYCLE", "INPUT-UNKNOWN", "OUTPUT-UNKNOWN"})
"""Codes of which a layer may have several; these are told apart by their texts."""


@dataclass(slots=True)
class Curer:
    """Tries fixes, and remembers the outcome as long as what it follows from is the same."""

    _kept: dict[tuple[str, str | None, str, str], _Outcome] = field(default_factory=dict)

    def vetted(self, report: Report, analyse: Analyse) -> Iterator[Problem]:
        """Give the report's problems with those of their fixes, and of the graph's, that cure them.

        A fix cures when its problem is gone, the layers that it inserts have no error of their own and, where the
        problem was none, there is no error more.
        """
        trials = max(1, min(MOST_TRIALS, _MOST_CHECKED // (len(report.layers) + 1)))
        outcomes = {}
        for problem in report.problems:
            if trials <= 0 or (problem.severity == "note" and not problem.fixes):
                yield replace(problem, fixes=())
                continue
            about = report.layers.get(problem.layer or "")
            candidates = (*(structural_fixes(problem, about, report) if about is not None else ()), *problem.fixes)
            key = (problem.code, problem.layer, problem.path, problem.what)
            outcome = self._kept.get(key)
            if outcome is None or not outcome.holds(about, candidates, report):
                cures = tuple(fix for fix in candidates if _cures(fix, problem, report, analyse))
                outcome = _Outcome(about, candidates, cures)
            trials -= len(candidates)  # remembered or not: the same document always gets the same fixes
            outcomes[key] = outcome
            yield replace(problem, fixes=outcome.fixes)
        self._kept = outcomes


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    """Which fixes cured a problem of a layer."""

    about: LayerReport | None
    candidates: tuple[Fix, ...]
    fixes: tuple[Fix, ...]

    def holds(self, about: LayerReport | None, candidates: tuple[Fix, ...], report: Report) -> bool:
        """Say whether trying again would end the same way: all that fixes do beyond their layer is to draw wires."""
        if about is not self.about or candidates != self.candidates:
            return False
        graph = report.document.graph
        return not any(
            isinstance(edit, Connect)
            and edit.source is not None
            and why_not_connect(graph, edit.source, edit.layer) is not None
            for fix in self.fixes
            for edit in fix.edits
        )


def _cures(fix: Fix, problem: Problem, report: Report, analyse: Analyse) -> bool:
    try:
        after = analyse(apply_fix(report.document, fix), report)
    except EditError:
        return False
    if any(_same_problem(other, problem) for other in after.problems):
        return False
    if problem.severity != "error" and len(after.errors) > len(report.errors):
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
    """Give the end of a path: a place in a list of layers may change, the key in it does not."""
    return path[max(path.rfind("."), path.rfind("]", 0, -1)) + 1 :]


def structural_fixes(problem: Problem, about: LayerReport, report: Report) -> Iterator[Fix]:
    """Offer edits of the graph around a layer that would cure one of its problems."""
    match problem.code:
        case "SHAPE-RANK":
            yield from _rank_fixes(about, report)
        case "MERGE-SHAPE" | "MERGE-RANK":
            yield from _merge_fixes(about)
        case "INPUT-MISSING":
            yield from _sources_for(about.layer, report)
            yield Fix("Remove the layer", (Remove(about.id),))
        case "INPUT-UNKNOWN":
            yield from _source_meant(problem, about.layer, report)


def _sources_for(layer: Layer, report: Report) -> Iterator[Fix]:
    """Offer the nearest layers drawn before this one; those that feed nothing yet come before the others."""
    layers = report.document.graph.layers
    place = next((index for index, other in enumerate(layers) if other.id == layer.id), 0)
    fed = consumers(layers)
    near = [other.id for other in reversed(layers[:place]) if other.id not in layer.inputs]
    near.sort(key=lambda id: id in fed)
    n = len(layer.inputs)
    missing = layer.spec.n_inputs[0] - n if isinstance(layer.spec, Kind) else 1
    if missing == 1:
        for id in near[:2]:
            yield Fix(f"Connect {id} to it", (Connect(id, layer.id, n),))
    elif len(near) >= missing:
        wires = tuple(Connect(id, layer.id, n + port) for port, id in enumerate(near[:missing]))
        yield Fix(f"Connect {listing(near[:missing])} to it", wires)


def _source_meant(problem: Problem, layer: Layer, report: Report) -> Iterator[Fix]:
    port = int(problem.path.rpartition("[")[2].rstrip("]"))
    names = [other.id for other in report.document.graph.layers if other.id != layer.id]
    meant = nearest_name(layer.inputs[port], [*names, *(id for id in report.block_outputs if "/" in id)])
    if meant is not None:
        yield Fix(f"Use {meant}", (Connect(meant, layer.id, port),))


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
    images = [port for port, shape in enumerate(about.input_shapes) if len(shape) > 1]
    if 0 < len(images) < len(about.inputs):
        yield Fix("Insert Flatten", tuple(Insert("Flatten", {}, about.id, port) for port in images))
    wrong = [port for port, shape in enumerate(about.input_shapes) if shape != first]
    if isinstance(spec, PlaceByPlace):
        whole = spec.whole(about.input_shapes)
        wrong = [port for port, shape in enumerate(about.input_shapes) if not spec.joins(shape, whole)]
        yield from _channel_fixes(about, spec, whole, wrong)
    if isinstance(spec, Concat) and all(len(shape) == len(first) for shape in others):
        for axis in range(len(first)):
            if all(shape[:axis] + shape[axis + 1 :] == first[:axis] + first[axis + 1 :] for shape in others):
                yield Fix(f"Join along axis {axis}", (Replace(about.id, "Concat", {"axis": axis}),))
    least = spec.n_inputs[0] if isinstance(spec, Kind) else 1
    if len(about.inputs) - len(wrong) >= least:
        yield Fix("Disconnect what does not match", tuple(Connect(None, about.id, port) for port in reversed(wrong)))


def _channel_fixes(about: LayerReport, spec: PlaceByPlace, whole: Shape, wrong: list[int]) -> Iterator[Fix]:
    """Offer layers that bring the inputs to the same depth, where that is all that keeps them apart."""
    shapes = [about.input_shapes[port] for port in wrong]
    if not all(spec.joins((*shape[:-1], whole[-1]), whole) for shape in shapes):
        return
    edits = tuple(
        Insert("Conv2D", {"filters": whole[-1], "kernel_size": 1}, about.id, port)
        if len(shape) == 3
        else Insert("Dense", {"units": whole[-1]}, about.id, port)
        for port, shape in zip(wrong, shapes, strict=True)
    )
    what = "1×1 convolution" if len(shapes[0]) == 3 else "Dense layer"
    yield Fix(f"Insert a {what} to {values_text((*shapes[0][:-1], whole[-1]))}", edits)
    yield Fix("Make it Concat", (Replace(about.id, "Concat", {}),))
