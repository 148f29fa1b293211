"""What models do with several nodes: flatten, transpose, normalise and scale, beside ONNX Runtime."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import ModelError
from core.importing.importers import import_model, read_model

pytest.importorskip("onnx")

from tests.core.importing.models import difference, drawn, kinds, node, write

IMAGE = {"x": ("N", 3, 4, 5)}
CLOSE = 1e-5
SHAPE = [
    node("Shape", "c", "shape"),
    node("Gather", "shape zero", "n", axis=0),
    node("Unsqueeze", "n axes", "n1"),
    node("Concat", "n1 rest", "target", axis=0),
    node("Reshape", "c target", "f"),
]
FLATTENED = {
    "Flatten": ([node("Flatten", "c", "f")], {}),
    "Reshape": ([node("Reshape", "c target", "f")], {"target": np.array([0, -1])}),
    "Reshape, any batch": ([node("Reshape", "c target", "f")], {"target": np.array([-1, 60])}),
    "Shape, Gather, Concat, Reshape": (SHAPE, {"zero": np.array(0), "axes": np.array([0]), "rest": np.array([-1])}),
    "through ReLU and Dropout": (
        [node("Flatten", "c", "f0"), node("Relu", "f0", "f1"), node("Dropout", "f1", "f")], {}
    ),
    "channels last": (
        [node("Transpose", "c", "t", perm=[0, 2, 3, 1]), node("Flatten", "t", "f")], {}
    ),
    "after a normalisation of features": (
        [node("Flatten", "c", "f0"), node("BatchNormalization", "f0 g b m v", "f")],
        {"g": drawn(60), "b": drawn(60), "m": drawn(60), "v": drawn(60, low=0.5)},
    ),
    "after slopes of features": ([node("Flatten", "c", "f0"), node("PRelu", "f0 g", "f")], {"g": drawn(60)}),
    "two maps side by side": (
        [node("Flatten", "c", "f0"), node("Flatten", "x", "f1"), node("Concat", "f1 f0", "f", axis=1)], {}
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", FLATTENED)
def test_dense_after_flatten_reads_the_same_features(case, tmp_path):
    nodes, constants = FLATTENED[case]
    rows = 120 if "two maps" in case else 60
    constants = {**constants, "w": drawn(7, rows), "bias": drawn(7), "k": drawn(3, 3, 1, 1)}
    nodes = [node("Conv", "x k", "c"), *nodes, node("Gemm", "f w bias", "y", transB=1)]
    away, imported = difference(write(tmp_path / "model.onnx", nodes, IMAGE, constants))
    assert away < CLOSE
    assert "Flatten" in kinds(imported)
    permuted = any("H, W, C" in change for change in imported.changes)
    assert permuted == (case != "channels last")


@pytest.mark.parametrize(
    ("nodes", "w", "b"),
    [
        ([node("Gemm", "x w b", "y")], (6, 3), (3,)),
        ([node("Gemm", "x w b", "y", transB=1)], (3, 6), (1, 3)),
        ([node("MatMul", "x w", "m"), node("Add", "m b", "y")], (6, 3), (3,)),
        ([node("MatMul", "x w", "m"), node("Add", "b m", "y")], (6, 3), (1, 3)),
        ([node("Transpose", "w", "t", perm=[1, 0]), node("MatMul", "x t", "m"), node("Add", "m b", "y")], (3, 6), (3,)),
        (
            [
                node("Transpose", "x", "t", perm=[1, 0]),
                node("Gemm", "w t b", "z"),
                node("Transpose", "z", "y", perm=[1, 0]),
            ],
            (3, 6),
            (3, 1),
        ),
        ([node("Transpose", "x", "t", perm=[1, 0]), node("Gemm", "t w b", "y", transA=1, transB=1)], (3, 6), (3,)),
    ],
)
def test_a_matrix_in_any_orientation_is_one_dense(nodes, w, b, tmp_path):
    away, imported = difference(
        write(tmp_path / "model.onnx", nodes, {"x": ("N", 6)}, {"w": drawn(*w), "b": drawn(*b)})
    )
    assert kinds(imported) == ["Input", "Dense"]
    assert away < CLOSE


def test_a_matrix_across_the_batch_is_refused(tmp_path):
    path = write(tmp_path / "model.onnx", [node("Gemm", "x w", "y", transA=1)], {"x": (6, 6)}, {"w": drawn(6, 3)})
    with pytest.raises(ModelError, match="across the samples of a batch"):
        read_model(path)


def test_a_transposed_network_keeps_channels_last_and_needs_no_layer_for_it(tmp_path):
    nodes = [
        node("Transpose", "x", "first", perm=[0, 3, 1, 2]),
        node("Conv", "first k", "c"),
        node("Transpose", "c", "t", perm=[0, 2, 3, 1]),
        node("Add", "t b", "a"),
        node("Relu", "a", "r"),
        node("MatMul", "r w", "m"),
        node("Softmax", "m", "s", axis=3),
        node("ReduceMean", "s", "y", axes=[1, 2], keepdims=0),
    ]
    constants = {"k": drawn(4, 3, 2, 2), "b": drawn(4), "w": drawn(4, 5)}
    path = write(tmp_path / "model.onnx", nodes, {"x": ("N", 6, 8, 3)}, constants)
    away, imported = difference(path, channels_last=("x",))
    assert kinds(imported) == ["Input", "Conv2D", "ReLU", "Conv2D", "Softmax", "GlobalAvgPool2D"]
    assert imported.document.graph.layers[0].config == {"shape": [6, 8, 3]}
    assert away < CLOSE


def test_a_batch_norm_in_arithmetic_is_part_of_the_convolution(tmp_path):
    nodes = [node("Conv", "x k", "c", name="conv"), node("Mul", "c g", "s"), node("Add", "s b", "y")]
    constants = {"k": drawn(4, 3, 2, 2), "g": drawn(1, 4, 1, 1), "b": drawn(4, 1, 1)}
    away, imported = difference(write(tmp_path / "model.onnx", nodes, IMAGE, constants))
    assert kinds(imported) == ["Input", "Conv2D"]
    assert imported.document.graph.layers[1].config["filters"] == 4
    assert set(imported.weights) == {"conv/kernel", "conv/bias"}
    assert away < CLOSE


def test_constants_stay_apart_where_something_else_reads_the_convolution(tmp_path):
    nodes = [node("Conv", "x k", "c"), node("Mul", "c g", "s"), node("Relu", "c", "r"), node("Add", "s r", "y")]
    constants = {"k": drawn(4, 3, 2, 2), "g": drawn(1, 4, 1, 1)}
    away, imported = difference(write(tmp_path / "model.onnx", nodes, IMAGE, constants))
    assert kinds(imported) == ["Input", "Conv2D", "Conv2D", "ReLU", "Add"]
    assert not imported.document.graph.layers[2].trainable
    assert away < CLOSE


def test_scaled_pixels_are_a_frozen_filter(tmp_path):
    nodes = [node("Div", "x most", "d"), node("Sub", "d mean", "s"), node("Div", "s std", "y")]
    constants = {"most": np.array(255, np.float32), "mean": drawn(1, 3, 1, 1), "std": drawn(1, 3, 1, 1, low=0.5)}
    away, imported = difference(write(tmp_path / "model.onnx", nodes, IMAGE, constants))
    assert kinds(imported) == ["Input", "Conv2D"]
    assert not imported.document.graph.layers[1].trainable
    assert away < CLOSE


def test_a_layer_norm_in_ten_nodes_is_one_layer(tmp_path):
    nodes = [
        node("Transpose", "x", "t", perm=[0, 2, 3, 1]),
        node("ReduceMean", "t", "m", axes=[-1]),
        node("Sub", "t m", "d"),
        node("Pow", "d two", "p"),
        node("ReduceMean", "p", "v", axes=[-1]),
        node("Add", "v e", "w"),
        node("Sqrt", "w", "s"),
        node("Div", "d s", "n"),
        node("Mul", "n g", "o"),
        node("Add", "o b", "q"),
        node("Transpose", "q", "y", perm=[0, 3, 1, 2]),
    ]
    constants = {"two": np.array(2, np.float32), "e": np.array(1e-6, np.float32), "g": drawn(3), "b": drawn(3)}
    away, imported = difference(write(tmp_path / "model.onnx", nodes, IMAGE, constants, opset=13))
    assert kinds(imported) == ["Input", "LayerNorm"]
    assert imported.document.graph.layers[1].config == {"epsilon": 1e-6}
    assert away < CLOSE


def test_a_group_norm_in_reshapes_is_one_layer(tmp_path):
    nodes = [
        node("Reshape", "x groups", "r"),
        node("InstanceNormalization", "r ones zeros", "n"),
        node("Reshape", "n image", "i"),
        node("Mul", "i g", "s"),
        node("Add", "s b", "y"),
    ]
    constants = {
        "groups": np.array([0, 2, -1]),
        "ones": np.ones(2, np.float32),
        "zeros": np.zeros(2, np.float32),
        "image": np.array([-1, 6, 4, 5]),
        "g": drawn(6, 1, 1),
        "b": drawn(6, 1, 1),
    }
    away, imported = difference(write(tmp_path / "model.onnx", nodes, {"x": ("N", 6, 4, 5)}, constants))
    assert kinds(imported) == ["Input", "GroupNorm"]
    assert away < CLOSE


def test_shuffled_channels_and_blocks_are_kinds(tmp_path):
    nodes = [
        node("Reshape", "x split", "a"),
        node("Transpose", "a", "b", perm=[0, 2, 1, 3, 4]),
        node("Reshape", "b image", "c"),
        node("Relu", "c", "r"),
        node("SpaceToDepth", "r", "d", blocksize=2),
        node("Gather", "d order", "y", axis=1),
    ]
    order = np.arange(24).reshape(6, 2, 2).transpose(1, 2, 0).ravel().argsort()
    constants = {"split": np.array([0, 2, 3, 4, 6]), "image": np.array([0, 6, 4, 6]), "order": order}
    away, imported = difference(write(tmp_path / "model.onnx", nodes, {"x": ("N", 6, 4, 6)}, constants))
    assert kinds(imported) == ["Input", "ChannelShuffle", "ReLU", "SpaceToDepth"]
    assert away < CLOSE


def test_a_block_of_channels_in_onnx_own_order_is_refused(tmp_path):
    path = write(tmp_path / "model.onnx", [node("SpaceToDepth", "x", "y", blocksize=2)], {"x": ("N", 3, 4, 6)})
    with pytest.raises(ModelError, match="SpaceToDepth y: it reads an image in an order that no kind"):
        read_model(path)


def test_squeeze_and_excitation_multiplies_channels(tmp_path):
    nodes = [
        node("GlobalAveragePool", "x", "g"),
        node("Conv", "g w1", "a"),
        node("Relu", "a", "b"),
        node("Conv", "b w2", "c"),
        node("Sigmoid", "c", "d"),
        node("Mul", "d x", "y"),
    ]
    constants = {"w1": drawn(2, 3, 1, 1), "w2": drawn(3, 2, 1, 1)}
    away, imported = difference(write(tmp_path / "model.onnx", nodes, IMAGE, constants))
    assert kinds(imported)[-1] == "Multiply"
    assert away < CLOSE


def test_a_generators_first_units_are_put_in_our_order(tmp_path):
    nodes = [
        node("Gemm", "x w b", "f", transB=1),
        node("Relu", "f", "r"),
        node("Reshape", "r image", "i"),
        node("ConvTranspose", "i k", "y", strides=[2, 2]),
    ]
    constants = {"w": drawn(24, 5), "b": drawn(24), "image": np.array([-1, 4, 2, 3]), "k": drawn(4, 2, 2, 2)}
    away, imported = difference(write(tmp_path / "model.onnx", nodes, {"x": ("N", 5)}, constants))
    assert kinds(imported) == ["Input", "Dense", "ReLU", "Reshape", "ConvTranspose2D"]
    assert away < CLOSE


def test_several_inputs_and_outputs_keep_their_order(tmp_path):
    nodes = [
        node("Flatten", "z", "f"),
        node("Concat", "f a", "j", axis=1),
        node("Gemm", "j w", "late", name="late"),
        node("Relu", "z", "early", name="early"),
    ]
    path = write(
        tmp_path / "model.onnx", nodes, {"z": ("N", 2, 3, 3), "a": ("N", 4)}, {"w": drawn(22, 3)},
        outputs=("early", "late"),
    )  # fmt: skip
    away, imported = difference(path)
    assert imported.document.graph.outputs == ("early", "late")
    assert away < CLOSE


def test_names_are_kept_and_a_shared_array_is_spoken_of(tmp_path):
    nodes = [
        node("Conv", ["x", "features.0.weight"], "a", name="/features/features.0/Conv", pads=[1, 1, 1, 1]),
        node("Relu", "a", "b", name="/features/features.1/Relu"),
        node("Conv", ["b", "features.0.weight"], "c", name="/again/Conv", pads=[1, 1, 1, 1]),
        node("Relu", "c", "y", name="Relu_17"),
    ]
    away, imported = difference(write(tmp_path / "model.onnx", nodes, IMAGE, {"features.0.weight": drawn(3, 3, 3, 3)}))
    names = [layer.id for layer in imported.document.graph.layers]
    assert names == ["x", "features.0", "features.1", "features.0_2", "relu1"]
    assert (
        "features.0 is used in 2 places: each has a copy of its weights (features.0 and features.0_2). Training would "
        "change them apart, where the original changes them together."
    ) in imported.changes
    assert away < CLOSE


def test_a_fixed_batch_may_stand_in_reshapes(tmp_path):
    nodes = [node("Reshape", "x row", "f"), node("Gemm", "f w", "y")]
    constants = {"row": np.array([2, 60]), "w": drawn(60, 3)}
    away, _ = difference(write(tmp_path / "model.onnx", nodes, {"x": (2, 3, 4, 5)}, constants))
    assert away < CLOSE


@pytest.mark.parametrize("target", [[30, -1], [1, -1], [-1, 30], [-1]])
def test_what_mixes_samples_is_refused(target, tmp_path):
    path = write(
        tmp_path / "model.onnx", [node("Reshape", "x t", "f"), node("Relu", "f", "y")], IMAGE, {"t": np.array(target)}
    )
    with pytest.raises(ModelError, match="Reshape f: "):
        read_model(path)


def test_constants_may_be_nodes_and_need_not_be_float32(tmp_path):
    from tests.core.importing.models import onnx

    kernel = onnx.numpy_helper.from_array(drawn(4, 3, 2, 2).astype(np.float16), "k16")
    nodes = [
        node("Constant", [], "k16", value=kernel),
        node("Cast", "k16", "k", to=onnx.TensorProto.FLOAT),
        node("Identity", "k", "same"),
        node("Conv", "x same", "y"),
    ]
    path = write(tmp_path / "model.onnx", nodes, IMAGE)
    away, imported = difference(path)
    assert away < CLOSE
    document, weights = import_model(path)
    assert document == imported.document
    assert {array.dtype for array in weights.values()} == {np.dtype(np.float32)}


def test_what_a_module_computes_by_itself_is_named_inside_it(tmp_path):
    nodes = [
        node("Conv", "x k", "a", name="/stage1/conv1/Conv", pads=[1, 1, 1, 1]),
        node("Relu", "a", "b", name="/stage1/Relu"),
        node("Add", "b x", "c", name="/stage1/Add"),
        node("Relu", "c", "y", name="/stage1/Relu_1"),
    ]
    imported = read_model(write(tmp_path / "model.onnx", nodes, IMAGE, {"k": drawn(3, 3, 3, 3)}))
    names = [layer.id for layer in imported.document.graph.layers]
    assert names == ["x", "stage1.conv1", "stage1.relu", "stage1.add", "stage1.relu_2"]
