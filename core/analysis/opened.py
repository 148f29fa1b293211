"""What is known about an opened block: the part of a report about one of its copies, under the names inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from core.analysis.report import Facts, Flow, LayerReport, Report, Totals, totals_of
from core.graph.opening import block_at, layers_at, open_block, place_of, places_above
from core.graph.values import Document, layers_by_id
from core.problems import Problem


def opened(report: Report, place: str, previous: Report | None = None) -> Report:
    """Return the report of a copy of a block, drawn as a separate document.

    Parameters
    ----------
    report : Report
        Of the whole document.
    place : str
        As defined in `core.graph.opening`; the whole document's is "".
    previous : Report, optional
        An earlier result, whose objects are reused where nothing about them changed.

    Returns
    -------
    Report
        Its `document` is the opened block. Fixes still apply to the whole document.

    Raises
    ------
    EditError
        If there is no such place.
    """
    flows = {name: _flow(report, source) for name, source in feeding(report, place).items()}
    shapes = {name: None if flow is None else flow.shape for name, flow in flows.items()}
    document = open_block(report.document, place, shapes)
    if previous is not None and document == previous.document:
        document = previous.document
    known = {} if previous is None else previous.layers
    layers = _entrances(document, flows, known)
    layers |= _named_inside(document, place, report, known)
    block_outputs = {
        id.removeprefix(place): end.removeprefix(place)
        for id, end in report.block_outputs.items()
        if id.startswith(place)
    }
    outputs = tuple(block_outputs.get(end, end) for end in document.graph.outputs or ())
    problems = tuple(_problems(report, place))
    inside = [layer for id, layer in layers.items() if id not in flows]
    totals = totals_of(inside) if inside else Totals(0, None, None, None, None)  # it could not be unfolded
    return Report(document, layers, outputs, problems, totals, block_outputs)


def feeding(report: Report, place: str) -> dict[str, str | None]:
    """Return what feeds the inputs of a copy, by name: layers of the flattened graph, uses of blocks, or None."""
    graph = report.document.graph
    name = block_at(graph, place)
    if name is None:
        return {}
    block, above = graph.blocks[name], places_above(place)[-2]
    use, copy = place.removeprefix(above).split("/")[:2]
    if int(copy) > 1 and block.outputs:
        return dict.fromkeys(block.inputs[:1], f"{above}{use}/{int(copy) - 1}/{block.outputs[0]}")
    outer = feeding(report, above)
    sources = next((layer.inputs for layer in layers_at(graph, above) if layer.id == use), ())
    fed_by = [outer[source] if source in outer else above + source for source in sources]
    return dict.fromkeys(block.inputs) | dict(zip(block.inputs, fed_by, strict=False))


def _flow(report: Report, id: str | None) -> Flow | None:
    source = None if id is None else report.of(id)
    return None if source is None else source.flow


def _named_inside(
    document: Document, place: str, report: Report, known: Mapping[str, LayerReport]
) -> dict[str, LayerReport]:
    """Return the reports of the layers of a copy, under the names that they have inside."""
    drawn = layers_by_id(document.graph)
    reports = {}
    for full_id, inner in report.layers.items():
        if full_id.startswith(place):
            id = full_id.removeprefix(place)
            inputs = tuple(source.removeprefix(place) for source in inner.layer.inputs)
            layer = drawn.get(id) or replace(inner.layer, id=id, inputs=inputs)
            named, old = replace(inner, layer=layer), known.get(id)
            same = old is not None and all(getattr(old, part) == getattr(named, part) for part in ("layer", "inputs"))
            reports[id] = old if old is not None and same and old.facts is named.facts else named
    return reports


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
            reports[layer.id] = LayerReport(layer, (), facts, flow)
    return reports


def _problems(report: Report, place: str) -> Iterator[Problem]:
    """Return the problems of the block's layers; one that all copies share may be reported in another copy."""
    graph = report.document.graph
    name = block_at(graph, place)
    for problem in report.problems:
        id = problem.layer or ""
        for other in places_above(place_of(id))[1:]:
            if other == place or block_at(graph, other) == name:
                yield replace(problem, layer=id.removeprefix(other))
                break
