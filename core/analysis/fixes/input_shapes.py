"""Fixes at the Input for errors of layers that slide over its images."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis.advice import Advised
from core.analysis.report import LayerReport, Report
from core.layers.convolution import Conv2D
from core.layers.input import Input
from core.layers.local import LocallyConnected2D
from core.problems import Fix, SetConfig
from core.shapes import Shape, channels_last
from core.sliding_windows import fitting_padding
from core.text import shape_text


def channels_last_fixes(about: LayerReport, report: Report) -> Iterator[Fix]:
    """Offer to turn round the shape of the Input that leads to a layer, if it looks like channels first."""
    advised: Advised = report.trace.advised
    entry = advised.seen[about.id].before.entry
    meant = None if entry is None else channels_last(entry[1])
    if entry is not None and meant is not None:
        yield _reshaped(entry[0], meant)


def larger_input_fixes(about: LayerReport, report: Report) -> Iterator[Fix]:
    """Offer the next larger images that a filter fits, where it follows the Input directly and no padding would do."""
    spec = about.layer.spec
    source = report.layers.get(about.layer.inputs[0])
    if not isinstance(spec, Conv2D | LocallyConnected2D) or source is None or not isinstance(source.layer.spec, Input):
        return
    window = spec.window(about.input_shapes[0])
    if fitting_padding(window, spec.padding, "filter") is None:
        high, wide = (axis.n + axis.missing for axis in window.axes)
        yield _reshaped(source.id, (high, wide, window.image[2]))


def _reshaped(id: str, shape: Shape) -> Fix:
    return Fix(f"Make {id} {shape_text(shape)}", (SetConfig(id, {"shape": shape}),))
