"""Networks for CIFAR-10 whose classes come out of a convolution, with no dense layer at all."""

from __future__ import annotations

from core.graph.values import Document
from core.zoo.builder import Pen


def nin() -> Document:
    """Network in Network; 966,986 parameters."""
    pen = Pen(
        "Network in Network",
        "Lin, Chen and Yan, “Network In Network”, ICLR 2014, for CIFAR-10: 1×1 convolutions are a small perceptron at "
        "every pixel, and the average of each class's map takes the place of dense layers. Sizes as in the authors' "
        "Caffe file, whose pools round up.",
    )
    pen.draw("Input", id="input", shape=[32, 32, 3])
    for stage, (size, filters, pool) in enumerate(
        ((5, (192, 160, 96), "MaxPool2D"), (5, (192, 192, 192), "AvgPool2D"), (3, (192, 192, 10), None)), 1
    ):
        pen.draw("Conv2D", id=f"conv{stage}", filters=filters[0], kernel_size=size, padding=size // 2)
        pen.draw("ReLU")
        for n, k in enumerate(filters[1:], 1):
            pen.draw("Conv2D", id=f"cccp{stage}_{n}", filters=k, kernel_size=1).draw("ReLU")
        if pool is not None:
            pen.draw(pool, pool_size=3, stride=2, rounding="ceil").draw("Dropout")
    return pen.draw("GlobalAvgPool2D", id="gap").draw("Softmax", id="softmax").document


def all_cnn_c() -> Document:
    """All-CNN-C, which does not even have pools; 1,369,738 parameters."""
    pen = Pen(
        "All-CNN-C",
        "Springenberg, Dosovitskiy, Brox and Riedmiller, “Striving for Simplicity: The All Convolutional Net”, ICLR "
        "2015 workshop, table 1: strided 3×3 convolutions take the place of pools. The last 3×3 convolution has no "
        "padding, because the paper averages over 6×6 pixels.",
    )
    pen.draw("Input", id="input", shape=[32, 32, 3]).draw("Dropout", rate=0.2)
    for filters in (96, 192):
        for stride in (1, 1, 2):
            pen.draw("Conv2D", filters=filters, kernel_size=3, stride=stride, padding="same").draw("ReLU")
        pen.draw("Dropout")
    pen.draw("Conv2D", filters=192, kernel_size=3).draw("ReLU")
    pen.draw("Conv2D", filters=192, kernel_size=1).draw("ReLU")
    pen.draw("Conv2D", filters=10, kernel_size=1).draw("ReLU")
    return pen.draw("GlobalAvgPool2D", id="gap").draw("Softmax", id="softmax").document


TEMPLATES = {"nin": nin, "all_cnn_c": all_cnn_c}
