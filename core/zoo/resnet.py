"""Residual networks: for ImageNet with 18 to 152 layers that learn, for CIFAR-10 with 20 to 110."""

from __future__ import annotations

from functools import partial
from typing import Any

from core.graph.values import Document
from core.zoo.builder import Pen, Sketch

STAGES = {18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3)}
"""How many residual blocks each of the four stages has."""

_PAPER = "He, Zhang, Ren and Sun, “Deep Residual Learning for Image Recognition”, CVPR 2016"


def resnet(depth: int) -> Document:
    """ResNet for ImageNet as torchvision has it; ResNet-18 has 11,689,512 parameters."""
    wide = depth >= 50
    blocks = "1×1, 3×3 and 1×1 convolutions" if wide else "two 3×3 convolutions"
    halving = " Size is halved by the 3×3 convolution, as in torchvision; the paper does it in the first 1×1." * wide
    pen = Pen(
        f"ResNet-{depth}",
        f"{_PAPER}, as in torchvision. A block of {blocks} only learns what to add to its input, which has a way "
        f"around; where sizes change, the way around is a 1×1 convolution.{halving}",
    )
    pen.draw("Input", id="input", shape=[224, 224, 3])
    pen.draw("Conv2D", filters=64, kernel_size=7, stride=2, padding=3, bias=False, rounding="floor")
    pen.draw("BatchNorm").draw("ReLU")
    pen.draw("MaxPool2D", pool_size=3, stride=2, padding=1, rounding="floor")
    unit = _bottleneck if wide else _basic
    for stage, n_blocks in enumerate(STAGES[depth], 1):
        filters = 32 * 2**stage
        if stage == 1 and not wide:
            pen.use(f"residual{filters}", unit(filters), id="stage1", repeat=n_blocks)
            continue
        first = unit(filters, stride=1 if stage == 1 else 2, projected=True)
        pen.use(f"{'widen' if stage == 1 else 'halve'}{filters}", first, id=f"stage{stage}a")
        pen.use(f"residual{filters}", unit(filters), id=f"stage{stage}b", repeat=n_blocks - 1)
    pen.draw("GlobalAvgPool2D", id="gap")
    return pen.draw("Dense", id="fc", units=1000).draw("Softmax", id="softmax").document


def resnet_cifar(depth: int) -> Document:
    """ResNet for CIFAR-10 with shortcuts that learn nothing; ResNet-20 has 269,722 parameters."""
    n = (depth - 2) // 6
    pen = Pen(
        f"ResNet-{depth} for CIFAR-10",
        f"{_PAPER}, section 4.2: 3 stages of {n} blocks with 16, 32 and 64 filters. Where sizes change, the way around "
        "takes every second pixel and fills the new channels with zeros (the paper's option A), so that it learns "
        "nothing.",
    )
    pen.draw("Input", id="input", shape=[32, 32, 3])
    pen.draw("Conv2D", filters=16, kernel_size=3, padding=1, bias=False).draw("BatchNorm").draw("ReLU")
    pen.use("residual16", _basic(16), id="stage1", repeat=n)
    for stage, filters in ((2, 32), (3, 64)):
        pen.use(f"halve{filters}", _basic(filters, stride=2), id=f"stage{stage}a")
        pen.use(f"residual{filters}", _basic(filters), id=f"stage{stage}b", repeat=n - 1)
    pen.draw("GlobalAvgPool2D", id="gap")
    return pen.draw("Dense", id="fc", units=10).draw("Softmax", id="softmax").document


def _basic(filters: int, stride: int = 1, *, projected: bool = False) -> Sketch:
    sketch = Sketch("x")
    _convolution(sketch, filters, 3, stride).draw("ReLU", id="relu1")
    _convolution(sketch, filters, 3)
    return _joined(sketch, filters, stride, projected=projected)


def _bottleneck(filters: int, stride: int = 1, *, projected: bool = False) -> Sketch:
    sketch = Sketch("x")
    _convolution(sketch, filters, 1).draw("ReLU", id="relu1")
    _convolution(sketch, filters, 3, stride).draw("ReLU", id="relu2")
    _convolution(sketch, 4 * filters, 1)
    return _joined(sketch, 4 * filters, stride, projected=projected)


def _joined(sketch: Sketch, filters: int, stride: int, *, projected: bool) -> Sketch:
    """Add the input, by a way that brings it to the same shape."""
    learned = sketch.last
    sketch.at("x")
    if projected:
        sketch.draw("Conv2D", id="skip_conv", filters=filters, kernel_size=1, bias=False, **_strided(stride))
        sketch.draw("BatchNorm", id="skip_bn")
    elif stride == 2:
        sketch.draw("AvgPool2D", id="skip_pool", pool_size=1, stride=2, rounding="floor")
        sketch.draw("PadChannels", id="skip_pad", before=0, after=filters // 2)
    return sketch.draw("Add", learned, sketch.last, id="add").draw("ReLU", id="relu")


def _convolution(sketch: Sketch, filters: int, size: int, stride: int = 1) -> Sketch:
    sketch.draw("Conv2D", filters=filters, kernel_size=size, padding=size // 2, bias=False, **_strided(stride))
    return sketch.draw("BatchNorm")


def _strided(stride: int) -> dict[str, Any]:
    """Return the settings of a layer that may halve an image's sides."""
    return {} if stride == 1 else {"stride": stride, "rounding": "floor"}


TEMPLATES = {f"resnet{depth}": partial(resnet, depth) for depth in STAGES}
CIFAR_TEMPLATES = {f"resnet{depth}_cifar": partial(resnet_cifar, depth) for depth in (20, 32, 44, 56, 110)}
