"""VGG: nothing but 3×3 filters, more and more of them."""

from __future__ import annotations

from functools import partial

from core.graph.values import Document
from core.zoo.builder import Pen

STAGES = {11: (1, 1, 2, 2, 2), 13: (2, 2, 2, 2, 2), 16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
"""How many convolutions stand before each of the five pools, by how many layers learn: the paper's A, B, D and E."""


def vgg(depth: int) -> Document:
    """VGG with this many layers that learn; VGG16 has 138,357,544 parameters."""
    pen = Pen(
        f"VGG{depth}",
        "Simonyan and Zisserman, “Very Deep Convolutional Networks for Large-Scale Image Recognition”, ICLR 2015, "
        f"configuration {dict(zip(STAGES, 'ABDE', strict=True))[depth]}: 3×3 filters throughout, because three of them "
        "see as much as one of 7×7, with fewer parameters and more nonlinearities.",
    )
    pen.draw("Input", id="input", shape=[224, 224, 3])
    for stage, (filters, n_convs) in enumerate(zip((64, 128, 256, 512, 512), STAGES[depth], strict=True), 1):
        for n in range(1, n_convs + 1):
            pen.draw("Conv2D", id=f"conv{stage}_{n}", filters=filters, kernel_size=3, padding=1)
            pen.draw("ReLU", id=f"relu{stage}_{n}")
        pen.draw("MaxPool2D", id=f"pool{stage}")
    pen.draw("Flatten", id="flat")
    for n in (6, 7):
        pen.draw("Dense", id=f"fc{n}", units=4096).draw("ReLU", id=f"relu{n}").draw("Dropout", id=f"drop{n}")
    return pen.draw("Dense", id="fc8", units=1000).draw("Softmax", id="softmax").document


TEMPLATES = {f"vgg{depth}": partial(vgg, depth) for depth in STAGES}
