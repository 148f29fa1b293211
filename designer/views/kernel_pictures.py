"""Kernels as pictures: those of a layer that reads a flattened image, and how alike filters are."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from core.analysis.report import LayerReport, Report
from core.shapes import Shape, count


class Flattened(NamedTuple):
    """An image that was laid out as a row before a layer reads it.

    Attributes
    ----------
    shape : (H, W, C)
    is_input : bool
        Whether it is the sample itself.
    """

    shape: Shape
    is_input: bool


def flattened_image(report: Report, layer: LayerReport) -> Flattened | None:
    """Return the image whose values, in the order H, W, C, are the inputs of a Dense layer; None where they aren't.

    Layers between that change no place, such as a Dropout, are looked through.
    """
    kernel = (layer.facts.weights or {}).get("kernel")
    if kernel is None or len(kernel.shape) != 2:
        return None
    while len(layer.layer.inputs) == 1 and len(layer.input_shapes) == 1:
        source = report.layers.get(layer.layer.inputs[0])
        if source is None or source.facts.weights or len(source.input_shapes) != 1:
            return None
        before = source.input_shapes[0]
        if len(before) == 3 and count(before) == kernel.shape[0]:
            flow = source.inputs[0] if source.inputs else None
            field = flow.receptive_field if flow is not None else None
            return Flattened(before, field is not None and field.size == (1, 1))
        if before != source.shape:
            return None
        layer = source
    return None


def likeness(kernel: NDArray[np.floating], number: int) -> NDArray[np.float64]:
    """Return the cosine between a filter and every filter, (K,); 0 where one of them is all zeros.

    >>> likeness(np.array([[1.0, 2.0, 0.0], [0.0, 0.0, -1.0]]), 0).tolist()
    [1.0, 1.0, 0.0]
    """
    matrix = kernel.reshape(-1, kernel.shape[-1]).astype(np.float64)
    norms = np.sqrt(np.square(matrix).sum(axis=0))
    products: NDArray[np.float64] = matrix[:, number] @ matrix
    scale = norms * norms[number]
    return np.divide(products, scale, out=np.zeros_like(products), where=scale > 0)


def likeness_text(kernel: NDArray[np.floating], number: int, what: str = "filter") -> str:
    """Say which other filter is most like one, and which is most unlike it; nothing where there is no other.

    >>> print(likeness_text(np.array([[1.0, 2.0, 0.0], [0.0, 0.0, -1.0]]), 0))
    most like filter 2: 1.00
    most unlike filter 3: 0.00
    """
    cosines = likeness(kernel, number)
    if len(cosines) < 2 or not np.isfinite(cosines).all():
        return ""
    others = np.delete(np.arange(len(cosines)), number)
    most, least = others[cosines[others].argmax()], others[cosines[others].argmin()]
    like, unlike = f"most like {what} {most + 1}", f"most unlike {what} {least + 1}"
    return f"{like}: {cosines[most]:.2f}\n{unlike}: {cosines[least]:.2f}".replace("-", "−")


def facts_text(numbers: NDArray[np.floating]) -> str:
    """Say how large the weights of a filter are: their norm, their mean, the least and the greatest."""
    low, high, norm = (
        float(numbers.min()),
        float(numbers.max()),
        float(np.sqrt(np.square(numbers, dtype=np.float64).sum())),
    )
    text = f"norm {norm:.3f} · mean {float(numbers.mean()):.3f}\n{low:.3f} … {high:.3f}"
    return text.replace("-", "−")
