"""Advice about Softmax, and about the activation before the loss."""

from __future__ import annotations

from collections.abc import Iterator
from math import e
from typing import Final

from core.analysis.advice.advice import Overview, on_layer
from core.analysis.advice.ends import last_weighted
from core.analysis.advice.trail import KEEPING, WEIGHTED, Trail
from core.analysis.report import LayerReport
from core.layers import KINDS
from core.layers.activation import ReLU, Sigmoid, Softmax, Tanh
from core.layers.dense import Flatten
from core.layers.rectifiers import ReLU6
from core.layers.regularisation import Dropout
from core.layers.smooth import HardSigmoid, Softplus, Softsign
from core.learning.losses import Loss
from core.problems import Fix, Problem, Remove, Replace, SetTraining
from core.shapes import n_scores

RANGES: Final[dict[type[object], str]] = {
    ReLU: "at 0 or above",
    ReLU6: "between 0 and 6",
    Sigmoid: "between 0 and 1",
    HardSigmoid: "between 0 and 1",
    Softplus: "above 0",
    Softsign: "between −1 and 1",
    Tanh: "between −1 and 1",
}
"""Activations whose values are bounded."""

COMPUTING: Final = frozenset(
    kind
    for kind in KINDS.values()
    if kind in WEIGHTED
    or (kind.family in ("activation", "normalisation") and kind not in KEEPING and kind is not Softmax)
)
"""Kinds that turn probabilities into something else."""


def second_softmax(layer: LayerReport, before: Trail) -> Problem | None:
    """Find a Softmax of probabilities."""
    if before.softmax is None or layer.shape is None:
        return None
    n = layer.shape[-1]
    return on_layer(
        "SOFTMAX-TWICE",
        layer.id,
        f"{before.softmax} before it already gives probabilities.",
        f"A second Softmax evens them out: of {n} classes none can rise above e/(e + {n - 1}) = {e / (e + n - 1):.2f}.",
        (Fix(f"Remove {layer.id}", (Remove(layer.id),)), Fix(f"Remove {before.softmax}", (Remove(before.softmax),))),
    )


def early_softmax(layer: LayerReport, before: Trail) -> Problem | None:
    """Find a Softmax with whose probabilities later layers compute."""
    if before.softmax is None:
        return None
    return on_layer(
        "SOFTMAX-EARLY",
        before.softmax,
        f"it is not the last layer: {layer.id} goes on computing with its probabilities.",
        "Inside a network it lets little gradient through; only the loss needs probabilities.",
        (
            Fix("Make it ReLU", (Replace(before.softmax, "ReLU", {}),)),
            Fix(f"Remove {before.softmax}", (Remove(before.softmax),)),
        ),
    )


def softmax_before_loss(overview: Overview) -> Iterator[Problem]:
    """Find a Softmax that is not directly before the loss, which then takes its probabilities for scores."""
    if overview.report.document.training.settings.loss.under != "Softmax":
        return
    for output in overview.report.outputs:
        softmax = overview.seen[output].after.softmax
        if softmax is None or softmax == output:
            continue
        yield on_layer(
            "SOFTMAX-EARLY",
            softmax,
            f"it is not the last layer before the loss: {output} follows.",
            "The loss computes from the scores only where a Softmax comes last; here it would apply Softmax to the "
            "probabilities.",
            (Fix(f"Remove {softmax}", (Remove(softmax),)),),
        )


def unfit_last_activation(overview: Overview) -> Iterator[Problem]:
    """Find activations directly before a loss of scores that bound them, or that belong to another loss."""
    report = overview.report
    loss = report.document.training.settings.loss
    if not loss.needs_room:
        return
    for output in report.outputs:
        layer = report.layers[output]
        if layer.shape is None or n_scores(layer.shape) is None:
            continue
        if loss.under != "Softmax" and isinstance(layer.layer.spec, Softmax):
            yield _probabilities_for_scores(layer, loss)
            continue
        if type(layer.layer.spec).__name__ == loss.under:
            layer = report.layers[layer.layer.inputs[0]]
        while isinstance(layer.layer.spec, Softmax | Flatten | Dropout) and len(layer.layer.inputs) == 1:
            layer = report.layers[layer.layer.inputs[0]]
        range_text = RANGES.get(type(layer.layer.spec))
        if range_text is None or last_weighted(overview.report, layer.id) is None:
            continue
        ends = layer.id == output
        yield on_layer(
            "LOSS-OUTPUT",
            layer.id,
            f"it keeps the scores {range_text}, but {loss.label()} needs them unbounded.",
            loss.needs_room
            + (", and where ReLU gives 0, nothing is learned." if isinstance(layer.layer.spec, ReLU | ReLU6) else "."),
            (
                *((Fix(f"Make it {loss.under}", (Replace(layer.id, loss.under, {}),)),) if ends else ()),
                Fix(f"Remove {layer.id}", (Remove(layer.id),)),
            ),
        )


def _probabilities_for_scores(layer: LayerReport, loss: Loss) -> Problem:
    """Speak of a last Softmax whose probabilities the loss would take for scores."""
    return on_layer(
        "LOSS-OUTPUT",
        layer.id,
        f"it gives probabilities, but {loss.label()} takes its outputs for scores and applies {loss.under} to them.",
        "Probabilities lie between 0 and 1, so that no answer could be certain.",
        (
            Fix(f"Make it {loss.under}", (Replace(layer.id, loss.under, {}),)),
            Fix(f"Remove {layer.id}", (Remove(layer.id),)),
            Fix("Train with cross-entropy", (SetTraining({"loss": None}),)),
        ),
    )
