"""Which function draws which file of `resources/templates`, in the order of the list."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from core.graph.values import Document
from core.zoo import (
    alexnet,
    all_convolutional,
    classics,
    demos,
    dense_nets,
    images,
    inception,
    mobile,
    patterns,
    resnet,
    vgg,
)

GROUPS: Mapping[str, Mapping[str, Callable[[], Document]]] = {
    "First networks": classics.TEMPLATES,
    "Patterns of the courses": patterns.TEMPLATES,
    "Browser demos": demos.TEMPLATES,
    "AlexNet and after": alexnet.TEMPLATES,
    "VGG": vgg.TEMPLATES,
    "Without dense layers": all_convolutional.TEMPLATES,
    "Inception": inception.TEMPLATES,
    "ResNet": resnet.TEMPLATES,
    "ResNet for CIFAR-10": resnet.CIFAR_TEMPLATES,
    "DenseNet": dense_nets.TEMPLATES,
    "Small networks": mobile.TEMPLATES,
    "Image to image": images.TEMPLATES,
}
"""The templates by group, each with what draws it."""

TEMPLATES: Mapping[str, Callable[[], Document]] = {
    name: draw for group in GROUPS.values() for name, draw in group.items()
}
"""The templates of all groups."""
