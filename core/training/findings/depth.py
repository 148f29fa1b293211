"""Gradients that fade or swell on their way from the loss back to the input."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf
from statistics import median
from typing import ClassVar

from core.layers.activation import Sigmoid, Tanh
from core.training.findings.cures import clipped, drawn, normalised, other_kind, slower, standardised
from core.training.findings.gauges import Gauge
from core.training.findings.rates import BLOCK, last, span
from core.training.findings.sign import Sign, series
from core.training.messages import Finding

FADED = 1e-3
"""Of the layers' largest gradient; less than this reaches the first layer of no healthy run."""
SWOLLEN = 10.0
"""A gradient so many times as large as the weights throws them away in one step of any usual rate."""
LARGE = 1.0
"""Per weight; weights that are about 0 have smaller gradients that are many times as large as they."""


class Vanishing(Sign):
    """The gradient of the first layer is less than a thousandth of that of a later one."""

    code: ClassVar = "vanishing_gradients"
    title: ClassVar = "Gradients vanish by depth"
    cures: ClassVar = "ReLU for Tanh and Sigmoid; BatchNorm before activations; He's initialisation"

    def after_gauge(self, gauges: Sequence[Gauge]) -> Finding | None:
        """Compare the medians of the last measured steps by layer; a first layer that is dead is another matter."""
        if len(gauges) < BLOCK or self.facts.zero_since is not None or len(gauges[-1].layers) < 3:
            return None
        judged = last(gauges)
        sizes = {id: median(gauge.layers[id].gradient for gauge in judged) for id in gauges[-1].layers}
        first, largest = next(iter(sizes)), max(sizes, key=lambda id: sizes[id])
        share = sizes[first] / sizes[largest] if sizes[largest] else 1.0
        if share >= FADED:
            return None
        newest = gauges[-1]
        what = (
            f"The gradient of {first} ({sizes[first]:.1e} per weight) is {share:.0e} of that of {largest} "
            f"({sizes[largest]:.1e}; {span(gauges)}): "
            "what is before it hardly learns."
        )
        why = "Use ReLU instead of Tanh or Sigmoid, BatchNorm, or weights drawn for the activations that are used."
        curves = curves_of(self)
        evidence = series(f"gradient of {first}, share of that of {largest}", _shares(gauges, first, largest))
        cures = (
            *other_kind(curves, "ReLU"),
            *normalised(self.facts.network.program, curves or relus_of(self)),
            *drawn(self.facts.network.document, self.facts.training, "he_normal"),
        )
        return self.found(newest.step, what, why, badges={first: "vanishing"}, evidence=evidence, cures=cures)


class Exploding(Sign):
    """The gradient of a layer is more than ten times as large as its weights."""

    code: ClassVar = "exploding_gradients"
    title: ClassVar = "Gradients explode"
    cures: ClassVar = "gradients clipped to a norm of 1; He's initialisation; samples standardised"

    def after_gauge(self, gauges: Sequence[Gauge]) -> Finding | None:
        """Judge the newest step: such a run does not last long."""
        newest = gauges[-1]
        pulls = {id: layer.pull for id, layer in newest.layers.items() if layer.gradient > LARGE}
        swollen = {id: "exploding" for id, pull in pulls.items() if SWOLLEN < pull < inf}
        if not swollen:
            return None
        most = max(swollen, key=lambda id: pulls[id])
        what = (
            f"The gradient of {most} is {pulls[most]:.1e} times as large as its weights in batch {newest.step:,} "
            f"(loss {newest.loss:.3g}); more than {SWOLLEN:g} times throws them away."
        )
        why = "Draw smaller weights, scale the samples, or clip the gradient."
        facts = self.facts
        cures = (
            *drawn(facts.network.document, facts.training, "he_normal"),
            *clipped(facts.training),
            *standardised(facts.training),
            *slower(facts.training, 100),
        )
        evidence = series(f"gradient of {most}, times its weights", ((g.step, g.layers[most].pull) for g in gauges))
        return self.found(newest.step, what, why, badges=swollen, evidence=evidence, cures=cures)


def curves_of(sign: Sign) -> list[str]:
    """Return the ids of the hidden Tanh and Sigmoid layers, in the network's order."""
    return [node.id for node in sign.facts.hidden if isinstance(node.kind, Tanh | Sigmoid)]


def relus_of(sign: Sign) -> list[str]:
    """Return the ids of the layers after which ReLUs shut units."""
    return [gate.relu for gate in sign.facts.gauges.gates]


def _shares(gauges: Sequence[Gauge], one: str, other: str) -> list[tuple[int, float]]:
    sizes = [(gauge.step, gauge.layers[one].gradient, gauge.layers[other].gradient) for gauge in gauges]
    return [(step, a / b) for step, a, b in sizes if b]
