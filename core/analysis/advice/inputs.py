"""Advice about Inputs."""

from __future__ import annotations

from core.analysis.advice.advice import on_layer
from core.analysis.advice.trail import Trail
from core.analysis.report import LayerReport
from core.problems import Fix, Problem, SetConfig
from core.shapes import channels_last
from core.text import counted, shape_text


def channels_first(layer: LayerReport, _before: Trail) -> Problem | None:
    """Find Inputs whose shape begins with the channels; with padding “same” nothing after them fails."""
    shape = layer.shape
    meant = None if shape is None else channels_last(shape)
    if shape is None or meant is None:
        return None
    high, wide, channels = shape
    return on_layer(
        "CHANNELS-FIRST",
        layer.id,
        f"{shape_text(shape)} looks like channels first (C×H×W).",
        f"Shapes are height × width × channels: this is an image {counted(high, 'pixel')} high and {wide} wide, "
        f"of {channels} channels.",
        (Fix(f"Use {shape_text(meant)}", (SetConfig(layer.id, {"shape": meant}),)),),
        field="shape",
    )
