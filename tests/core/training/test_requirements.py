from dataclasses import replace

import numpy as np
import pytest

from core.errors import DataError, NetworkError
from core.graph.values import Document
from core.io.datasets import Dataset
from core.training.trainer import Trainer, train
from tests.core.training.making import chain, document, linear, rows, some_digits


def refusal(document, data=None, error=NetworkError):
    with pytest.raises(error) as caught:
        Trainer(document, data)
    return str(caught.value)


def test_several_inputs():
    layers = [
        ("left", "Input", [], {"shape": [4]}),
        ("right", "Input", [], {"shape": [4]}),
        ("add1", "Add", ["left", "right"], {}),
        ("fc1", "Dense", ["add1"], {"units": 3}),
    ]
    text = refusal(document(layers), rows())
    assert text == "Training feeds one Input, but this network has 2: left and right. Remove the others."


def test_several_outputs():
    layers = [
        ("input", "Input", [], {"shape": [4]}),
        ("fc1", "Dense", ["input"], {"units": 3}),
        ("fc2", "Dense", ["input"], {"units": 3}),
    ]
    text = refusal(document(layers), rows())
    assert "one output with the labels, but this network has 2: fc1 and fc2. Connect or remove" in text


def test_an_output_that_is_an_image():
    text = refusal(
        chain(("input", "Input", {"shape": [8, 8, 1]}), ("conv1", "Conv2D", {"filters": 5, "kernel_size": 3}))
    )
    assert "conv1 gives 6×6×5, but training needs one number for each class. Flatten it" in text


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ([("fc3", "Dense", {"units": 7})], "but fc3 gives only 7 numbers. Set units of fc3 to 10."),
        (
            [("fc3", "Dense", {"units": 7}), ("soft", "Softmax", {})],
            "but soft gives only 7 numbers. Set units of fc3 to 10.",
        ),
        ([("fc3", "Dense", {"units": 1})], "but fc3 gives only 1 number. Set units of fc3 to 10."),
        (
            [
                ("conv1", "Conv2D", {"filters": 2, "kernel_size": 8}),
                ("flat2", "Flatten", {}),
            ],
            "but flat2 gives only 2 numbers. Set filters of conv1 to 10.",
        ),
        (
            [("conv1", "Conv2D", {"filters": 2, "kernel_size": 7}), ("flat2", "Flatten", {})],
            "but flat2 gives only 8 numbers. Let the network end in 10 numbers.",
        ),
    ],
)
def test_fewer_outputs_than_classes(end, expected):
    flat = [] if end[0][1] == "Conv2D" else [("flat", "Flatten", {})]
    text = refusal(chain(("input", "Input", {"shape": [8, 8, 1]}), *flat, *end), some_digits(20))
    assert text == f"digits has 10 classes, {expected}"


def test_more_outputs_than_classes_are_fine():
    assert len(list(train(linear(units=9, epochs=1), rows()))) > 2


def test_nothing_to_train():
    text = refusal(chain(("input", "Input", {"shape": [4]}), ("relu1", "ReLU", {})), rows())
    assert text == "There is nothing to train: no layer has parameters. Add a convolution or dense layer."


def test_everything_frozen():
    frozen = linear()
    layers = tuple(replace(layer, trainable=False) for layer in frozen.graph.layers)
    text = refusal(replace(frozen, graph=replace(frozen.graph, layers=layers)), rows())
    assert text == "There is nothing to train: fc1 cannot change. Make one of them trainable."


def test_a_document_with_errors():
    text = refusal(
        chain(("input", "Input", {"shape": [7, 7, 1]}), ("conv1", "Conv2D", {"filters": 2, "kernel_size": 9}))
    )
    assert "conv1: a 9×9 filter" in text


def test_an_empty_document():
    assert refusal(Document())


@pytest.mark.parametrize("optimizer", [{"kind": "Adamm"}, {"kind": "SGD", "learning_rate": -1}])
def test_an_optimizer_that_cannot_be_read(optimizer):
    text = refusal(linear(optimizer=optimizer), rows())
    assert "optimizer" in text or "learning_rate" in text


def test_data_of_another_shape():
    text = refusal(linear(features=5), rows(), DataError)
    assert "rows" in text
    assert "[4]" in text


def test_data_that_is_not_there():
    assert "There is no data set nowhere" in refusal(linear(dataset="nowhere"), error=DataError)


def test_data_with_nan():
    images = np.ones((6, 4), np.float32)
    images[2, 1] = np.nan
    images[5, 0] = np.inf
    data = Dataset("mine", images, np.arange(6) % 3, ("a", "b", "c"), scale=1.0)
    text = refusal(linear(), data, DataError)
    assert text.startswith("mine: 2 images of 6 hold NaN or infinity, the first is number 3.")


def test_a_single_image_with_nan():
    images = np.ones((6, 4), np.float32)
    images[4, 3] = np.nan
    data = Dataset("mine", images, np.arange(6) % 3, ("a", "b", "c"), scale=1.0)
    assert refusal(linear(), data, DataError).startswith(
        "mine: 1 image of 6 holds NaN or infinity, the first is number 5."
    )


def test_refusals_come_with_the_call_not_with_the_first_message():
    with pytest.raises(NetworkError, match="Set units of fc1 to 3"):
        train(linear(units=2), rows())
