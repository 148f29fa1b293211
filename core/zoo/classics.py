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


def lenet5_1998() -> Document:
    """LeNet-5 with the paper's sizes, tanh and learned subsampling; 61,750 parameters."""
    pen = Pen(
        "LeNet-5 of 1998",
        "LeCun, Bottou, Bengio and Haffner, “Gradient-Based Learning Applied to Document Recognition”, 1998, section "
        "II.B. Its subsampling has a coefficient and a bias for each map, drawn here as a 1×1 convolution of each "
        "channel on its own. Two things differ: C3 sees all maps instead of a table of 60 chosen pairs (2,416 "
        "parameters, not 1,516), and the output is a dense layer with softmax (850 parameters) instead of ten fixed "
        "radial basis functions. So there are 60,000 + 900 + 850 parameters.",
    ).draw("Input", id="input", shape=[32, 32, 1])
    for n, filters in ((1, 6), (3, 16)):
        pen.draw("Conv2D", id=f"C{n}", filters=filters, kernel_size=5).draw("Tanh")
        pen.draw("AvgPool2D", id=f"S{n + 1}")
        pen.draw("Conv2D", id=f"S{n + 1}_scale", filters=filters, kernel_size=1, groups=filters).draw("Tanh")
    pen.draw("Conv2D", id="C5", filters=120, kernel_size=5).draw("Tanh").draw("Flatten", id="flat")
    pen.draw("Dense", id="F6", units=84).draw("Tanh").draw("Dense", id="output", units=10)
    return pen.draw("Softmax", id="softmax").train(initializer="xavier_normal").document


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


def cs231n_spiral() -> Document:
    """The two-layer network of CS231n's case study; 603 parameters."""
    pen = Pen(
        "CS231n spiral",
        "CS231n, “Minimal neural network case study”: a hundred hidden units separate the three arms of the spiral. "
        "The course learns from all 300 points at once, 10,000 times; here Adam takes batches of 16.",
    )
    pen.draw("Input", id="input", shape=[2]).draw("Dense", units=100).draw("ReLU").draw("Dense", units=3)
    return (
        pen.draw("Softmax", id="softmax")
        .train(dataset="spiral", epochs=60, batch_size=16, optimizer={"kind": "Adam", "learning_rate": 0.01})
        .document
    )


def shapes_cnn() -> Document:
    """A small convolutional network for the bundled shapes, with filters that can be looked at; 12,626 parameters."""
    pen = Pen(
        "Shapes CNN",
        "For the bundled shapes: twelve filters of 7×7 in colour. The strong weight decay lets those fade that are not "
        "needed; the others become bars and edges that lie, stand, rise and fall, and orange or blue.",
    )
    pen.draw("Input", id="input", shape=[32, 32, 3])
    pen.draw("Conv2D", filters=12, kernel_size=7, stride=2, padding="same").draw("ReLU").draw("MaxPool2D")
    for filters in (24, 32):
        pen.draw("Conv2D", filters=filters, kernel_size=3, padding=1).draw("ReLU").draw("MaxPool2D")
    pen.draw("Flatten", id="flat").draw("Dense", units=10).draw("Softmax", id="softmax")
    optimizer = {"kind": "AdamW", "learning_rate": 0.004, "weight_decay": 0.7}
    return pen.train(dataset="shapes", epochs=15, schedule="Cosine", optimizer=optimizer).document


TEMPLATES = {
    "mlp": mlp,
    "digits_cnn": digits_cnn,
    "lenet5": lenet5,
    "lenet5_1998": lenet5_1998,
    "cs231n_spiral": cs231n_spiral,
    "shapes_cnn": shapes_cnn,
}
