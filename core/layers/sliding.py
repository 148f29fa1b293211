"""What filters and pools have in common beyond the arithmetic of windows."""

from __future__ import annotations

from core.layers.kind import ReceptiveField
from core.windows import Window


def slide_field(found: Window, field: ReceptiveField | None) -> ReceptiveField | None:
    """Widen a receptive field by a sliding window: `r += (F − 1)·D·j`, then `j *= S`.

    The whole input (None) stays the whole input. Source: Araujo, Norris and Sim, "Computing Receptive Fields of
    Convolutional Neural Networks", Distill 2019.
    """
    if field is None:
        return None
    (high, wide), (jump_h, jump_w) = field.size, field.jump
    size = (high + (found.high.span - 1) * jump_h, wide + (found.wide.span - 1) * jump_w)
    return ReceptiveField(size, (jump_h * found.high.stride, jump_w * found.wide.stride))
