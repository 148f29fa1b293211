"""The networks that began the deep years of image recognition: AlexNet, and ZFNet after it."""

from __future__ import annotations

from typing import Any

from core.graph.values import Document
from core.zoo.builder import Pen

_Filters = tuple[tuple[int, dict[str, Any]], ...]
_FIRST_OF_2012: _Filters = (
    (96, {"kernel_size": 11, "stride": 4}),
    (256, {"kernel_size": 5, "padding": 2, "groups": 2}),
)
_FIRST_OF_ZFNET: _Filters = (
    (96, {"kernel_size": 7, "stride": 2, "padding": 1, "rounding": "floor"}),
    (256, {"kernel_size": 5, "stride": 2}),
)


def alexnet() -> Document:
    """AlexNet in one column, as torchvision has it; 61,100,840 parameters."""
    pen = Pen(
        "AlexNet",
        "AlexNet as one column, with fewer filters in conv1 and conv4 and without local response normalisation: "
        "Krizhevsky, “One weird trick for parallelizing convolutional neural networks”, 2014, as in torchvision. "
        "The network of 2012 is alexnet_grouped.",
    )
    pen.draw("Input", id="input", shape=[224, 224, 3])
    pen.draw("Conv2D", filters=64, kernel_size=11, stride=4, padding=2, rounding="floor").draw("ReLU")
    pen.draw("MaxPool2D", pool_size=3, stride=2)
    pen.draw("Conv2D", filters=192, kernel_size=5, padding=2).draw("ReLU")
    pen.draw("MaxPool2D", pool_size=3, stride=2)
    for filters in (384, 256, 256):
        pen.draw("Conv2D", filters=filters, kernel_size=3, padding=1).draw("ReLU")
    pen.draw("MaxPool2D", id="pool5", pool_size=3, stride=2)
    pen.draw("AdaptiveAvgPool2D", id="avgpool", output_size=6)
    pen.draw("Flatten", id="flat")
    pen.draw("Dropout").draw("Dense", id="fc6", units=4096).draw("ReLU")
    pen.draw("Dropout").draw("Dense", id="fc7", units=4096).draw("ReLU")
    return pen.draw("Dense", id="fc8", units=1000).draw("Softmax", id="softmax").document


def alexnet_grouped() -> Document:
    """AlexNet of 2012, its two graphics cards drawn as two groups of channels; 60,965,224 parameters."""
    pen = Pen(
        "AlexNet 2012",
        "Krizhevsky, Sutskever and Hinton, “ImageNet Classification with Deep Convolutional Neural Networks”, NIPS "
        "2012. The halves that ran on two graphics cards are groups = 2 in conv2, conv4 and conv5. The paper says "
        "224×224, but its 55×55 maps need 227×227. The paper's α = 0.0001 of the normalisation isn't divided by n = 5; "
        "ours is, so it is 0.0005 here.",
    )
    pen.draw("Input", id="input", shape=[227, 227, 3])
    for filters, config in _FIRST_OF_2012:
        pen.draw("Conv2D", filters=filters, **config).draw("ReLU")
        pen.draw("LocalResponseNorm", alpha=5e-4).draw("MaxPool2D", pool_size=3, stride=2)
    for filters, groups in ((384, 1), (384, 2), (256, 2)):
        pen.draw("Conv2D", filters=filters, kernel_size=3, padding=1, groups=groups).draw("ReLU")
    pen.draw("MaxPool2D", id="pool5", pool_size=3, stride=2)
    return _classifier(pen).document


def zfnet() -> Document:
    """AlexNet with a smaller, denser first layer; 62,357,608 parameters."""
    pen = Pen(
        "ZFNet",
        "Zeiler and Fergus, “Visualizing and Understanding Convolutional Networks”, ECCV 2014: AlexNet's first layer "
        "skipped so much that its filters looked dead, so it became 7×7 with stride 2. Padding 1 in conv1 and the "
        "first two pools gives the paper's 110×110, 55×55 and 13×13.",
    )
    pen.draw("Input", id="input", shape=[224, 224, 3])
    for filters, config in _FIRST_OF_ZFNET:
        pen.draw("Conv2D", filters=filters, **config).draw("ReLU")
        pen.draw("MaxPool2D", pool_size=3, stride=2, padding=1, rounding="floor").draw("LocalResponseNorm", alpha=5e-4)
    for filters in (384, 384, 256):
        pen.draw("Conv2D", filters=filters, kernel_size=3, padding=1).draw("ReLU")
    pen.draw("MaxPool2D", id="pool5", pool_size=3, stride=2)
    return _classifier(pen).document


def _classifier(pen: Pen) -> Pen:
    """Draw the three dense layers, dropping half of the values of the first two."""
    pen.draw("Flatten", id="flat")
    pen.draw("Dense", id="fc6", units=4096).draw("ReLU").draw("Dropout")
    pen.draw("Dense", id="fc7", units=4096).draw("ReLU").draw("Dropout")
    return pen.draw("Dense", id="fc8", units=1000).draw("Softmax", id="softmax")


TEMPLATES = {"alexnet": alexnet, "alexnet_grouped": alexnet_grouped, "zfnet": zfnet}
