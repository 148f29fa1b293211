"""ONNX operators as kinds of ours, beside ONNX Runtime."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ModelError
from core.importing.importers import read_model

pytest.importorskip("onnx")

from tests.core.importing.models import difference, drawn, kinds, node, onnx, write

IMAGE = {"x": ("N", 4, 9, 7)}
ROW = {"x": ("N", 6)}
CLOSE = 1e-5


def affine(c, low=0.5):
    return {"g": drawn(c, low=low), "b": drawn(c)}


STATISTICS = {**affine(4), "m": drawn(4), "v": drawn(4, low=0.5)}

SINGLE = {
    "Conv2D": (
        node("Conv", "x w b", "y", pads=[1, 0, 2, 1], strides=[2, 1]),
        IMAGE,
        {"w": drawn(5, 4, 3, 2), "b": drawn(5)},
    ),
    "Conv2D, groups": (node("Conv", "x w", "y", group=2, dilations=[2, 1]), IMAGE, {"w": drawn(6, 2, 3, 3)}),
    "Conv2D, SAME_UPPER": (
        node("Conv", "x w", "y", auto_pad="SAME_UPPER", strides=[2, 2]),
        IMAGE,
        {"w": drawn(3, 4, 4, 2)},
    ),
    "Conv2D, SAME_LOWER": (
        node("Conv", "x w", "y", auto_pad="SAME_LOWER", strides=[2, 2]),
        IMAGE,
        {"w": drawn(3, 4, 4, 2)},
    ),
    "ConvTranspose2D": (
        node("ConvTranspose", "x w b", "y", strides=[2, 3], pads=[1, 0, 0, 1], output_padding=[1, 2]),
        IMAGE,
        {"w": drawn(4, 3, 3, 2), "b": drawn(3)},
    ),
    "ConvTranspose2D, groups": (
        node("ConvTranspose", "x w", "y", group=2, dilations=[2, 1], strides=[1, 2]),
        IMAGE,
        {"w": drawn(4, 3, 2, 2)},
    ),
    "ConvTranspose2D, SAME_UPPER": (
        node("ConvTranspose", "x w", "y", auto_pad="SAME_UPPER", strides=[2, 2]),
        IMAGE,
        {"w": drawn(4, 2, 3, 3)},
    ),
    "MaxPool2D": (node("MaxPool", "x", "y", kernel_shape=[3, 2], strides=[2, 2], pads=[1, 0, 1, 1]), IMAGE, {}),
    "MaxPool2D, ceil": (
        node("MaxPool", "x", "y", kernel_shape=[3, 3], strides=[2, 2], ceil_mode=1, dilations=[1, 2]),
        IMAGE,
        {},
    ),
    "AvgPool2D": (node("AveragePool", "x", "y", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]), IMAGE, {}),
    "AvgPool2D, counted": (
        node("AveragePool", "x", "y", kernel_shape=[3, 3], strides=[2, 1], pads=[1, 0, 1, 1], count_include_pad=1),
        IMAGE,
        {},
    ),
    "AvgPool2D, ceil": (node("AveragePool", "x", "y", kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1), IMAGE, {}),
    "L2Pool2D": (node("LpPool", "x", "y", kernel_shape=[3, 2], p=2, strides=[2, 1]), IMAGE, {}),
    "GlobalAvgPool2D": (node("GlobalAveragePool", "x", "y"), IMAGE, {}),
    "GlobalMaxPool2D": (node("GlobalMaxPool", "x", "y"), IMAGE, {}),
    "GlobalAvgPool2D, mean": (node("ReduceMean", "x", "y", axes=[-1, 2], keepdims=0), IMAGE, {}),
    "GlobalMaxPool2D, max": (node("ReduceMax", "x", "y", axes=[2, 3]), IMAGE, {}),
    "BatchNorm": (node("BatchNormalization", "x g b m v", "y", epsilon=1e-3), IMAGE, STATISTICS),
    "InstanceNorm": (node("InstanceNormalization", "x g b", "y"), IMAGE, affine(4)),
    "LayerNorm": (node("LayerNormalization", "x g b", "y"), ROW, affine(6)),
    "LocalResponseNorm": (node("LRN", "x", "y", size=3, alpha=0.3, beta=0.6, bias=1.5), IMAGE, {}),
    "PReLU": (node("PRelu", "x s", "y"), IMAGE, {"s": drawn(4, 1, 1)}),
    "PReLU, shared": (node("PRelu", "x s", "y"), IMAGE, {"s": drawn(1)}),
    "Softmax": (node("Softmax", "x", "y", axis=1), IMAGE, {}),
    "Dense": (node("Gemm", "x w b", "y", transB=1, alpha=0.5, beta=2.0), ROW, {"w": drawn(3, 6), "b": drawn(3)}),
    "Dense, one bias": (node("Gemm", "x w b", "y"), ROW, {"w": drawn(6, 3), "b": drawn(1)}),
    "ZeroPad2D": (node("Pad", "x p", "y"), IMAGE, {"p": np.array([0, 0, 1, 2, 0, 0, 0, 1])}),
    "PadChannels": (node("Pad", "x p", "y"), IMAGE, {"p": np.array([0, 1, 0, 0, 0, 2, 0, 0])}),
    "ReflectPad2D": (node("Pad", "x p", "y", mode="reflect"), IMAGE, {"p": np.array([0, 0, 1, 2, 0, 0, 0, 1])}),
    "Crop2D": (
        node("Slice", "x s e a", "y"),
        IMAGE,
        {"s": np.array([1, -5]), "e": np.array([8, 9]), "a": np.array([2, 3])},
    ),
    "Upsample2D": (
        node("Resize", ["x", "", "s"], "y", coordinate_transformation_mode="asymmetric", nearest_mode="floor"),
        IMAGE,
        {"s": np.array([1, 1, 2, 3], np.float32)},
    ),
    "Upsample2D, usual": (node("Resize", ["x", "", "s"], "y"), IMAGE, {"s": np.array([1, 1, 3, 5], np.float32)}),
    "Upsample2D, bilinear": (
        node("Resize", ["x", "", "s"], "y", mode="linear"),
        IMAGE,
        {"s": np.array([1, 1, 2, 3], np.float32)},
    ),
    "DepthToSpace": (node("DepthToSpace", "x", "y", blocksize=2, mode="CRD"), IMAGE, {}),
}


@pytest.mark.parametrize("case", SINGLE)
def test_a_node_becomes_the_kind_that_computes_the_same(case, tmp_path):
    one, inputs, constants = SINGLE[case]
    away, imported = difference(write(tmp_path / "model.onnx", [one], inputs, constants))
    assert kinds(imported) == ["Input", case.partition(",")[0]]
    assert away < CLOSE


@pytest.mark.parametrize(
    ("op", "settings", "kind", "config"),
    [
        ("Relu", {}, "ReLU", {}),
        ("LeakyRelu", {"alpha": 0.2}, "LeakyReLU", {"slope": 0.2}),
        ("LeakyRelu", {}, "LeakyReLU", {}),
        ("Elu", {"alpha": 0.5}, "ELU", {"alpha": 0.5}),
        ("Selu", {}, "SELU", {}),
        ("Celu", {}, "ELU", {}),
        ("Sigmoid", {}, "Sigmoid", {}),
        ("Tanh", {}, "Tanh", {}),
        ("Softplus", {}, "Softplus", {}),
        ("Softsign", {}, "Softsign", {}),
        ("HardSigmoid", {"alpha": 1 / 6}, "HardSigmoid", {}),
        ("HardSwish", {}, "HardSwish", {}),
    ],
)
def test_an_activation_keeps_its_settings(op, settings, kind, config, tmp_path):
    path = write(tmp_path / "model.onnx", [node(op, "x", "y", name="act", **settings)], ROW)
    away, imported = difference(path)
    layer = imported.document.graph.layers[1]
    assert (layer.id, layer.kind, layer.config) == ("act", kind, config)
    assert away < CLOSE


def number(value):
    return np.array(value, np.float32)


SPELLED = {
    "SiLU": ([node("Sigmoid", "x", "s"), node("Mul", "x s", "y")], {}),
    "HardSwish": (
        [
            node("Add", "x three", "a"),
            node("Clip", "a zero six", "c"),
            node("Div", "c six", "h"),
            node("Mul", "h x", "y"),
        ],
        {"three": number(3), "zero": number(0), "six": number(6)},
    ),
    "ReLU6": ([node("Relu", "x", "r"), node("Min", "r six", "y")], {"six": number(6)}),
    "GELU": (
        [
            node("Mul", "x r", "d"),
            node("Erf", "d", "e"),
            node("Add", "one e", "a"),
            node("Mul", "x half", "h"),
            node("Mul", "h a", "y"),
        ],
        {"r": number(2**-0.5), "one": number(1), "half": number(0.5)},
    ),
    "GELU, tanh": (
        [
            node("Pow", "x three", "p"),
            node("Mul", "p c", "q"),
            node("Add", "x q", "s"),
            node("Mul", "s k", "t"),
            node("Tanh", "t", "u"),
            node("Add", "u one", "v"),
            node("Mul", "v x", "w"),
            node("Mul", "w half", "y"),
        ],
        {
            "three": number(3),
            "c": number(0.044715),
            "k": number((2 / np.pi) ** 0.5),
            "one": number(1),
            "half": number(0.5),
        },
    ),
    "Mish": ([node("Softplus", "x", "s"), node("Tanh", "s", "t"), node("Mul", "x t", "y")], {}),
    "LeakyReLU": ([node("Mul", "x c", "s"), node("Max", "x s", "y")], {"c": number(0.2)}),
    "Softsign": ([node("Abs", "x", "a"), node("Add", "a one", "s"), node("Div", "x s", "y")], {"one": number(1)}),
}


@pytest.mark.parametrize("case", SPELLED)
@pytest.mark.parametrize("before", [[], ["Relu", "Elu", "Tanh"]])
def test_arithmetic_that_computes_an_activation_is_that_activation(case, before, tmp_path):
    nodes, constants = SPELLED[case]
    names = ["entrance", *(f"v{i}" for i in range(len(before) - 1)), "x"] if before else ["x"]
    chain = [node(op, names[i], names[i + 1]) for i, op in enumerate(before)]
    away, imported = difference(write(tmp_path / "model.onnx", [*chain, *nodes], {names[0]: ("N", 6)}, constants))
    assert kinds(imported) == ["Input", *(["ReLU", "ELU", "Tanh"] if before else []), case.partition(",")[0]]
    assert any("nodes of arithmetic are one" in change for change in imported.changes)
    assert away < CLOSE


@pytest.mark.parametrize(
    ("nodes", "constants"),
    [
        ([node("HardSigmoid", "x", "y")], {}),
        ([node("Clip", "x zero seven", "y")], {"zero": number(0), "seven": number(7)}),
        ([node("Mul", "x k", "s"), node("Sigmoid", "s", "t"), node("Mul", "x t", "y")], {"k": number(1.702)}),
        ([node("Selu", "x", "y", alpha=1.6)], {}),
        ([node("Exp", "x", "y")], {}),
    ],
)
def test_a_near_miss_is_refused_by_name(nodes, constants, tmp_path):
    with pytest.raises(ModelError, match=f"{nodes[0].op_type}|{nodes[-1].op_type}"):
        read_model(write(tmp_path / "model.onnx", nodes, ROW, constants))


@pytest.mark.parametrize("op", ["Add", "Sub", "Mul", "Max", "Mean"])
def test_values_are_put_together_place_by_place(op, tmp_path):
    away, imported = difference(
        write(tmp_path / "model.onnx", [node(op, "a b", "y")], {"a": IMAGE["x"], "b": IMAGE["x"]})
    )
    assert len(kinds(imported)) == 3
    assert away < CLOSE


@pytest.mark.parametrize(("axis", "ours"), [(1, {}), (2, {"axis": 0}), (-1, {"axis": 1})])
def test_concat_counts_axes_our_way(axis, ours, tmp_path):
    dims = [(4, 9, 7), (4, 9, 7)]
    path = write(
        tmp_path / "model.onnx", [node("Concat", "a b", "y", axis=axis)], {"a": ("N", *dims[0]), "b": ("N", *dims[1])}
    )
    away, imported = difference(path)
    assert imported.document.graph.layers[-1].config == ours
    assert away < CLOSE


@pytest.mark.parametrize("opset", [18, 21])
def test_group_norm_scales_groups_before_operator_set_21(opset, tmp_path):
    c = 2 if opset < 21 else 4
    path = write(
        tmp_path / "model.onnx", [node("GroupNormalization", "x g b", "y", num_groups=2)], IMAGE, affine(c), opset=opset
    )
    away, imported = difference(path)
    assert kinds(imported) == ["Input", "GroupNorm"]
    assert away < CLOSE


def test_softmax_before_operator_set_13_goes_over_all_that_follows(tmp_path):
    with pytest.raises(ModelError, match="not over the channels alone"):
        read_model(write(tmp_path / "model.onnx", [node("Softmax", "x", "y", axis=1)], IMAGE, opset=12))
    away, _ = difference(write(tmp_path / "row.onnx", [node("Softmax", "x", "y")], ROW, opset=12))
    assert away < CLOSE


def test_constants_that_weights_cannot_hold_are_refused(tmp_path):
    constants = {"k": drawn(2, 4, 1, 1), "b": drawn(2), "s": np.full((2, 1, 1), 1e30, np.float32)}
    nodes = [node("Conv", "x k b", "c"), node("Mul", "c s", "d"), node("Mul", "d s", "y", name="twice")]
    path = write(tmp_path / "m.onnx", nodes, IMAGE, constants)
    with pytest.raises(ModelError, match=r"twice.*with its constants in it, the kernel of .* beyond those of float32"):
        read_model(path)


def test_arithmetic_without_end_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("core.importing.onnx.curves.MOST_SPELLED_OUT", 5_000)
    nodes = [node("Mul", [f"v{i}" if i else "x", "s"], [f"v{i + 1}"]) for i in range(100)]
    path = write(tmp_path / "m.onnx", nodes, IMAGE, {"s": np.float32(1.5)}, outputs=("v100",))
    with pytest.raises(ModelError, match=r"up to 5,000 are looked at"):
        read_model(path)


def test_what_is_no_kind_of_ours_is_named_with_its_node(tmp_path):
    path = write(tmp_path / "model.onnx", [node("Cos", "x", "y", name="turn")], ROW)
    with pytest.raises(ModelError, match=r"model\.onnx cannot be imported: Cos turn: Convograph has no kind for Cos"):
        read_model(path)


def test_a_branch_decided_at_run_time_is_refused(tmp_path):
    graph = onnx.helper.make_graph(
        [node("Identity", "x", "z")], "then", [], [onnx.helper.make_empty_tensor_value_info("z")]
    )
    path = write(
        tmp_path / "model.onnx", [node("If", "c", "y", name="fork", then_branch=graph, else_branch=graph)], ROW,
        {"c": np.array(True)},
    )  # fmt: skip
    with pytest.raises(ModelError, match="If fork decides or repeats at run time"):
        read_model(path)
