"""A network that cannot learn eight samples by heart has a wrong gradient somewhere."""

import pytest

from core.training.messages import Epoch
from core.training.trainer import train
from tests.core.training.making import chain, document, some_digits

IMAGE = ("input", "Input", {"shape": [8, 8, 1]})
END = ("fc1", "Dense", {"units": 10})
SETTINGS = {"epochs": 400, "batch_size": 8, "validation_split": 0}
OPTIMIZERS = [
    {"kind": "SGD", "learning_rate": 0.1, "momentum": 0.9},
    {"kind": "Adam", "learning_rate": 0.01},
]


def last_epoch(document):
    return [message for message in train(document, some_digits(8)) if isinstance(message, Epoch)][-1]


def assert_learned(document):
    epoch = last_epoch(document)
    assert epoch.train_accuracy == 1
    assert epoch.train_loss < 0.05


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda optimizer: optimizer["kind"])
@pytest.mark.parametrize(
    "layers",
    [
        [("flat", "Flatten", {})],
        [("flat", "Flatten", {}), ("fc0", "Dense", {"units": 20}), ("tanh0", "Tanh", {})],
        [
            ("conv1", "Conv2D", {"filters": 8, "kernel_size": 3, "padding": 1}),
            ("relu1", "ReLU", {}),
            ("flat", "Flatten", {}),
        ],
        [
            ("conv1", "Conv2D", {"filters": 8, "kernel_size": 3}),
            ("relu1", "ReLU", {}),
            ("pool1", "MaxPool2D", {}),
            ("conv2", "Conv2D", {"filters": 8, "kernel_size": 2, "stride": 1}),
            ("sigmoid2", "Sigmoid", {}),
            ("pool2", "AvgPool2D", {}),
            ("flat", "Flatten", {}),
        ],
    ],
    ids=["linear", "two layers", "convolution", "convolutions and pools"],
)
def test_chains_learn_eight_digits_by_heart(layers, optimizer):
    assert_learned(chain(IMAGE, *layers, END, optimizer=optimizer, **SETTINGS))


def test_branches_learn_eight_digits_by_heart():
    layers = [
        ("input", "Input", [], {"shape": [8, 8, 1]}),
        ("conv1", "Conv2D", ["input"], {"filters": 4, "kernel_size": 3, "padding": 1}),
        ("relu1", "ReLU", ["conv1"], {}),
        ("conv2", "Conv2D", ["relu1"], {"filters": 4, "kernel_size": 3, "padding": 1}),
        ("add1", "Add", ["relu1", "conv2"], {}),
        ("relu2", "ReLU", ["add1"], {}),
        ("concat1", "Concat", ["relu2", "conv1"], {}),
        ("flat", "Flatten", ["concat1"], {}),
        ("fc1", "Dense", ["flat"], {"units": 10}),
        ("soft", "Softmax", ["fc1"], {}),
    ]
    assert_learned(document(layers, optimizer=OPTIMIZERS[1], **SETTINGS))


def test_the_check_can_fail():
    frozen_but_bias = chain(IMAGE, ("pool1", "AvgPool2D", {"pool_size": 8}), ("flat", "Flatten", {}), END, **SETTINGS)
    assert last_epoch(frozen_but_bias).train_accuracy < 1
