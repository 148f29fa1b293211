"""Layers that PyTorch has and ONNX has no operator for, read like those of ONNX."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from core.importing.onnx.curves import rounded
from core.importing.onnx.elementwise import signal_of
from core.importing.onnx.operators import OPERATORS
from core.importing.onnx.order import straight
from core.importing.onnx.reading import Given, Step
from core.importing.onnx.signals import Signal
from core.importing.onnx.windows import image_of
from core.shapes import shortest_size


def _spatial_dropout(step: Step) -> Signal:
    signal, rate = straight(step, signal_of(step)), rounded(float(step.needed_setting("ratio")))
    config: dict[str, Any] = {} if rate == 0.5 else {"rate": rate}
    return replace(signal, layer=step.draw("SpatialDropout", signal, **config).layer)


def _adaptive_average(step: Step) -> Signal:
    high, wide = step.needed_setting("output_size")
    return step.draw("AdaptiveAvgPool2D", image_of(step), output_size=shortest_size((high, wide)))


def _local_response(step: Step) -> Signal:
    usual = {"size": 5, "alpha": 1e-4, "beta": 0.75, "k": 2.0}
    config: dict[str, Any] = {name: step.needed_setting(name) for name in usual}
    said = {name: value for name, value in config.items() if value != usual[name]}
    return step.draw("LocalResponseNorm", image_of(step), **said)


LAYERS: Final[Mapping[str, Callable[[Step], Given]]] = {
    **OPERATORS,
    "SpatialDropout": _spatial_dropout,
    "AdaptiveAveragePool": _adaptive_average,
    "LocalResponse": _local_response,
}
"""By the name of the operator: ONNX's, and these."""
