"""A document as PyTorch computes it: the twin that our engine is measured against and compared with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from core.engine.network import Network
from core.engine.program import Node
from core.errors import NetworkError
from core.layers import Kind
from core.layers.activation import ReLU, Softmax
from core.layers.convolution import Conv2D
from core.layers.dense import Dense, Flatten
from core.layers.global_pooling import AdaptiveAvgPool2D, GlobalAvgPool2D
from core.layers.input import Input
from core.layers.merge import Add
from core.layers.normalisation import BatchNorm
from core.layers.pooling import MaxPool2D
from core.layers.regularisation import Dropout
from core.shapes import pair
from core.sliding_windows import Window


class Twin(nn.Module):
    """A network with one output as PyTorch modules, written as its users write them.

    Images are N×C×H×W; a Dense layer after a Flatten has its rows in PyTorch's order.

    Parameters
    ----------
    network : Network
        Its weights are copied.

    Raises
    ------
    NetworkError
        If a layer has no counterpart here.
    """

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.nodes = network.program.nodes
        (self.output,) = network.program.outputs
        self.steps = nn.ModuleList([_module(node, self.nodes, network) for node in self.nodes])

    def forward(self, x: Tensor, scores: bool = False) -> Tensor:
        """Compute the output, or with `scores` what a final Softmax takes."""
        outputs: list[Tensor] = []
        for node, step in zip(self.nodes, self.steps, strict=True):
            sources = [outputs[source] for source in node.sources] or [x]
            skips = scores and node.index == self.output and isinstance(node.kind, Softmax)
            outputs.append(sources[0] if skips else step(*sources))
        return outputs[self.output]


class _Add(nn.Module):
    def forward(self, *terms: Tensor) -> Tensor:
        return sum(terms[1:], terms[0])


def _module(node: Node, nodes: tuple[Node, ...], network: Network) -> nn.Module:
    make = MODULES.get(type(node.kind))
    if make is None:
        raise NetworkError(f"{node.id}: there is no PyTorch module here for {type(node.kind).__name__}.")
    made = make(node, node.kind).to(torch.from_numpy(network.parameters).dtype)
    if not node.weights:
        return made
    state = {}
    for name in node.weights:
        array = torch.from_numpy(network.weights[f"{node.id}/{name}"])
        state[_NAMES[name]] = _turned(array, node, nodes) if name == "kernel" else array
    made.load_state_dict(state, strict=False)
    return made


_NAMES = {
    "kernel": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "moving_mean": "running_mean",
    "moving_variance": "running_var",
}


def _turned(kernel: Tensor, node: Node, nodes: tuple[Node, ...]) -> Tensor:
    if kernel.ndim == 4:
        return kernel.permute(3, 2, 0, 1)
    source = nodes[node.sources[0]]
    while isinstance(source.kind, ReLU | Dropout):
        source = nodes[source.sources[0]]
    if isinstance(source.kind, Flatten) and len(source.inputs[0]) == 3:
        high, wide, channels = source.inputs[0]
        kernel = kernel.reshape(high, wide, channels, -1).permute(2, 0, 1, 3).reshape(kernel.shape)
    return kernel.T


def _slides(node: Node, window: Window) -> dict[str, Any]:
    if any(axis.before != axis.after for axis in window.axes):
        raise NetworkError(f"{node.id} pads unevenly, which PyTorch's modules do not.")
    high, wide = window.axes
    return {
        "kernel_size": (high.f, wide.f),
        "stride": (high.stride, wide.stride),
        "padding": (high.before, wide.before),
        "dilation": (high.dilation, wide.dilation),
    }


def _conv(node: Node, kind: Conv2D) -> nn.Module:
    how = _slides(node, kind.window(node.inputs[0]))
    return nn.Conv2d(node.inputs[0][2], kind.filters, **how, groups=kind.groups, bias=kind.bias)


def _max_pool(node: Node, kind: MaxPool2D) -> nn.Module:
    return nn.MaxPool2d(**_slides(node, kind.window(node.inputs[0])), ceil_mode=kind.rounding == "ceil")


def _batch_norm(node: Node, kind: BatchNorm) -> nn.Module:
    normal = nn.BatchNorm2d if len(node.shape) == 3 else nn.BatchNorm1d
    return normal(node.shape[-1], eps=kind.epsilon, momentum=1 - kind.momentum, affine=kind.affine)


MODULES: dict[type[Kind], Callable[[Node, Any], nn.Module]] = {
    Input: lambda _node, _kind: nn.Identity(),
    Conv2D: _conv,
    MaxPool2D: _max_pool,
    BatchNorm: _batch_norm,
    Dense: lambda node, kind: nn.Linear(node.inputs[0][0], kind.units, bias=kind.bias),
    AdaptiveAvgPool2D: lambda _node, kind: nn.AdaptiveAvgPool2d(pair(kind.output_size)),
    GlobalAvgPool2D: lambda _node, _kind: nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
    Dropout: lambda _node, kind: nn.Dropout(kind.rate),
    Flatten: lambda _node, _kind: nn.Flatten(),
    ReLU: lambda _node, _kind: nn.ReLU(),
    Softmax: lambda _node, _kind: nn.Softmax(dim=1),
    Add: lambda _node, _kind: _Add(),
}
"""The module that computes each kind."""
