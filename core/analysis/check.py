"""The check: what every layer computes, and everything that is wrong, incrementally and without ever raising."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from operator import is_

from core.analysis.abridging import abridged, first_of, more_like
from core.analysis.advice import DEFAULT_ADVICE, Advised, advise
from core.analysis.fixes import FixTrials
from core.analysis.layer_order import Wiring, wire
from core.analysis.reading.document import document_problems
from core.analysis.report import NOTHING_KNOWN, Facts, Flow, LayerReport, Report, Totals, totals_of
from core.analysis.shape_inference import facts
from core.analysis.structure import ill_wired, structure_problems, takes_no_input
from core.garbage import uncollected
from core.graph.flatten import Flat, flatten
from core.graph.values import Document, Graph, Layer, with_unique_ids
from core.layers import Kind, ReceptiveField
from core.limits import MOST_FAULTY_LAYERS, MOST_OF_A_KIND
from core.problems import Problem
from core.text import counted

_ORDER = {"error": 0, "advice": 1, "note": 2}


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """What a later check of a similar document can reuse."""

    flat: Flat
    wiring: Wiring
    doubtful: tuple[Layer, ...]
    trials: FixTrials
    advised: Advised


@uncollected()
def check(document: Document, previous: Report | None = None, advice: frozenset[str] = DEFAULT_ADVICE) -> Report:
    """Find out what every layer computes and what is wrong or unwise.

    Parameters
    ----------
    document : Document
        Anything may be wrong with it.
    previous : Report, optional
        The report of an earlier state. Layers that are unaffected by the changes keep their `LayerReport` object.
    advice : frozenset of str
        The codes of the advice that is on; `core.analysis.advice` lists them.

    Returns
    -------
    Report
        Every fix that it offers has been tried: its problem is gone afterwards.

    Examples
    --------
    >>> from core.graph.edits import set_config
    >>> from core.io.templates import load_template
    >>> document = load_template("lenet5")
    >>> report = check(document)
    >>> report.layers["conv1"].shape, report.layers["conv1"].parameters, report.totals.parameters, report.errors
    ((28, 28, 6), 156, 61706, ())

    >>> (problem,) = check(set_config(document, "conv1", {"stride": 5})).errors
    >>> print(problem.what, problem.why)
    conv1: a 5×5 filter does not fit a 28×28 input with stride 5. (28 − 5 + 2·2)/5 + 1 = 6.4 is not a whole number.
    >>> [fix.label for fix in problem.fixes]
    ['Use stride 3', 'Use padding 1', 'Round down']
    """
    report = analyse(document, previous, advice)
    trace: Trace = report.trace
    tried = trace.trials.problems_with_fixes(report, partial(analyse, advice=advice))
    return replace(report, problems=tuple(abridged(tuple(tried))))


def analyse(document: Document, previous: Report | None = None, advice: frozenset[str] = DEFAULT_ADVICE) -> Report:
    """Check without trying the fixes."""
    graph = document.graph
    if len({layer.id for layer in graph.layers}) < len(graph.layers):
        graph = replace(graph, layers=with_unique_ids(graph.layers))
    trace: Trace | None = None if previous is None else previous.trace
    flat = flatten(graph, None if trace is None else trace.flat)
    wiring, changed = wire(flat, None if trace is None else trace.wiring)
    known = {} if previous is None else previous.layers
    if changed is None or not wiring.is_simple:
        reports, again = _layer_reports(flat, wiring, known), None
    else:
        reports, again = _reports_again(changed, wiring, known)
    outputs = _outputs(graph, flat, wiring, reports)
    report = Report(document, reports, outputs, (), _totals(reports, again, previous), flat.outputs)
    advised = advise(report, wiring, advice, again, None if trace is None else trace.advised)
    problems = _located(graph, flat, reports, advised.problems)
    some = changed if changed is not None and trace is not None and not trace.doubtful else flat.layers
    doubtful = ill_wired(some, reports)
    problems += structure_problems(graph, flat, wiring, reports, doubtful)
    problems += first_of(flat.problems, lambda problem: problem, MOST_OF_A_KIND)
    problems += document_problems(document)
    if problems:
        place = {id: index for index, id in enumerate(reports)}
        problems.sort(key=lambda problem: (_ORDER[problem.severity], place.get(problem.layer or "", len(place))))
    trials = FixTrials() if trace is None else trace.trials
    return replace(report, problems=tuple(problems), trace=Trace(flat, wiring, doubtful, trials, advised))


def _reports_again(
    changed: Iterable[Layer], wiring: Wiring, known: Mapping[str, LayerReport]
) -> tuple[dict[str, LayerReport], list[str]]:
    """Report again on changed layers, and on those after them as far as what reaches them has changed."""
    reports = dict(known)
    layers = {layer.id: layer for layer in changed}

    def look(id: str) -> bool:
        old = reports[id]
        layer = layers.get(id, old.layer)
        inputs = tuple([None if (source := reports.get(name)) is None else source.flow for name in layer.inputs])
        reports[id] = _layer_report(layer, inputs, old)
        return reports[id].flow is not old.flow

    return reports, wiring.look_again(layers, look)


def _layer_reports(flat: Flat, wiring: Wiring, previous: Mapping[str, LayerReport]) -> dict[str, LayerReport]:
    index = {layer.id: layer for layer in flat.layers}
    reports: dict[str, LayerReport] = {}
    flows: dict[str, Flow] = {}
    for id in wiring.ordered:
        layer = index[id]
        inputs = tuple([flows.get(source) for source in layer.inputs])
        report = previous.get(id)
        if report is None or report.layer is not layer or not _same(report.inputs, inputs):
            report = _layer_report(layer, inputs, report)
        reports[id] = report
        flows[id] = report.flow
    for id in wiring.rest:
        layer, report = index[id], previous.get(id)
        unknown = (None,) * len(layer.inputs)
        if report is None or report.layer is not layer or report.inputs != unknown:
            report = _layer_report(layer, unknown, report)
        reports[id] = report
    return reports


def _same(old: tuple[Flow | None, ...], new: tuple[Flow | None, ...]) -> bool:
    return len(old) == len(new) and all(map(is_, old, new))


def _layer_report(layer: Layer, inputs: tuple[Flow | None, ...], old: LayerReport | None) -> LayerReport:
    known: Facts = NOTHING_KNOWN
    field: ReceptiveField | None = None
    sources = [flow for flow in inputs if flow is not None and flow.shape is not None]
    if isinstance(layer.spec, Kind) and len(sources) == len(inputs):
        least, most = layer.spec.n_inputs
        if least <= len(inputs) and (most is None or len(inputs) <= most):
            shapes = tuple([flow.shape for flow in sources if flow.shape is not None])
            known = facts(layer.spec, shapes)
            if known.shape is not None:
                field = layer.spec.receptive_field(shapes, [flow.receptive_field for flow in sources])
                field = field if field is None or field.readable else None
    reached = takes_no_input(layer) or any(flow is not None and flow.reached for flow in inputs)
    flow = Flow(known.shape, field, reached)
    if old is not None and old.flow == flow:
        flow = old.flow  # the same object: layers downstream need no second look
    return LayerReport(layer, inputs, known, flow)


def _located(
    graph: Graph, flat: Flat, reports: Mapping[str, LayerReport], advice: tuple[Problem, ...]
) -> list[Problem]:
    """Collect the layers' own problems and the advice, and put each one's place in the file before its path."""
    faulty = [report for report in reports.values() if report.faulty]
    if not (faulty or advice):
        return []
    places = {layer.id: f"$.layers[{index}]" for index, layer in enumerate(graph.layers)} | dict(flat.paths)
    problems = []
    seen: set[tuple[str, str]] = set()
    for problem in (*_own_problems(faulty, flat), *advice):
        id = problem.layer or ""
        path = places[id] + problem.path
        # The copies of a block share their place in the file: one cause, one problem.
        if id in flat.paths and (path, problem.code) in seen:
            continue
        seen.add((path, problem.code))
        problems.append(problem.placed(path))
    return problems


def _own_problems(faulty: Sequence[LayerReport], flat: Flat) -> Iterator[Problem]:
    """Yield what is wrong with the settings of layers; the copies of a block that have the same wrong are one."""
    distinct = list(
        {
            (flat.paths.get(report.id, report.id), *(problem.code for problem in report.facts.problems)): report
            for report in reversed(faulty)
        }.values()
    )[::-1]
    for report in distinct[:MOST_FAULTY_LAYERS]:
        yield from report.problems
    rest = distinct[MOST_FAULTY_LAYERS:]
    first = next((problem for report in rest[:1] for problem in report.problems), None)
    if first is not None:
        unknown = any(report.shape is None for report in rest)
        what = f"… and {counted(len(rest), 'more layer has problems', 'more layers have problems')}."
        yield replace(more_like(first, len(rest)), what=what, severity="error" if unknown else first.severity)


def _outputs(graph: Graph, flat: Flat, wiring: Wiring, reports: Mapping[str, LayerReport]) -> tuple[str, ...]:
    if graph.outputs is not None:
        named = dict.fromkeys(flat.outputs.get(id, id) for id in graph.outputs)
        return tuple(id for id in named if id in reports)
    ends = [id for id in wiring.sinks if reports[id].flow.reached]
    return tuple([id for id in ends if not takes_no_input(reports[id].layer)] or ends)  # a spare Input is no result


def _totals(reports: Mapping[str, LayerReport], again: Sequence[str] | None, previous: Report | None) -> Totals:
    """Sum over all layers; where only some have new reports, add the difference that they make."""
    if again is not None and previous is not None and previous.totals.macs is not None:
        before, after = (totals_of(map(layers.__getitem__, again)) for layers in (previous.layers, reports))
        if before.macs is not None and after.macs is not None:
            return previous.totals.changed(before, after)
    return totals_of(reports.values())
