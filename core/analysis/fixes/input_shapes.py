"""Fixes at the Input for errors of layers that slide over its images."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis.advice import Advised
from core.analysis.report import LayerReport, Report
from core.problems import Fix, SetConfig
from core.shapes import Shape, channels_last
from core.text import shape_text


def channels_last_fixes(about: LayerReport, report: Report) -> Iterator[Fix]:
    """Offer to turn round the shape of the Input that leads to a layer, if it looks like channels first."""
    advised: Advised = report.trace.advised
    entry = advised.seen[about.id].before.entry
    meant = None if entry is None else channels_last(entry[1])
    if entry is not None and meant is not None:
        yield _reshaped(entry[0], meant)


def _reshaped(id: str, shape: Shape) -> Fix:
    return Fix(f"Make {id} {shape_text(shape)}", (SetConfig(id, {"shape": shape}),))
