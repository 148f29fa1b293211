"""Fixes that follow from the graph around a layer: what to insert, connect or remove."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis.fixes.input_shapes import channels_last_fixes, larger_input_fixes
from core.analysis.fixes.merging import merge_fixes
from core.analysis.fixes.moving import moves_after_normalisation
from core.analysis.fixes.unread_pixels import unread_fixes
from core.analysis.report import LayerReport, Report
from core.graph.values import Layer
from core.graph.wiring import consumers
from core.layers.convolution import Conv2D
from core.layers.dense import Dense, Flatten
from core.layers.kind import FEATURES, Kind
from core.problems import Connect, Fix, Insert, Problem, Remove, Replace
from core.text import listing, nearest_name


def structural_fixes(problem: Problem, about: LayerReport, report: Report) -> Iterator[Fix]:
    """Offer edits of the graph around a layer that would fix one of its problems."""
    match problem.code:
        case "SHAPE-RANK":
            yield from _rank_fixes(about, report)
        case "SHAPE-SMALL":
            yield from channels_last_fixes(about, report)
        case "SHAPE-FIT":
            yield from (tuple(channels_last_fixes(about, report)) or larger_input_fixes(about, report))
        case "MERGE-SHAPE" | "MERGE-RANK":
            yield from merge_fixes(about)
        case "INPUT-MISSING":
            yield from _sources_for(about.layer, report)
            yield Fix("Remove the layer", (Remove(about.id),))
        case "INPUT-UNKNOWN":
            yield from _source_meant(problem, about.layer, report)
        case "SHAPE-UNREAD":
            yield from unread_fixes(about)
        case "DROPOUT-ORDER":
            yield from moves_after_normalisation(about, report)


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
        ports = (other for other, source in enumerate(layer.inputs) if source == layer.inputs[port])
        yield Fix(f"Use {meant}", tuple(Connect(meant, layer.id, port) for port in ports))


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
