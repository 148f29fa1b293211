"""What can be computed of a document that has errors."""

import numpy as np

from core.analysis.check import check
from core.analysis.sound import sound_part
from core.engine.network import Network
from core.io.documents import loads
from tests.drawing import chain, document, layer

BLOCK = """{"format": "convograph", "version": 1,
"blocks": {"two": {"inputs": ["x"], "layers": [
  {"id": "conv", "kind": "Conv2D", "inputs": ["x"], "config": {"filters": 2, "kernel_size": 3}},
  {"id": "wide", "kind": "Conv2D", "inputs": ["conv"], "config": {"filters": 2, "kernel_size": 9}}],
  "outputs": ["wide"]}},
"layers": [
  {"id": "input", "kind": "Input", "config": {"shape": [8, 8, 1]}},
  {"id": "b", "kind": "Block", "inputs": ["input"], "config": {"block": "two"}}]}"""


def add_that_does_not_fit():
    """Two sound convolutions whose sum does not work, and what comes after it."""
    return document(
        layer("input", "Input", shape=[8, 8, 1]),
        layer("conv1", "Conv2D", "input", filters=4, kernel_size=3, padding=1),
        layer("conv2", "Conv2D", "conv1", filters=4, kernel_size=3),
        layer("add", "Add", ("conv1", "conv2")),
        layer("flatten", "Flatten", "add"),
        layer("dense", "Dense", "flatten", units=10),
    )


def test_everything_above_an_error_computes():
    report = check(add_that_does_not_fit())
    sound = sound_part(report)
    assert sound.valid
    assert not report.valid
    assert list(sound.layers) == ["input", "conv1", "conv2"]
    network = Network(report.document, report=sound)
    maps = network.activations(np.ones((1, 8, 8, 1), np.float32), ["conv1", "conv2"])
    assert {id: array.shape for id, array in maps.items()} == {"conv1": (1, 8, 8, 4), "conv2": (1, 6, 6, 4)}


def test_a_branch_beside_an_error_computes_too():
    sound = sound_part(
        check(
            document(
                layer("input", "Input", shape=[8, 8, 1]),
                layer("wide", "Conv2D", "input", filters=4, kernel_size=9),
                layer("pool", "MaxPool2D", "input"),
            )
        )
    )
    assert list(sound.layers) == ["input", "pool"]
    assert sound.outputs == ("pool",)


def test_an_input_alone_above_an_error_computes():
    report = check(chain([8, 8, 1], ("Conv2D", {"filters": 4, "kernel_size": 11}), "ReLU"))
    sound = sound_part(report)
    assert sound.outputs == ("input",)
    sample = np.random.default_rng(0).random((1, 8, 8, 1), np.float32)
    maps = Network(report.document, report=sound).activations(sample, ["input"])
    assert np.array_equal(maps["input"], sample)


def test_a_layer_without_an_input_takes_nothing_with_it():
    sound = sound_part(
        check(document(layer("input", "Input", shape=[8, 8, 1]), layer("r", "ReLU", "input"), layer("alone", "ReLU")))
    )
    assert list(sound.layers) == ["input", "r"]


def test_the_layers_of_a_block_above_its_error_compute():
    sound = sound_part(check(loads(BLOCK)))
    assert list(sound.layers) == ["input", "b/1/conv"]
    assert Network(sound.document, report=sound).program.by_id.keys() == sound.layers.keys()


def test_a_valid_document_is_sound_as_a_whole():
    report = check(chain([8, 8, 1], "Flatten", ("Dense", {"units": 10})))
    assert sound_part(report) is report
