"""Advice about pools."""

from __future__ import annotations

from core.analysis.advice.advice import on_layer
from core.analysis.advice.trail import Trail
from core.analysis.report import LayerReport
from core.layers.pooling import Pool
from core.problems import Fix, Problem, SetConfig
from core.shapes import Shape
from core.sliding_windows import window
from core.text import number_text, size_text, with_article


def large_pool(layer: LayerReport, _before: Trail) -> Problem | None:
    """Find windows of more than 3 pixels that don't cover the whole image at once."""
    spec = layer.layer.spec
    if not isinstance(spec, Pool):
        return None
    image, (high, wide) = layer.input_shapes[0], spec.window(layer.input_shapes[0]).axes
    if max(high.f, wide.f) <= 3 or (high.out == wide.out == 1 and high.overhang == wide.overhang == 0):
        return None
    return on_layer(
        "POOL-LARGE",
        layer.id,
        f"{with_article(size_text(spec.pool_size))} pool is larger than 3×3.",
        f"It keeps one value in {number_text(high.f * wide.f)}, which loses too much about where things are.",
        (_pool(layer.id, 2, image), _pool(layer.id, 3, image)),
        field="pool_size",
    )


def _pool(id: str, size: int, image: Shape) -> Fix:
    whole = all(axis.fits for axis in window(image, size, 2).axes)
    config = {"pool_size": size, "stride": 2, "padding": 0, "rounding": "exact" if whole else "floor"}
    return Fix(f"Use {size}×{size} with stride 2", (SetConfig(id, config),))
