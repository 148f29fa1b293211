"""Networks of Caffe: both formats, its phases, its way of rounding, and texts that are damaged."""

from __future__ import annotations

from contextlib import suppress

import numpy as np
import pytest

from core.analysis.check import check
from core.errors import ModelError
from core.graph.values import layers_by_id
from core.importing.importers import importer_of, read_model
from tests.core.importing.importing import refused

LENET = """
name: "LeNet"  # as train_val has it
layer { name: "mnist" type: "Data" top: "data" top: "label" include { phase: TRAIN } data_param { source: "x" } }
layer { name: "data" type: "Input" top: "data" input_param { shape: { dim: 64 dim: 1 dim: 28 dim: 28 } }
        exclude { phase: TRAIN } }
layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" param { lr_mult: 1 } param { lr_mult: 2 }
        convolution_param { num_output: 20 kernel_size: 5 stride: 1 weight_filler { type: "xavier" } } }
layer { name: "pool1" type: "Pooling" bottom: "conv1" top: "pool1" pooling_param { kernel_size: 2 stride: 2 } }
layer { name: "conv2" type: "Convolution" bottom: "pool1" top: "conv2" param { lr_mult: 0 } param { lr_mult: 0 }
        convolution_param { num_output: 50 kernel_h: 5 kernel_w: 5 } }
layer { name: "pool2" type: "Pooling" bottom: "conv2" top: "pool2" pooling_param { kernel_size: 2 stride: 2 } }
layer { name: "ip1" type: "InnerProduct" bottom: "pool2" top: "ip1" inner_product_param { num_output: 500 } }
layer { name: "relu1" type: "ReLU" bottom: "ip1" top: "ip1" }
layer { name: "ip2" type: "InnerProduct" bottom: "ip1" top: "ip2" inner_product_param { num_output: 10 } }
layer { name: "accuracy" type: "Accuracy" bottom: "ip2" bottom: "label" top: "accuracy" include { phase: TEST } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "ip2" bottom: "label" top: "loss" }
"""


def old(name, kind, *blobs, **fields):
    *bottoms, top = blobs
    lines = "".join(f' bottom: "{blob}"' for blob in bottoms)
    params = "".join(f" {key} {{ {value} }}" for key, value in fields.items())
    return f'layers {{ name: "{name}" type: {kind}{lines} top: "{top}"{params} blobs_lr: 1 blobs_lr: 2 }}\n'


def convolution(name, bottom, said):
    return old(name, "CONVOLUTION", bottom, name, convolution_param=said) + old(f"relu_{name}", "RELU", name, name)


CAFFENET = (
    'name: "CaffeNet" input: "data" input_dim: 10 input_dim: 3 input_dim: 227 input_dim: 227\n'
    + convolution("conv1", "data", "num_output: 96 kernel_size: 11 stride: 4")
    + old("pool1", "POOLING", "conv1", "pool1", pooling_param="pool: MAX kernel_size: 3 stride: 2")
    + old("norm1", "LRN", "pool1", "norm1", lrn_param="local_size: 5 alpha: 0.0001 beta: 0.75")
    + convolution("conv2", "norm1", "num_output: 256 pad: 2 kernel_size: 5 group: 2")
    + old("pool2", "POOLING", "conv2", "pool2", pooling_param="pool: MAX kernel_size: 3 stride: 2")
    + old("norm2", "LRN", "pool2", "norm2", lrn_param="local_size: 5 alpha: 0.0001 beta: 0.75")
    + convolution("conv3", "norm2", "num_output: 384 pad: 1 kernel_size: 3")
    + convolution("conv4", "conv3", "num_output: 384 pad: 1 kernel_size: 3 group: 2")
    + convolution("conv5", "conv4", "num_output: 256 pad: 1 kernel_size: 3 group: 2")
    + old("pool5", "POOLING", "conv5", "pool5", pooling_param="pool: MAX kernel_size: 3 stride: 2")
    + old("fc6", "INNER_PRODUCT", "pool5", "fc6", inner_product_param="num_output: 4096")
    + old("relu6", "RELU", "fc6", "fc6")
    + old("drop6", "DROPOUT", "fc6", "fc6", dropout_param="dropout_ratio: 0.5")
    + old("fc7", "INNER_PRODUCT", "fc6", "fc7", inner_product_param="num_output: 4096")
    + old("fc8", "INNER_PRODUCT", "fc7", "fc8", inner_product_param="num_output: 1000")
    + old("prob", "SOFTMAX", "fc8", "prob")
)


def written(folder, text):
    path = folder / "net.prototxt"
    path.write_text(text)
    return path


