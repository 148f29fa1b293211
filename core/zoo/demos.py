"""Networks that became known by running in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.graph.values import Document
from core.zoo.builder import Pen

ADADELTA = {"kind": "Adadelta", "decay": 0.95}
"""As ConvNetJS sets it."""

PLAYGROUND: Mapping[str, Any] = {"epochs": 40, "batch_size": 10, "optimizer": {"kind": "Adam", "learning_rate": 0.01}}
"""Batches as in TensorFlow Playground; Adam is quicker than its plain steps."""


def convnetjs_mnist() -> Document:
    """ConvNetJS's network for handwritten digits; 5,994 parameters."""
    pen = Pen(
        "ConvNetJS MNIST",
        "Karpathy's ConvNetJS, demo “Train a ConvNet on MNIST”: 24×24 pixels are cut at random from the 28×28 of a "
        "digit. The demo trains with Adadelta, batches of 20 and weight decay 0.001.",
    )
    pen.draw("Input", id="input", shape=[24, 24, 1])
    pen.draw("Conv2D", filters=8, kernel_size=5, padding=2).draw("ReLU").draw("MaxPool2D")
    pen.draw("Conv2D", filters=16, kernel_size=5, padding=2).draw("ReLU").draw("MaxPool2D", pool_size=3)
    return _classes(pen).train(optimizer=ADADELTA, batch_size=20, l2=0.001).document


def convnetjs_cifar10() -> Document:
    """ConvNetJS's network for CIFAR-10; 22,466 parameters."""
    pen = Pen(
        "ConvNetJS CIFAR-10",
        "Karpathy's ConvNetJS, demo “Train a ConvNet on CIFAR-10”. The demo trains with Adadelta, batches of 4 and "
        "weight decay 0.0001.",
    )
    pen.draw("Input", id="input", shape=[32, 32, 3])
    for filters in (16, 20, 20):
        pen.draw("Conv2D", filters=filters, kernel_size=5, padding=2).draw("ReLU").draw("MaxPool2D")
    return _classes(pen).train(optimizer=ADADELTA, batch_size=4, l2=0.0001).document


def _classes(pen: Pen) -> Pen:
    return pen.draw("Flatten", id="flat").draw("Dense", id="fc", units=10).draw("Softmax", id="softmax")


def playground() -> Document:
    """TensorFlow Playground's first picture; 28 parameters."""
    return _perceptron(
        "Playground perceptron",
        "What TensorFlow Playground (Smilkov and Carter) opens with: the two coordinates of a point, four and two "
        "neurons with tanh, and its circles. The Playground ends in one neuron; here each of the two classes has its "
        "own.",
        n_features=2,
        hidden=(4, 2),
        dataset="circles",
    )


def playground_wide() -> Document:
    """Two layers of eight in TensorFlow Playground; 114 parameters."""
    return _perceptron(
        "Playground, eight and eight",
        "The widest layers that TensorFlow Playground (Smilkov and Carter) draws, for its xor and gaussians, and for "
        "moons: choose them as the data set. The Playground ends in one neuron; here each of the two classes has its "
        "own.",
        n_features=2,
        hidden=(8, 8),
        dataset="xor",
    )


def playground_spiral() -> Document:
    """A perceptron with all seven features of TensorFlow Playground, for its spirals; 154 parameters."""
    return _perceptron(
        "Playground spiral",
        "For the spirals of TensorFlow Playground (Smilkov and Carter), with all of its features: x₁, x₂, x₁², x₂², "
        "x₁·x₂, sin x₁, sin x₂. The Playground ends in one neuron; here each of the two classes has its own.",
        n_features=7,
        hidden=(8, 8),
    )


def _perceptron(
    name: str, notes: str, n_features: int, hidden: tuple[int, ...], dataset: str | None = None
) -> Document:
    pen = Pen(name, notes).draw("Input", id="input", shape=[n_features])
    for units in hidden:
        pen.draw("Dense", units=units).draw("Tanh")
    pen.draw("Dense", units=2).draw("Softmax", id="softmax").train(initializer="xavier_normal")
    return (pen.train(dataset=dataset, **PLAYGROUND) if dataset else pen).document


TEMPLATES = {
    "playground": playground,
    "playground_wide": playground_wide,
    "playground_spiral": playground_spiral,
    "convnetjs_mnist": convnetjs_mnist,
    "convnetjs_cifar10": convnetjs_cifar10,
}
