"""DenseNet: every layer sees the output of all before it."""

from __future__ import annotations

from core.graph.values import Document
from core.zoo.builder import Pen, Sketch

GROWTH = 32
"""Channels that each layer adds."""


def densenet121() -> Document:
    """DenseNet with 121 layers that learn; 7,978,856 parameters."""
    pen = Pen(
        "DenseNet-121",
        "Huang, Liu, van der Maaten and Weinberger, “Densely Connected Convolutional Networks”, CVPR 2017, as in "
        "torchvision: each layer adds 32 channels to what it was given, so that features are never computed twice; "
        "between the dense blocks their number and the image's sides are halved.",
    )
    pen.draw("Input", id="input", shape=[224, 224, 3])
    pen.draw("Conv2D", filters=64, kernel_size=7, stride=2, padding=3, bias=False, rounding="floor")
    pen.draw("BatchNorm").draw("ReLU")
    pen.draw("MaxPool2D", pool_size=3, stride=2, padding=1, rounding="floor")
    channels = 64
    for n, n_layers in enumerate((6, 12, 24, 16), 1):
        if n > 1:
            channels //= 2
            pen.draw("BatchNorm").draw("ReLU").draw("Conv2D", filters=channels, kernel_size=1, bias=False)
            pen.draw("AvgPool2D")
        pen.use("dense_layer", _layer(), id=f"dense{n}", repeat=n_layers)
        channels += n_layers * GROWTH
    pen.draw("BatchNorm").draw("ReLU").draw("GlobalAvgPool2D", id="gap")
    return pen.draw("Dense", id="fc", units=1000).draw("Softmax", id="softmax").document


def _layer() -> Sketch:
    sketch = Sketch("x").draw("BatchNorm").draw("ReLU")
    sketch.draw("Conv2D", filters=4 * GROWTH, kernel_size=1, bias=False).draw("BatchNorm").draw("ReLU")
    sketch.draw("Conv2D", filters=GROWTH, kernel_size=3, padding=1, bias=False)
    return sketch.draw("Concat", "x", sketch.last, id="concat")


TEMPLATES = {"densenet121": densenet121}