def read(folder, text):
    imported = read_model(written(folder, text))
    return layers_by_id(imported.document.graph), check(imported.document), imported


def new(name, kind, *blobs, said=""):
    *bottoms, top = blobs
    lines = "".join(f' bottom: "{blob}"' for blob in bottoms)
    return f'layer {{ name: "{name}" type: "{kind}"{lines} top: "{top}" {said} }}\n'


def image(high, wide, depth):
    return f'input: "data" input_shape {{ dim: 1 dim: {depth} dim: {high} dim: {wide} }}\n'


def test_lenet_is_what_its_test_phase_says(tmp_path):
    layers, report, imported = read(tmp_path, LENET)
    assert imported.document.name == "LeNet"
    assert [*layers] == ["data", "conv1", "pool1", "conv2", "pool2", "flat1", "ip1", "relu1", "ip2"]
    assert report.totals.parameters == 431_080
    assert report.layers["pool2"].shape == (4, 4, 50)
    assert [id for id, layer in layers.items() if not layer.trainable] == ["conv2"]
    assert any("loss" in change and "cross_entropy" in change for change in imported.changes)
    assert not imported.weights


def test_caffenet_in_the_old_format_has_the_parameters_that_were_published(tmp_path):
    layers, report, _ = read(tmp_path, CAFFENET)
    assert report.totals.parameters == 60_965_224
    assert report.layers["pool5"].shape == (6, 6, 256)
    assert layers["norm1"].config == {"k": 1.0}
    assert layers["conv2"].config["groups"] == 2


@pytest.mark.parametrize(
    ("side", "said", "found"),
    [
        (112, "pool: MAX kernel_size: 3 stride: 2", 56),  # GoogLeNet: (112 − 3)/2 + 1 = 55.5, rounded up
        (7, "pool: AVE kernel_size: 2 stride: 2 pad: 1", 4),  # (7 − 2 + 2)/2 + 1 = 4.5: the fifth would begin outside
        (7, "pool: AVE kernel_size: 7", 1),
        (8, "pool: MAX kernel_size: 3 stride: 2 round_mode: FLOOR", 3),
        (6, "pool: MAX kernel_h: 3 kernel_w: 3 stride_h: 1 stride_w: 1 pad_h: 1 pad_w: 1", 6),
    ],
)
def test_pools_round_as_in_caffe(tmp_path, side, said, found):
    text = image(side, side, 3) + new("pool", "Pooling", "data", "pool", said=f"pooling_param {{ {said} }}")
    assert read(tmp_path, text)[1].layers["pool"].shape == (found, found, 3)


def test_a_batch_norm_takes_its_scale_along(tmp_path):
    text = (
        image(8, 8, 3)
        + new(
            "conv",
            "Convolution",
            "data",
            "conv",
            said="convolution_param { num_output: 4 kernel_size: 3 bias_term: false }",
        )
        + new("bn", "BatchNorm", "conv", "conv", said="batch_norm_param { use_global_stats: true eps: 0.001 }")
        + new("scale", "Scale", "conv", "conv", said="scale_param { bias_term: true }")
        + new("relu", "ReLU", "conv", "conv", said="relu_param { negative_slope: 0.1 }")
        + new("plain", "BatchNorm", "conv", "plain")
    )
    layers, _, _ = read(tmp_path, text)
    assert [layer.kind for layer in layers.values()] == ["Input", "Conv2D", "BatchNorm", "LeakyReLU", "BatchNorm"]
    assert layers["bn"].config == {"epsilon": 0.001, "momentum": 0.999}
    assert layers["plain"].config["affine"] is False
    refused(written(tmp_path, image(8, 8, 3) + new("scale", "Scale", "data", "scale")), r"scale \(Scale\): it has no")


def test_branches_are_joined_and_what_is_pooled_whole_is_features(tmp_path):
    text = (
        image(8, 8, 4)
        + new(
            "a",
            "Convolution",
            "data",
            "a",
            said="convolution_param { num_output: 4 kernel_size: 3 pad: 2 dilation: 2 }",
        )
        + new("sum", "Eltwise", "a", "data", "sum", said="eltwise_param { operation: SUM }")
        + new("less", "Eltwise", "a", "data", "less", said="eltwise_param { coeff: 1 coeff: -1 }")
        + new("cat", "Concat", "sum", "less", "cat")
        + new("gap", "Pooling", "cat", "gap", said="pooling_param { pool: AVE global_pooling: true }")
        + new("squeeze", "Convolution", "gap", "squeeze", said="convolution_param { num_output: 5 kernel_size: 1 }")
        + new("flat", "Flatten", "squeeze", "flat")
        + new("prob", "Softmax", "flat", "prob")
    )
    layers, report, _ = read(tmp_path, text)
    assert layers["less"].kind == "Subtract"
    assert report.layers["cat"].shape == (8, 8, 8)
    assert report.layers["gap"].shape == (8,)
    assert report.layers["prob"].shape == (5,)


