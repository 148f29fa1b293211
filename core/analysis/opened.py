"""What is known of an opened block: the part of a report that speaks of one of its copies, under the names inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from core.analysis.report import Facts, Flow, LayerReport, Report, Totals, totals_of
from core.graph.opening import block_at, open_block, place_of, places_above
from core.graph.values import Document, Graph, Layer
from core.problems import Problem


def opened(report: Report, place: str, previous: Report | None = None) -> Report:
    """Give the report of a copy of a block, drawn as a document of its own.

    Parameters
    ----------
    report : Report
        Of the whole document.
    place : str
        As `core.graph.opening` says; the whole document's is "".
    previous : Report, optional
        An earlier result, whose objects are used again where nothing about them changed.

    Returns
    -------
    Report
        Its `document` is the opened block. Fixes still speak of the whole document.

    Raises
    ------
    EditError
        If there is no such place.
    """
    flows = _entering(report, place)
    shapes = {name: None if flow is None else flow.shape for name, flow in flows.items()}
    document = open_block(report.document, place, shapes)
    if previous is not None and document == previous.document:
        document = previous.document
    layers = _entrances(document, flows, {} if previous is None else previous.layers)
    layers |= {id.removeprefix(place): found for id, found in report.layers.items() if id.startswith(place)}
    block_outputs = {
        id.removeprefix(place): end.removeprefix(place)
        for id, end in report.block_outputs.items()
        if id.startswith(place)
    }
    outputs = tuple(block_outputs.get(end, end) for end in document.graph.outputs or ())
    problems = tuple(_problems(report, place))
    inside = [found for id, found in layers.items() if id not in flows]
    totals = totals_of(inside) if inside else Totals(0, None, None, None, None)  # it could not be unfolded
    return Report(document, layers, outputs, problems, totals, block_outputs)


def _entering(report: Report, place: str) -> dict[str, Flow | None]:
    """Find what reaches the inputs of a copy, by their names."""
    graph = report.document.graph
    name = block_at(graph, place)
    if name is None:
        return {}
    block, above = graph.blocks[name], places_above(place)[-2]
    use, copy = place.removeprefix(above).split("/")[:2]
    if int(copy) > 1 and block.outputs:
        before = f"{above}{use}/{int(copy) - 1}/{block.outputs[0]}"
        return dict.fromkeys(block.inputs[:1], _flow(report, before))
    outer = _entering(report, above)
    sources = next((layer.inputs for layer in _layers(graph, above) if layer.id == use), ())
    found = [outer[source] if source in outer else _flow(report, above + source) for source in sources]
    return dict.fromkeys(block.inputs) | dict(zip(block.inputs, found, strict=False))


def _layers(graph: Graph, place: str) -> tuple[Layer, ...]:
    name = block_at(graph, place)
    return graph.layers if name is None else graph.blocks[name].layers


def _flow(report: Report, id: str) -> Flow | None:
    found = report.of(id)
    return None if found is None else found.flow


def _entrances(
    document: Document, flows: Mapping[str, Flow | None], known: Mapping[str, LayerReport]
) -> dict[str, LayerReport]:
    """Report on the inputs of an opened block, which are drawn as layers."""
    reports = {}
    for layer in document.graph.layers[: len(flows)]:
        flow = flows[layer.id] or Flow(None, None, False)
        old = known.get(layer.id)
        if old is not None and old.layer is layer and old.flow == flow:
            reports[layer.id] = old
        else:
            counts = None if flow.shape is None else 0
            facts = Facts(flow.shape, {}, counts, counts)
            reports[layer.id] = LayerReport(layer, (), facts, flow, ())
    return reports


def _problems(report: Report, place: str) -> Iterator[Problem]:
    """Give the problems of the block's layers; one that all copies share may have been found in another copy."""
    graph = report.document.graph
    name = block_at(graph, place)
    for problem in report.problems:
        id = problem.layer or ""
        for other in places_above(place_of(id))[1:]:
            if other == place or block_at(graph, other) == name:
                yield replace(problem, layer=id.removeprefix(other))
                break
