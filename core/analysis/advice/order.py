"""Advice about what comes before what: non-linearities, biases, normalisation, dropout."""

from __future__ import annotations

from collections.abc import Iterator

from core.analysis.advice.advice import on_layer
from core.analysis.advice.trail import Trail, Weighted, weighted
from core.analysis.report import LayerReport
from core.problems import Fix, Insert, Problem, Remove, SetConfig


def two_sums(layer: LayerReport, before: Trail) -> Problem | None:
    """Find two convolutions, or two dense layers, with nothing non-linear between them.

    A convolution before the dense layer of a linear classifier is left alone; so are two that factorise one larger
    layer on purpose: a bottleneck with fewer channels than on either side (MobileNet v2's linear bottlenecks), a
    depthwise filter beside a 1×1 one (Xception), 1×n beside n×1.
    """
    first = before.weighted
    if first is None or layer.shape is None:
        return None
    second = weighted(layer, layer.shape)
    if first.dense != second.dense or _factorised(first, second):
        return None
    return on_layer(
        "LINEAR-TWICE",
        layer.id,
        f"it follows {first.id} with nothing non-linear in between.",
        "Two weighted sums in a row amount to one: together they can learn no more than a single layer.",
        (Fix("Insert ReLU", (Insert("ReLU", {}, layer.id),)),),
    )


def _factorised(first: Weighted, second: Weighted) -> bool:
    bottleneck = first.written < min(first.read, second.written)
    split = first.grouped or second.grouped
    crossed = first.size != second.size and 1 in first.size and 1 in second.size and first.size == second.size[::-1]
    return bottleneck or split or crossed


def bias_before_normalisation(layer: LayerReport, before: Trail) -> Problem | None:
    """Find biases that the normalisation after them takes away again."""
    if before.biased is None:
        return None
    return on_layer(
        "BIAS-UNUSED",
        before.biased,
        f"its bias has no effect: {layer.id} subtracts each channel's mean, and the bias with it.",
        f"{layer.id} has a shift of its own."
        if getattr(layer.layer.spec, "affine", False)
        else "It only costs memory.",
        (Fix("Leave the bias out", (SetConfig(before.biased, {"bias": False}),)),),
        field="bias",
    )


def dropout_before_normalisation(layer: LayerReport, before: Trail) -> Problem | None:
    """Find dropout whose noise a batch normalisation measures in training and does not see at inference."""
    if before.dropout is None:
        return None
    return on_layer(
        "DROPOUT-ORDER",
        before.dropout,
        f"it comes before the batch normalisation {layer.id}.",
        f"Dropping values changes their variance in training only, so {layer.id} learns a variance that it never "
        "meets at inference.",
        _without_dropout(before.dropout),
    )


def _without_dropout(id: str) -> Iterator[Fix]:
    yield Fix("Remove the dropout", (Remove(id),))
