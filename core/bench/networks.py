"""The networks that are measured, as documents."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from core.graph.values import Document
from core.io.templates import load_template
from core.zoo.builder import Pen


@dataclass(frozen=True, slots=True)
class Case:
    """A network, and what is done with it.

    Attributes
    ----------
    draw : callable
        Draws the document.
    trains : bool
        Whether a training step is timed; else a forward pass.
    must : float
        How many times as fast as PyTorch it must be.
    """

    name: str
    title: str
    draw: Callable[[], Document]
    batch: int
    must: float
    trains: bool = True


def _mlp() -> Document:
    pen = Pen("MLP", "64 features, 100 hidden units, 10 classes.").draw("Input", shape=[64])
    return pen.draw("Dense", units=100).draw("ReLU").draw("Dense", units=10).document


def _digits() -> Document:
    pen = Pen("Digits CNN", "Two convolutions for 8×8 digits.").draw("Input", shape=[8, 8, 1])
    for filters in (16, 32):
        pen.draw("Conv2D", filters=filters, kernel_size=3, padding=1).draw("ReLU").draw("MaxPool2D")
    return pen.draw("Flatten").draw("Dense", units=10).document


def _vgg() -> Document:
    pen = Pen("VGG-small", "Two stages of two 3×3 convolutions with normalisation.").draw("Input", shape=[32, 32, 3])
    for filters in (32, 64):
        for _ in range(2):
            pen.draw("Conv2D", filters=filters, kernel_size=3, padding=1, bias=False).draw("BatchNorm").draw("ReLU")
        pen.draw("MaxPool2D")
    return pen.draw("Flatten").draw("Dense", units=128).draw("ReLU").draw("Dense", units=10).document


def _resnet(n: int) -> Document:
    """Draw a residual network for 32×32 images with n blocks a stage, its shortcuts projected by 1×1 convolutions."""
    pen = Pen(f"ResNet-{6 * n + 2}", "Three stages of residual blocks.").draw("Input", shape=[32, 32, 3])

    def normal(filters: int, size: int, stride: int, *source: str) -> str:
        padding = size // 2
        conv: dict[str, Any] = {"filters": filters, "kernel_size": size, "stride": stride, "padding": padding}
        return pen.draw("Conv2D", *source, bias=False, rounding="floor", **conv).draw("BatchNorm").last

    normal(16, 3, 1)
    entry, channels = pen.draw("ReLU").last, 16
    for filters in (16, 32, 64):
        for block in range(n):
            stride = 2 if filters > 16 and not block else 1
            normal(filters, 3, stride, entry)
            body = normal(filters, 3, 1, pen.draw("ReLU").last)
            shortcut = entry if filters == channels else normal(filters, 1, stride, entry)
            entry, channels = pen.draw("Add", body, shortcut).draw("ReLU").last, filters
    return pen.draw("GlobalAvgPool2D").draw("Dense", units=10).document


CASES = {
    case.name: case
    for case in (
        Case("mlp", "MLP 64-100-10", _mlp, 32, 3.3),
        Case("digits", "digits CNN", _digits, 32, 2.6),
        Case("lenet5", "LeNet-5, 28×28", partial(load_template, "lenet5"), 64, 1.6),
        Case("cifar10", "ConvNetJS CIFAR-10", partial(load_template, "convnetjs_cifar10"), 64, 0.85),
        Case("vgg_small", "VGG-small with BatchNorm", _vgg, 64, 0.7),
        Case("resnet8", "ResNet-8", partial(_resnet, 1), 64, 0.6),
        Case("resnet20", "ResNet-20", partial(_resnet, 3), 64, 0.6),
        Case("alexnet", "AlexNet, one image", partial(load_template, "alexnet"), 1, 0.75, trains=False),
        Case("vgg16", "VGG16, one image", partial(load_template, "vgg16"), 1, 0.65, trains=False),
    )
}
"""By name."""
