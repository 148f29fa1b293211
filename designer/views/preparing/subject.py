"""What is prepared: the data set and the shape that the network's Input gives its samples."""

from __future__ import annotations

from core.analysis.report import Report
from core.errors import DataError
from core.io.datasets import Dataset, fitting_for
from core.layers import Kind
from core.shapes import Shape


def input_shape(report: Report) -> Shape | None:
    """Return the shape of the network's Input; None where it has not just one."""
    inputs = [layer for layer in report.layers.values() if _is_input(layer.layer.spec)]
    return inputs[0].shape if len(inputs) == 1 else None


def why_not(dataset: Dataset, shape: Shape | None) -> str:
    """Say why samples can't be prepared for a network; empty where they can."""
    if shape is None:
        return "Samples are prepared for one Input: draw a network that has one."
    try:
        fitting_for(dataset.name, len(dataset), dataset.shape, shape)
    except DataError as error:
        return str(error)
    return ""


def _is_input(spec: object) -> bool:
    return isinstance(spec, Kind) and spec.family == "input"
