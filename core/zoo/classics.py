"""The networks that courses begin with."""

from __future__ import annotations

from core.graph.values import Document
from core.zoo.builder import Pen


def lenet5() -> Document:
    """LeNet-5 as it is taught today: ReLU, max pools and a full second convolution; 61,706 parameters."""
    return (
        Pen(
            "LeNet-5",
            "LeCun, Bottou, Bengio and Haffner, “Gradient-Based Learning Applied to Document Recognition”, 1998, in "
            "today's form: ReLU instead of tanh, max pools without parameters, every filter sees all channels.",
        )
        .draw("Input", id="input", shape=[28, 28, 1])
        .draw("Conv2D", filters=6, kernel_size=5, padding=2)
        .draw("ReLU")
        .draw("MaxPool2D")
        .draw("Conv2D", filters=16, kernel_size=5)
        .draw("ReLU")
        .draw("MaxPool2D")
        .draw("Flatten", id="flat")
        .draw("Dense", units=120)
        .draw("ReLU")
        .draw("Dense", units=84)
        .draw("ReLU")
        .draw("Dense", units=10)
        .draw("Softmax", id="softmax")
        .train(epochs=10, batch_size=32)
        .document
    )


def mlp() -> Document:
    """A perceptron with one hidden layer; 7,510 parameters."""
    return (
        Pen("Two-layer perceptron", "Every unit sees every pixel: what convolutions are measured against.")
        .draw("Input", id="input", shape=[8, 8, 1])
        .draw("Flatten", id="flat")
        .draw("Dense", units=100)
        .draw("ReLU")
        .draw("Dense", units=10)
        .draw("Softmax", id="softmax")
        .document
    )


def digits_cnn() -> Document:
    """A small convolutional network for 8×8 digits; 6,090 parameters."""
    return (
        Pen("Digits CNN", "[CONV → RELU → POOL]×2 → FC on the 8×8 digits as they are: trains in seconds.")
        .draw("Input", id="input", shape=[8, 8, 1])
        .draw("Conv2D", filters=16, kernel_size=3, padding=1)
        .draw("ReLU")
        .draw("MaxPool2D")
        .draw("Conv2D", filters=32, kernel_size=3, padding=1)
        .draw("ReLU")
        .draw("MaxPool2D")
        .draw("Flatten", id="flat")
        .draw("Dense", units=10)
        .draw("Softmax", id="softmax")
        .document
    )


TEMPLATES = {"lenet5": lenet5, "mlp": mlp, "digits_cnn": digits_cnn}
"""Who draws which file of `resources/templates`."""
