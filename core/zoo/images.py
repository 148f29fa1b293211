"""Networks that give images: U-Net finds outlines, DCGAN invents pictures."""

from __future__ import annotations

from core.graph.values import Document
from core.zoo.builder import Pen, Sketch


def unet() -> Document:
    """U-Net of 2015, without padding; 31,030,658 parameters."""
    pen = Pen(
        "U-Net",
        "Ronneberger, Fischer and Brox, “U-Net: Convolutional Networks for Biomedical Image Segmentation”, MICCAI "
        "2015: down to see widely, up again to say where, with the maps of the way down, cropped, joined on the way "
        "up. Without padding 572×572 pixels give the classes of the inner 388×388.",
    )
    pen.draw("Input", id="input", shape=[572, 572, 1])
    for stage, filters in enumerate((64, 128, 256, 512), 1):
        pen.use(f"twice{filters}", _two_convolutions(filters), id=f"down{stage}")
        pen.draw("MaxPool2D", id=f"pool{stage}")
    pen.use("twice1024", _two_convolutions(1024), id="bottom").draw("Dropout", id="drop")
    for stage, filters, crop in ((4, 512, 4), (3, 256, 16), (2, 128, 40), (1, 64, 88)):
        up = pen.draw("ConvTranspose2D", id=f"up{stage}", filters=filters, kernel_size=2, stride=2).last
        pen.at(f"down{stage}").draw("Crop2D", id=f"crop{stage}", cropping=crop)
        pen.draw("Concat", pen.last, up, id=f"concat{stage}")
        pen.use(f"twice{filters}", _two_convolutions(filters), id=f"merge{stage}")
    return pen.draw("Conv2D", id="classes", filters=2, kernel_size=1).draw("Softmax", id="softmax").document


def _two_convolutions(filters: int) -> Sketch:
    sketch = Sketch("x").draw("Conv2D", filters=filters, kernel_size=3).draw("ReLU")
    return sketch.draw("Conv2D", filters=filters, kernel_size=3).draw("ReLU")


def dcgan_generator() -> Document:
    """The half of DCGAN that draws; 3,576,704 parameters."""
    pen = Pen(
        "DCGAN generator",
        "Radford, Metz and Chintala, “Unsupervised Representation Learning with Deep Convolutional Generative "
        "Adversarial Networks”, ICLR 2016, in the sizes of PyTorch's example: 100 random numbers become a 64×64 "
        "picture. The paper begins with 1024 maps, the example with 512.",
    )
    pen.draw("Input", id="noise", shape=[1, 1, 100])
    pen.draw("ConvTranspose2D", filters=512, kernel_size=4, bias=False).draw("BatchNorm").draw("ReLU")
    for filters in (256, 128, 64):
        pen.draw("ConvTranspose2D", filters=filters, kernel_size=4, stride=2, padding=1, bias=False)
        pen.draw("BatchNorm").draw("ReLU")
    pen.draw("ConvTranspose2D", filters=3, kernel_size=4, stride=2, padding=1, bias=False)
    return pen.draw("Tanh", id="picture").document


TEMPLATES = {"unet": unet, "dcgan_generator": dcgan_generator}
