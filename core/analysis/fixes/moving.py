"""Fixes that move a layer."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis.report import LayerReport, Report
from core.graph.wiring import consumers
from core.layers.activation import Activation
from core.layers.normalisation import BatchNorm
from core.problems import Fix, Insert, Remove


def moves_after_normalisation(about: LayerReport, report: Report) -> Iterator[Fix]:
    """Offer to move a Dropout after the last batch normalisation that it leads to, and its activation."""
    feeds = consumers(layer.layer for layer in report.layers.values())
    led_to, last = {about.id}, None
    for id, layer in report.layers.items():  # sources come first
        if not led_to.isdisjoint(layer.layer.inputs):
            led_to.add(id)
            if isinstance(layer.layer.spec, BatchNorm):
                last = id
    while last is not None and len(feeds.get(last, ())) == 1:
        source, last = last, feeds[last][0]
        fed = report.layers[last].layer
        if isinstance(fed.spec, Activation):
            continue
        moved = Insert(about.layer.kind, about.layer.config, last, fed.inputs.index(source), about.id)
        yield Fix(f"Move it before {last}", (Remove(about.id), moved))
        return
