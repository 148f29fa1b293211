"""Networks that fit a phone: SqueezeNet and MobileNet."""

from __future__ import annotations

from typing import Any

from core.graph.values import Document
from core.zoo.builder import Pen, Sketch

_SQUEEZENET = (
    "Iandola et al., “SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size”, 2016, "
)


def squeezenet1_0() -> Document:
    """SqueezeNet as in the paper; 1,248,424 parameters."""
    pen = Pen(
        "SqueezeNet 1.0",
        f"{_SQUEEZENET}as in torchvision. A fire module squeezes the channels with 1×1 filters before it expands them "
        "with 1×1 and 3×3 ones. The paper's table has 111×111 after conv1, which 224×224 does not give; the parameters "
        "are the same.",
    )
    pen.draw("Input", id="input", shape=[224, 224, 3])
    pen.draw("Conv2D", filters=96, kernel_size=7, stride=2, rounding="floor").draw("ReLU")
    _pool(pen)
    _fire(pen, 16, "fire2_3", repeat=2)
    _fire(pen, 32, "fire4")
    _pool(pen)
    _fire(pen, 32, "fire5")
    _fire(pen, 48, "fire6_7", repeat=2)
    _fire(pen, 64, "fire8")
    _pool(pen)
    _fire(pen, 64, "fire9")
    return _squeezed_classes(pen)


def squeezenet1_1() -> Document:
    """SqueezeNet with a smaller first layer and earlier pools; 1,235,496 parameters."""
    pen = Pen(
        "SqueezeNet 1.1",
        f"{_SQUEEZENET}in its authors' later form, as in torchvision: 64 first filters of 3×3, and pools that come "
        "earlier, for 2.4 times less work than 1.0.",
    )
    pen.draw("Input", id="input", shape=[224, 224, 3])
    pen.draw("Conv2D", filters=64, kernel_size=3, stride=2, rounding="floor").draw("ReLU")
    _pool(pen)
    _fire(pen, 16, "fire2_3", repeat=2)
    _pool(pen)
    _fire(pen, 32, "fire4_5", repeat=2)
    _pool(pen)
    _fire(pen, 48, "fire6_7", repeat=2)
    _fire(pen, 64, "fire8_9", repeat=2)
    return _squeezed_classes(pen)


def _pool(pen: Pen) -> None:
    pen.draw("MaxPool2D", pool_size=3, stride=2, rounding="ceil")


def _fire(pen: Pen, squeezed: int, id: str, repeat: int = 1) -> None:
    """Squeeze to this many channels, then expand to eight times as many."""
    sketch = Sketch("x")
    sketch.draw("Conv2D", id="squeeze", filters=squeezed, kernel_size=1).draw("ReLU", id="squeeze_relu")
    sketch.draw("Conv2D", id="expand1", filters=4 * squeezed, kernel_size=1).draw("ReLU", id="expand1_relu")
    sketch.at("squeeze_relu")
    sketch.draw("Conv2D", id="expand3", filters=4 * squeezed, kernel_size=3, padding=1).draw("ReLU", id="expand3_relu")
    sketch.draw("Concat", "expand1_relu", "expand3_relu", id="concat")
    pen.use(f"fire{squeezed}", sketch, id=id, repeat=repeat)


def _squeezed_classes(pen: Pen) -> Document:
    pen.draw("Dropout").draw("Conv2D", id="conv10", filters=1000, kernel_size=1).draw("ReLU")
    return pen.draw("GlobalAvgPool2D", id="gap").draw("Softmax", id="softmax").document