def test_what_repeats_comes_as_a_block(tmp_path):
    text = image(8, 8, 4)
    for i in range(4):
        bottom = f"relu{i - 1}" if i else "data"
        text += new(
            f"conv{i}",
            "Convolution",
            bottom,
            f"conv{i}",
            said="convolution_param { num_output: 4 kernel_size: 3 pad: 1 }",
        )
        text += new(f"relu{i}", "ReLU", f"conv{i}", f"relu{i}")
    layers, _, _ = read(tmp_path, text)
    assert [layer.kind for layer in layers.values()] == ["Input", "Block"]


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        (new("py", "Python", "data", "py"), r"py \(Python\): it is a program of its own, which is not run"),
        (new("mvn", "MVN", "data", "mvn"), r"mvn \(MVN\): it has no counterpart here"),
        (new("c", "Convolution", "nowhere", "c"), "reads nowhere, which no layer above it gives"),
        (new("c", "Convolution", "data", "c", said="convolution_param { num_output: -3 }"), "its num_output is -3"),
        (
            new("c", "Convolution", "data", "c", said="convolution_param { num_output: 4 kernel_size: 99 }"),
            "no counterpart",
        ),
        (new("c", "Convolution", "data", "c", said="convolution_param: 4"), "its convolution_param is 4"),
        (
            new("p", "Pooling", "data", "p", said="pooling_param { pool: STOCHASTIC kernel_size: 2 }"),
            "draws which value",
        ),
        (new("n", "LRN", "data", "n", said="lrn_param { norm_region: WITHIN_CHANNEL }"), "within each channel"),
        (new("e", "Eltwise", "data", "data", "e", said="eltwise_param { coeff: 2 coeff: 1 }"), "adds multiples"),
        (new("d", "Data", "d"), "stands in a database"),
        ("layers { layer { name: 'conv1' type: 'conv' } }", "the format of 2013"),
        ("layer { name: 'x' type: 'ReLU' ", "ends in line 3 within a field"),
        ("layer { name: ? }", 'line 2 cannot be read from "\\?'),
        ("layer {" * 50, "nested deeper"),
    ],
)
def test_what_cannot_be_said_is_refused_by_name(tmp_path, layer, says):
    relu = "" if "layers" in layer else new("relu", "ReLU", "data", "data")
    refused(
        written(tmp_path, image(8, 8, 3) + relu + layer if relu else image(8, 8, 3) + layer),
        says.replace("line 2", "line 3"),
    )


def test_any_text_that_is_damaged_is_a_sentence_or_a_network(tmp_path):
    rng, path = np.random.default_rng(1), tmp_path / "net.prototxt"
    whole = LENET.encode()
    for i in range(300):
        damaged = bytearray(whole[: int(rng.integers(200, len(whole)))] if i % 2 else whole)
        for at in rng.integers(0, len(damaged), 3):
            damaged[at] = int(rng.integers(9, 127))
        path.write_bytes(bytes(damaged))
        with suppress(ModelError):
            read_model(path)


def test_large_texts_take_bounded_time(tmp_path, monkeypatch):
    refused(written(tmp_path, "layer { name: 'a' }\n" + "x: 1\n" * 600_000), "more than 500,000 fields")
    monkeypatch.setattr("core.importing.caffe.network.MOST_IMPORTED", 3)
    refused(
        written(tmp_path, image(8, 8, 3) + 4 * new("r", "ReLU", "data", "data")),
        "has 4 layers; Convograph reads up to 3",
    )
    refused(written(tmp_path, image(10**8, 8, 3) + new("r", "ReLU", "data", "r")), "its dim is 100000000")


def test_a_report_of_very_many_changes_is_cut(tmp_path):
    text = image(8, 8, 3) + "".join(new(f"a{i}", "Accuracy", "data", f"a{i}") for i in range(1500))
    _, _, imported = read(tmp_path, text + new("relu", "ReLU", "data", "relu"))
    assert len(imported.changes) == 1001
    assert imported.changes[-1] == "501 more changes, not listed."


def test_the_window_and_the_command_know_the_format(tmp_path):
    assert importer_of(written(tmp_path, LENET)).pattern == "*.prototxt"
