"""Nodes that multiply by a matrix."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.importing.onnx.elementwise import signal_of
from core.importing.onnx.order import as_image, dims_text
from core.importing.onnx.reading import Step
from core.importing.onnx.signals import Signal, turned_back, upright

Array = NDArray[Any]


def gemm(step: Step) -> Signal:
    """Read Gemm: α·A·B + β·C, with A or B transposed."""
    turned_a, turned_b = bool(step.setting("transA", 0)), bool(step.setting("transB", 0))
    alpha, beta = float(step.setting("alpha", 1.0)), float(step.setting("beta", 1.0))
    bias = step.constant(2)
    if isinstance(step.value(0), np.ndarray):
        signal, matrix, own = signal_of(step, 1), step.needed(0), 0
        rows_are_samples = signal.batch_last == turned_b
        kernel = matrix if turned_a else matrix.T
        if rows_are_samples:
            raise step.refuse("it multiplies across the samples of a batch.")
    else:
        signal, matrix, own = signal_of(step), step.needed(1), 1
        if signal.batch_last != turned_a:
            raise step.refuse("it multiplies across the samples of a batch.")
        kernel = matrix.T if turned_b else matrix
    kernel = kernel if alpha == 1 else kernel * np.asarray(alpha, kernel.dtype)
    if bias is not None:
        column = own == 0  # the units are rows then
        bias = _bias(step, bias if beta == 1 else bias * np.asarray(beta, bias.dtype), kernel.shape[-1], column)
    return _dense(step, signal, kernel, bias, own, batch_last=own == 0)


def matmul(step: Step) -> Signal:
    """Read MatMul with a constant matrix."""
    if isinstance(step.value(0), np.ndarray):
        signal, matrix, own = signal_of(step, 1), step.needed(0).T, 0
        if not signal.batch_last:
            raise step.refuse("it multiplies across the samples of a batch.")
    else:
        signal, matrix, own = signal_of(step), step.needed(1), 1
    if matrix.ndim != 2 or len(signal.dims) not in (1, 3):
        raise step.refuse(f"it multiplies {dims_text(signal)} values with an array of {matrix.ndim} axes.")
    if len(signal.dims) == 1:
        return _dense(step, signal, matrix, None, own, batch_last=own == 0)
    found, axes = upright(signal)
    if axes[0] != 2 or matrix.shape[0] != signal.dims[2]:
        raise step.refuse("it multiplies along a side of an image; Convograph's filters multiply channels.")
    image = as_image(step, found)
    kernel = matrix.reshape(1, 1, *matrix.shape)
    drawn = step.draw(
        "Conv2D", image, weights={"kernel": kernel}, own=own, filters=matrix.shape[1], kernel_size=1, bias=False
    )
    step.drawing.say(f"{drawn.layer}: a matrix for each pixel is a 1×1 filter.")
    return turned_back(drawn, axes)


def _dense(step: Step, signal: Signal, kernel: Array, bias: Array | None, own: int, *, batch_last: bool) -> Signal:
    if len(signal.dims) != 1:
        raise step.refuse(f"it multiplies {dims_text(signal)} values; Convograph's Dense takes features N×C.")
    if kernel.ndim != 2 or kernel.shape[0] != signal.dims[0]:
        raise step.refuse(f"its matrix has {kernel.shape[0] if kernel.ndim else 0} rows for {signal.dims[0]} features.")
    if signal.order is not None:
        if len(signal.shape) != 1 or not signal.complete:
            raise step.refuse("it reads features in an order that no kind of Convograph gives.")
        ours = np.empty_like(kernel)
        ours[signal.order] = kernel
        kernel = ours
    weights = {"kernel": kernel} | ({} if bias is None else {"bias": bias})
    config: dict[str, Any] = {"units": kernel.shape[1]} | ({} if bias is not None else {"bias": False})
    plain = replace(signal, order=None, batch_last=False)
    drawn = step.draw("Dense", plain, weights=weights, own=own, **config)
    if signal.order is not None:
        step.drawing.say(f"{drawn.layer}: the rows of its kernel stand in the order H, W, C, as Flatten gives them.")
    return replace(drawn, batch_last=batch_last)


def _bias(step: Step, bias: Array, units: int, column: bool) -> Array:
    try:
        shaped = np.broadcast_to(bias, (units, 1) if column else (1, units))
    except ValueError as error:
        raise step.refuse(f"its {bias.size:,} constants are not one for each of {units:,} units.") from error
    return shaped.reshape(units)
