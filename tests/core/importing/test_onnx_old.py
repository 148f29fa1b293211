"""What older operator sets say as attributes, beside ONNX Runtime."""

from __future__ import annotations

import numpy as np
import pytest

from tests.core.importing.models import difference, drawn, kinds, node, write

IMAGE = {"x": ("N", 4, 9, 7)}

OLD = {
    "Clip": (7, [node("Clip", "x", "y", min=0.0, max=6.0)], {}, ["ReLU6"]),
    "Pad": (7, [node("Pad", "x", "y", pads=[0, 0, 1, 2, 0, 0, 0, 1], mode="reflect")], {}, ["ReflectPad2D"]),
    "Pad by value": (7, [node("Pad", "x", "y", pads=[0, 0, 1, 2, 0, 0, 0, 1], value=0.0)], {}, ["ZeroPad2D"]),
    "Slice": (7, [node("Slice", "x", "y", starts=[1, 2], ends=[-1, 9], axes=[2, 3])], {}, ["Crop2D"]),
    "Upsample": (7, [node("Upsample", "x", "y", scales=[1.0, 1.0, 2.0, 3.0])], {}, ["Upsample2D"]),
    "Upsample by input": (
        9, [node("Upsample", "x s", "y")], {"s": np.array([1, 1, 2, 2], np.float32)}, ["Upsample2D"]
    ),
    "Resize": (10, [node("Resize", "x s", "y")], {"s": np.array([1, 1, 2, 2], np.float32)}, ["Upsample2D"]),
    "Dropout": (7, [node("Dropout", "x", "y", ratio=0.25)], {}, ["Dropout"]),
    "Dropout by input": (12, [node("Dropout", "x r", "y")], {"r": np.array(0.25, np.float32)}, ["Dropout"]),
    "Squeeze": (
        11,
        [node("GlobalAveragePool", "x", "p"), node("Squeeze", "p", "s", axes=[2, 3]), node("Gemm", "s w b", "y")],
        {"w": drawn(4, 3), "b": drawn(3)},
        ["GlobalAvgPool2D", "Dense"],
    ),
    "ReduceMean": (13, [node("ReduceMean", "x", "y", axes=[2, 3])], {}, ["GlobalAvgPool2D"]),
    "ReduceMean by input": (18, [node("ReduceMean", "x a", "y")], {"a": np.array([2, 3])}, ["GlobalAvgPool2D"]),
    "BatchNormalization": (
        7,
        [node("BatchNormalization", "x g b m v", "y")],
        {"g": drawn(4), "b": drawn(4), "m": drawn(4), "v": drawn(4, low=0.5)},
        ["BatchNorm"],
    ),
    "Gemm with C": (
        7, [node("Flatten", "x", "f"), node("Gemm", "f w b", "y")], {"w": drawn(252, 3), "b": drawn(3)},
        ["Flatten", "Dense"],
    ),
    "Split in halves": (
        13,
        [node("Relu", "x", "r"), node("Split", "r", "a b", axis=3), node("Concat", "b a", "y", axis=3)],
        {},
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OLD)
def test_an_operator_is_read_as_its_set_has_it(case, tmp_path):
    opset, nodes, constants, expected = OLD[case]
    inputs = {"x": ("N", 4, 9, 8)} if expected is None else IMAGE
    away, imported = difference(write(tmp_path / "model.onnx", nodes, inputs, constants, opset=opset))
    assert away < 1e-5
    assert expected is None or kinds(imported)[1:] == expected


@pytest.mark.parametrize("opset", [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23])
def test_a_network_is_read_in_every_operator_set(opset, tmp_path):
    nodes = [
        node("Conv", "x k b", "c", pads=[1, 1, 1, 1]),
        node("BatchNormalization", "c g o m v", "n"),
        node("Relu", "n", "r"),
        node("MaxPool", "r", "p", kernel_shape=[3, 3], strides=[2, 2]),
        node("Flatten", "p", "f"),
        node("Gemm", "f w u", "s", transB=1),
        node("Softmax", "s", "y", axis=1),
    ]
    constants = {"k": drawn(5, 4, 3, 3), "b": drawn(5), "g": drawn(5), "o": drawn(5), "m": drawn(5)}
    constants |= {"v": drawn(5, low=0.5), "w": drawn(3, 60), "u": drawn(3)}
    away, imported = difference(write(tmp_path / "model.onnx", nodes, IMAGE, constants, opset=opset))
    assert kinds(imported)[1:] == ["Conv2D", "BatchNorm", "ReLU", "MaxPool2D", "Flatten", "Dense", "Softmax"]
    assert away < 1e-5
