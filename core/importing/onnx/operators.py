"""The operators that are read: one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from core.importing.onnx.curves import BINARY, PLAIN, UNARY
from core.importing.onnx.dense import gemm, matmul
from core.importing.onnx.elementwise import binary, prelu, unary
from core.importing.onnx.moving import MOVES
from core.importing.onnx.normalising import (
    batch_norm,
    dropout,
    group_norm,
    instance_norm,
    layer_norm,
    local_response,
    normalised_node,
    softmax,
)
from core.importing.onnx.reading import Given, Step
from core.importing.onnx.rearranging import cast, concat, expand, move, pad, resize, shape, size
from core.importing.onnx.spelled_out import NORMALISED
from core.importing.onnx.windows import convolution, global_pool, pool, reduced, transposed_convolution

OPERATORS: Final[Mapping[str, Callable[[Step], Given]]] = {
    **dict.fromkeys(MOVES, move),
    **dict.fromkeys((*UNARY, *PLAIN), unary),
    **dict.fromkeys((*BINARY, "Mean"), binary),
    "Conv": convolution,
    "ConvTranspose": transposed_convolution,
    "MaxPool": pool,
    "AveragePool": pool,
    "LpPool": pool,
    "GlobalAveragePool": global_pool,
    "GlobalMaxPool": global_pool,
    "ReduceMean": reduced,
    "ReduceMax": reduced,
    "Gemm": gemm,
    "MatMul": matmul,
    "BatchNormalization": batch_norm,
    "LayerNormalization": layer_norm,
    "InstanceNormalization": instance_norm,
    "GroupNormalization": group_norm,
    NORMALISED: normalised_node,
    "LRN": local_response,
    "Softmax": softmax,
    "Dropout": dropout,
    "PRelu": prelu,
    "Concat": concat,
    "Pad": pad,
    "Resize": resize,
    "Upsample": resize,
    "Shape": shape,
    "Size": size,
    "Cast": cast,
    "Expand": expand,
}
"""By name in ONNX; whatever isn't here is refused by its name."""