def mobilenet_v1() -> Document:
    """MobileNet of 2017, with convolutions split in two; 4,231,976 parameters."""
    pen = Pen(
        "MobileNet v1",
        "Howard et al., “MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications”, 2017, at "
        "full width: a filter for each channel finds patterns, then 1×1 filters mix the channels, for about a ninth of "
        "the work of 3×3 convolutions.",
    )
    pen.draw("Input", id="input", shape=[224, 224, 3])
    pen.draw("Conv2D", filters=32, kernel_size=3, stride=2, padding="same", bias=False).draw("BatchNorm").draw("ReLU")
    c, n = 32, 1
    for filters, stride, repeat in (
        *((64, 1, 1), (128, 2, 1), (128, 1, 1), (256, 2, 1), (256, 1, 1)),
        *((512, 2, 1), (512, 1, 5), (1024, 2, 1), (1024, 1, 1)),
    ):
        sketch = Sketch("x")
        sketch.draw("Conv2D", filters=c, kernel_size=3, stride=stride, padding="same", groups=c, bias=False)
        sketch.draw("BatchNorm").draw("ReLU")
        sketch.draw("Conv2D", filters=filters, kernel_size=1, bias=False).draw("BatchNorm").draw("ReLU")
        id = f"unit{n}" if repeat == 1 else f"unit{n}_{n + repeat - 1}"
        pen.use(f"separable{c}_{filters}", sketch, id=id, repeat=repeat)
        c, n = filters, n + repeat
    pen.draw("GlobalAvgPool2D", id="gap").draw("Dropout", rate=0.001)
    return pen.draw("Dense", id="fc", units=1000).draw("Softmax", id="softmax").document


def mobilenet_v2() -> Document:
    """MobileNet of 2018, whose residual blocks are wide inside; 3,504,872 parameters."""
    pen = Pen(
        "MobileNet v2",
        "Sandler, Howard, Zhu, Zhmoginov and Chen, “MobileNetV2: Inverted Residuals and Linear Bottlenecks”, CVPR "
        "2018, as in torchvision: a block widens its input sixfold, filters each channel on its own, narrows again "
        "without a nonlinearity and adds its input.",
    )
    pen.draw("Input", id="input", shape=[224, 224, 3])
    _normalised(pen, 32, 3, stride=2, padding=1, rounding="floor").draw("ReLU6")
    pen.use("bottleneck16", _inverted(32, 16, wider=1), id="stage1")
    c = 16
    for stage, (filters, n_blocks, stride) in enumerate(
        ((24, 2, 2), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1)), 2
    ):
        pen.use(f"bottleneck{filters}", _inverted(c, filters, stride), id=f"stage{stage}a")
        if n_blocks > 1:
            pen.use(f"residual{filters}", _inverted(filters, filters), id=f"stage{stage}b", repeat=n_blocks - 1)
        c = filters
    _normalised(pen, 1280, 1, id="conv_last").draw("ReLU6")
    pen.draw("GlobalAvgPool2D", id="gap").draw("Dropout", rate=0.2)
    return pen.draw("Dense", id="fc", units=1000).draw("Softmax", id="softmax").document


def _inverted(c: int, filters: int, stride: int = 1, wider: int = 6) -> Sketch:
    sketch = Sketch("x")
    if wider > 1:
        _normalised(sketch, c * wider, 1, id="expand").draw("ReLU6")
    config: dict[str, Any] = {"stride": 2, "rounding": "floor"} if stride == 2 else {}
    _normalised(sketch, c * wider, 3, id="depthwise", padding=1, groups=c * wider, **config).draw("ReLU6")
    _normalised(sketch, filters, 1, id="project")
    return sketch.draw("Add", sketch.last, "x", id="add") if (c, stride) == (filters, 1) else sketch


def _normalised(sketch: Sketch, filters: int, size: int, id: str | None = None, **config: Any) -> Sketch:
    sketch.draw("Conv2D", id=id, filters=filters, kernel_size=size, bias=False, **config)
    return sketch.draw("BatchNorm")


TEMPLATES = {
    "squeezenet1_0": squeezenet1_0,
    "squeezenet1_1": squeezenet1_1,
    "mobilenet_v1": mobilenet_v1,
    "mobilenet_v2": mobilenet_v2,
}
