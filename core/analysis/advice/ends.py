"""How a network ends: walks from an output back to its sources."""

from __future__ import annotations

from core.analysis.advice.trail import WEIGHTED
from core.analysis.report import LayerReport, Report
from core.layers.global_pooling import GlobalPool


def last_map(report: Report, output: str) -> tuple[LayerReport | None, bool]:
    """Return the last image on the way to an output of features, and whether a global pool ends it."""
    layer = report.layers.get(output)
    while layer is not None and layer.shape is not None and len(layer.layer.inputs) == 1:
        source = report.layers.get(layer.layer.inputs[0])
        if len(layer.shape) == 1 and source is not None and source.shape is not None and len(source.shape) == 3:
            return source, isinstance(layer.layer.spec, GlobalPool)
        layer = source if len(layer.shape) == 1 else None
    return None, False


def last_weighted(report: Report, output: str) -> LayerReport | None:
    """Return the layer whose setting decides how many values an output has: the last one with learned sums."""
    layer = report.layers.get(output)
    while layer is not None and layer.shape is not None:
        if type(layer.layer.spec) in WEIGHTED:
            return layer
        if len(layer.layer.inputs) != 1:
            break
        layer = report.layers.get(layer.layer.inputs[0])
    return None
