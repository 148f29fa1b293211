"""The networks of Caffe's model zoo as whole files: published parameters, shapes at the end, what is reported."""

from __future__ import annotations

import numpy as np
import pytest

from core.analysis.check import check
from core.engine.network import Network
from core.graph.edits import set_outputs
from core.graph.values import layers_by_id
from core.importing.importers import read_model
from core.training.requirements import Question, training_problems
from tests.core.importing import caffe_networks as zoo
from tests.core.importing.importing import refused

PUBLISHED = [
    (zoo.lenet(), 431_080, {"data": (28, 28, 1), "pool2": (4, 4, 50), "prob": (10,)}),
    (zoo.lenet(zoo.input_shape), 431_080, {"prob": (10,)}),
    (zoo.cifar10(), 145_578, {"pool1": (16, 16, 32), "pool3": (4, 4, 64), "prob": (10,)}),
    (zoo.nin_cifar10(), 966_986, {"pool1": (16, 16, 96), "pool2": (8, 8, 192), "prob": (1, 1, 10)}),
    (zoo.nin_cifar10(zoo.databases), 966_986, {"pool3": (1, 1, 10)}),
    (zoo.nin_imagenet(), 7_595_176, {"conv1": (54, 54, 96), "pool3": (6, 6, 384), "pool4": (1, 1, 1000)}),
    (zoo.nin_imagenet(zoo.input_dims), 7_595_176, {"prob": (1, 1, 1000)}),
    (zoo.vgg(16), 138_357_544, {"pool5": (7, 7, 512), "prob": (1000,)}),
    (zoo.vgg(16, zoo.databases, old=False), 138_357_544, {"fc8": (1000,)}),
    (zoo.vgg(19), 143_667_240, {"pool5": (7, 7, 512), "prob": (1000,)}),
    (zoo.caffenet(), 60_965_224, {"conv1": (55, 55, 96), "pool5": (6, 6, 256), "prob": (1000,)}),
    (zoo.caffenet(zoo.databases), 60_965_224, {"norm2": (13, 13, 256), "fc8": (1000,)}),
    (zoo.caffenet(alexnet=True), 60_965_224, {"pool5": (6, 6, 256), "prob": (1000,)}),
    (zoo.googlenet(), 6_998_552, {"inception_4e.output": (14, 14, 832), "pool5.7x7_s1": (1, 1, 1024), "prob": (1000,)}),
    (zoo.googlenet(zoo.databases), 13_378_280, {"loss1.ave_pool": (4, 4, 512), "loss3.classifier": (1000,)}),
    (zoo.squeezenet(), 1_235_496, {"conv1": (113, 113, 64), "pool10": (1000,)}),
    (zoo.squeezenet(zoo.input_layer), 1_235_496, {"conv10": (14, 14, 1000), "prob": (1000,)}),
    (zoo.resnet50(), 25_557_096, {"pool1": (56, 56, 64), "pool5": (1, 1, 2048), "prob": (1000,)}),
    (zoo.resnet50(zoo.databases, trains=True), 25_557_096, {"fc1000": (1000,)}),
]
"""Their texts, their parameters, and shapes of layers. Sources: the papers' tables and the zoo's read-me files; that of
ResNet-50 counts the bias of its first convolution, which the paper's authors left in."""


def read(folder, text):
    path = folder / "net.prototxt"
    path.write_text(text)
    return read_model(path)


@pytest.mark.parametrize(("text", "parameters", "shapes"), PUBLISHED)
def test_a_network_of_the_zoo_has_the_parameters_that_were_published(tmp_path, text, parameters, shapes):
    document = read(tmp_path, text).document
    report = check(document, advice=frozenset())
    assert not report.errors
    assert report.totals.parameters == parameters
    assert {id: report.layers[id].shape for id in shapes} == shapes


def test_the_stages_of_a_resnet_come_folded(tmp_path):
    imported = read(tmp_path, zoo.resnet50())
    assert [change for change in imported.changes if "equal pieces" in change] == [
        f"block{i}: {n} equal pieces are copies of the block block{i}." for i, n in enumerate([2, 3, 5, 2], start=1)
    ]
    assert any("use_global_stats keeps the moving averages" in change for change in imported.changes)


def test_what_a_database_is_prepared_by_is_reported(tmp_path):
    changes = read(tmp_path, zoo.nin_imagenet()).changes
    assert "data: its samples are 224×224 here, of 3 channels; the database may hold others." in changes
    assert any("Caffe subtracts 100, 101 and 102" in change for change in changes)


