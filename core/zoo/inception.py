"""GoogLeNet: branches that look at the same image with different filters."""

from __future__ import annotations

from typing import Any

from core.graph.values import Document
from core.zoo.builder import Pen, Sketch

_EPSILON = 1e-3
"""Of torchvision's batch normalisation in this network."""

MODULES = {
    "3a": (64, (96, 128), (16, 32), 32),
    "3b": (128, (128, 192), (32, 96), 64),
    "4a": (192, (96, 208), (16, 48), 64),
    "4b": (160, (112, 224), (24, 64), 64),
    "4c": (128, (128, 256), (24, 64), 64),
    "4d": (112, (144, 288), (32, 64), 64),
    "4e": (256, (160, 320), (32, 128), 128),
    "5a": (256, (160, 320), (32, 128), 128),
    "5b": (384, (192, 384), (48, 128), 128),
}
"""Filters of the four branches, as in the paper's table 1."""


def googlenet() -> Document:
    """GoogLeNet as torchvision has it, without the auxiliary classifiers; 6,624,904 parameters."""
    pen = Pen(
        "GoogLeNet",
        "Szegedy et al., “Going Deeper with Convolutions”, CVPR 2015, as in torchvision: with batch normalisation and "
        "without the two auxiliary classifiers. The paper's third branch has 5×5 filters, torchvision's 3×3; the "
        "paper's network has 6,998,552 parameters.",
    )
    pen.draw("Input", id="input", shape=[224, 224, 3])
    _convolution(pen, 64, 7, stride=2, padding=3, rounding="floor")
    pen.draw("MaxPool2D", pool_size=3, stride=2, rounding="ceil")
    _convolution(pen, 64, 1)
    _convolution(pen, 192, 3, padding=1)
    pen.draw("MaxPool2D", pool_size=3, stride=2, rounding="ceil")
    for name, filters in MODULES.items():
        if name == "4a":
            pen.draw("MaxPool2D", pool_size=3, stride=2, rounding="ceil")
        if name == "5a":
            pen.draw("MaxPool2D", rounding="ceil")
        pen.use(f"inception{name}", _module(*filters), id=f"mixed{name}")
    pen.draw("GlobalAvgPool2D", id="gap").draw("Dropout", rate=0.2)
    return pen.draw("Dense", id="fc", units=1000).draw("Softmax", id="softmax").document


def _module(ones: int, threes: tuple[int, int], fives: tuple[int, int], pooled: int) -> Sketch:
    sketch = Sketch("x")
    ends = [_convolution(sketch, ones, 1).last]
    for narrow, wide in (threes, fives):
        _convolution(sketch.at("x"), narrow, 1)
        ends.append(_convolution(sketch, wide, 3, padding=1).last)
    sketch.at("x").draw("MaxPool2D", pool_size=3, stride=1, padding=1)
    ends.append(_convolution(sketch, pooled, 1).last)
    return sketch.draw("Concat", *ends, id="concat")


def _convolution(sketch: Sketch, filters: int, size: int, **config: Any) -> Sketch:
    sketch.draw("Conv2D", filters=filters, kernel_size=size, bias=False, **config)
    return sketch.draw("BatchNorm", epsilon=_EPSILON).draw("ReLU")


TEMPLATES = {"googlenet": googlenet}