@pytest.mark.parametrize(("text", "parameters"), [(zoo.lenet, 431_080), (zoo.cifar10, 145_578)])
def test_a_size_that_a_database_keeps_is_asked_for_and_taken(tmp_path, text, parameters):
    path = tmp_path / "net.prototxt"
    path.write_text(text(zoo.whole_databases))
    refused(path, r'cifar \(Data\): how large its samples are .* input: "data" input_shape { dim: 1 dim: 3')
    depth, side = (1, 28) if text is zoo.lenet else (3, 32)
    size = f'input: "data" input_shape {{ dim: 1 dim: {depth} dim: {side} dim: {side} }}\n'
    imported = read(tmp_path, size + text(zoo.whole_databases))
    assert "cifar: its samples are those of the input data." in imported.changes
    assert check(imported.document).totals.parameters == parameters


def test_what_normalises_within_a_channel_is_refused_by_name(tmp_path):
    path = tmp_path / "net.prototxt"
    path.write_text(zoo.cifar10(full=True))
    refused(path, r"norm1 \(LRN\): it normalises within each channel")


def test_auxiliary_classifiers_are_named_and_the_main_one_can_be_trained(tmp_path):
    imported = read(tmp_path, zoo.googlenet(zoo.databases))
    assert [change for change in imported.changes if "adds up" in change] == [
        "Caffe adds up the losses of loss1.classifier (weight 0.3), loss2.classifier (weight 0.3) and loss3.classifier "
        "(weight 1); training here compares one output with the labels. To train, take loss3.classifier as the output."
    ]
    (problem,) = training_problems(Question(check(imported.document)))
    assert problem.code == "TRAIN-OUTPUTS"
    assert not training_problems(Question(check(set_outputs(imported.document, ("loss3.classifier",)))))


@pytest.mark.parametrize(("rates", "learns"), [("", True), ("  param { lr_mult: 0 }\n" * 2, False)])
def test_a_batch_norm_learns_as_its_scale_does(tmp_path, rates, learns):
    net = zoo.Written("net")
    zoo.input_layer(net, 3, 8)
    net.layer("bn", "BatchNorm", "  param { lr_mult: 0 }\n" * 3)
    net.layer("scale", "Scale", f"{rates}  scale_param {{ bias_term: true }}\n", top="bn")
    net.layer("plain", "BatchNorm", "  param { lr_mult: 0 decay_mult: 0 }\n" * 3)
    layers = layers_by_id(read(tmp_path, net.text).document.graph)
    assert {id: layer.trainable for id, layer in layers.items()} == {"data": True, "bn": learns, "plain": True}


@pytest.mark.parametrize(
    ("side", "size", "stride", "pad", "how"),
    [(16, 3, 2, 0, "AVE"), (7, 2, 2, 1, "AVE"), (8, 3, 2, 1, "AVE"), (8, 3, 2, 1, "MAX"), (6, 5, 3, 2, "AVE")],
)
def test_pools_compute_what_caffe_computes(tmp_path, side, size, stride, pad, how):
    net = zoo.Written("net")
    zoo.input_layer(net, 2, side)
    net.pool("pool", size, stride, how, pad=pad)
    image = np.random.default_rng(1).normal(size=(side, side, 2)).astype(np.float32)
    found = Network(read(tmp_path, net.text).document).forward(image[None])[0]
    np.testing.assert_allclose(found, pooled(image, size, stride, pad, how), atol=1e-6)


def pooled(image, size, stride, pad, how):
    """Return a pool as pooling_layer.cpp goes about it, in loops."""
    side = len(image)
    n = -(-(side + 2 * pad - size) // stride) + 1
    if pad and (n - 1) * stride >= side + pad:
        n -= 1
    out = np.empty((n, n, image.shape[2]))
    for i, j in np.ndindex(n, n):
        tops = (i * stride - pad, j * stride - pad)
        ends = [min(top + size, side + pad) for top in tops]
        area = (ends[0] - tops[0]) * (ends[1] - tops[1])
        part = image[max(tops[0], 0) : min(ends[0], side), max(tops[1], 0) : min(ends[1], side)]
        out[i, j] = part.max((0, 1)) if how == "MAX" else part.sum((0, 1)) / area
    return out
