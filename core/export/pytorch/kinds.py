"""Every kind of layer in PyTorch: what is computed is what Convograph computes, values, gradients and statistics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from core.engine.program import Node
from core.errors import ExportError
from core.export.pytorch.spelling import Spelling, Turn, arguments, padded, text
from core.io.weights import Array
from core.layers import Kind
from core.layers.activation import ReLU, Sigmoid, Softmax, Tanh
from core.layers.arithmetic import Average, Maximum, Multiply, Subtract
from core.layers.convolution import Conv2D
from core.layers.dense import Dense, Flatten
from core.layers.global_pooling import AdaptiveAvgPool2D, GlobalAvgPool2D, GlobalMaxPool2D
from core.layers.input import Input
from core.layers.local import LocallyConnected2D
from core.layers.local_response import LocalResponseNorm
from core.layers.margins import Crop2D, PadChannels, ReflectPad2D, ZeroPad2D
from core.layers.maxout import Maxout
from core.layers.merge import Add, Concat
from core.layers.normalisation import BatchNorm, GroupNorm, InstanceNorm, LayerNorm, Normalisation
from core.layers.pooling import AvgPool2D, L2Pool2D, MaxPool2D
from core.layers.rectifiers import ELU, SELU, LeakyReLU, PReLU, ReLU6
from core.layers.regularisation import Dropout, GaussianNoise, SpatialDropout
from core.layers.resampling import ChannelShuffle, DepthToSpace, SpaceToDepth, Upsample2D
from core.layers.reshape import Reshape
from core.layers.smooth import GELU, HardSigmoid, HardSwish, Mish, SiLU, Softplus, Softsign
from core.layers.transposed import ConvTranspose2D
from core.shapes import Shape, margins, pair
from core.sliding_windows import Window

CHANNELS_LAST, CHANNELS_FIRST = ".permute(0, 2, 3, 1)", ".permute(0, 3, 1, 2)"

_SCALED = {"gamma": "weight", "beta": "bias"}


def _as_is(array: Array) -> Array:
    return array


def _arrays(axes: tuple[int, ...], bias: bool) -> dict[str, tuple[str, Turn]]:
    kernel = {"kernel": ("weight", lambda kernel: kernel.transpose(axes))}
    return kernel | ({"bias": ("bias", _as_is)} if bias else {})


def _conv(node: Node, kind: Conv2D) -> Spelling:
    window = kind.window(node.inputs[0])
    (top, bottom), (left, right) = sides = _sides(window)
    even = top == bottom and left == right
    made = arguments(
        node.inputs[0][2],
        kind.filters,
        pair(kind.kernel_size),
        stride=(pair(kind.stride), 1),
        padding=((top, left) if even else 0, 0),
        dilation=(pair(kind.dilation), 1),
        groups=(kind.groups, 1),
        bias=(kind.bias, True),
    )
    call = f"{{self}}({'{0}' if even else padded(sides)})"
    axes = (3, 2, 0, 1)
    return Spelling(call, f"nn.Conv2d({made})", _arrays(axes, kind.bias), axes=axes)


def _sides(window: Window) -> tuple[tuple[int, int], tuple[int, int]]:
    high, wide = window.axes
    return (high.before, high.after), (wide.before, wide.after)


def _conv_transpose(node: Node, kind: ConvTranspose2D) -> Spelling:
    rows, columns = kind.spreads(node.inputs[0])
    ends = tuple(axis.out + axis.before - axis.canvas for axis in (rows, columns))  # below 0 where something is cut off
    extras = (rows.extra, columns.extra)
    even = all(axis.before == axis.after for axis in (rows, columns))
    made = arguments(
        node.inputs[0][2],
        kind.filters,
        pair(kind.kernel_size),
        stride=(pair(kind.stride), 1),
        padding=((rows.before, columns.before) if even else 0, 0),
        output_padding=(extras if even else tuple(max(0, end) for end in ends), 0),
        groups=(kind.groups, 1),
        bias=(kind.bias, True),
        dilation=(pair(kind.dilation), 1),
    )
    call = "{self}({0})"
    if not even and any(axis.before or end < 0 for axis, end in zip((rows, columns), ends, strict=True)):
        cuts = ", ".join(f"{axis.before}:{axis.before + axis.out}" for axis in (rows, columns))
        call += f"[:, :, {cuts}]"
    axes = (2, 3, 0, 1)
    return Spelling(call, f"nn.ConvTranspose2d({made})", _arrays(axes, kind.bias), axes=axes)


def _locally_connected(node: Node, kind: LocallyConnected2D) -> Spelling:
    (size, channels), out = (pair(kind.kernel_size), node.inputs[0][2]), node.shape[:2]
    settings = arguments(stride=(pair(kind.stride), 1), bias=(kind.bias, True))
    made = ", ".join(filter(None, [arguments(channels, kind.filters, size), repr(out), settings]))

    def turn(kernel: Array) -> Array:
        """(H', W', F·F·C, K) -> (H', W', C·F·F, K)."""
        parts = kernel.reshape(*out, size[0] * size[1], channels, -1)
        return parts.swapaxes(2, 3).reshape(kernel.shape)

    arrays: dict[str, tuple[str, Turn]] = {"kernel": ("weight", turn)}
    if kind.bias:
        arrays["bias"] = ("bias", lambda bias: bias.transpose(2, 0, 1))
    call = f"{{self}}({padded(_sides(kind.window(node.inputs[0])))})"
    return Spelling(call, f"LocallyConnected2d({made})", arrays, ("LocallyConnected2d",))


def _reach(window: Window) -> tuple[tuple[int, int], tuple[int, int]]:
    """Return the margins with what the last windows reach beyond them."""
    high, wide = ((axis.before, axis.after + axis.overhang) for axis in window.axes)
    return high, wide


def _pool(window: Window) -> tuple[str, str]:
    high, wide = window.axes
    return text((high.f, wide.f)), text((high.stride, wide.stride))


def _is_plain(window: Window) -> bool:
    """Whether PyTorch's pools take the padding as it is: even, and no more than half a window."""
    return all(axis.before == axis.after and 2 * axis.before <= axis.f for axis in window.axes)


def _pool_arguments(window: Window, **more: tuple[Any, Any]) -> str:
    high, wide = window.axes
    return arguments(
        (high.f, wide.f),
        stride=((high.stride, wide.stride), (high.f, wide.f)),
        padding=((high.before, wide.before), 0),
        dilation=((high.dilation, wide.dilation), 1),
        ceil_mode=(any(axis.overhang for axis in window.axes), False),
        **more,
    )


def _max_pool(node: Node, kind: MaxPool2D) -> Spelling:
    window = kind.window(node.inputs[0])
    if _is_plain(window):
        return Spelling(f"F.max_pool2d({{0}}, {_pool_arguments(window)})")
    size, stride = _pool(window)
    dilation = pair(kind.dilation)
    more = arguments(dilation=(dilation, 1))
    image = padded(_reach(window), how=', value=float("-inf")')
    return Spelling(f"F.max_pool2d({image}, {size}, {stride}{', ' + more if more else ''})")


def _avg_pool(node: Node, kind: AvgPool2D) -> Spelling:
    window = kind.window(node.inputs[0])
    if _is_plain(window):
        return Spelling(f"F.avg_pool2d({{0}}, {_pool_arguments(window, count_include_pad=(kind.count_padding, True))})")
    size, stride = _pool(window)
    (top, bottom), (left, right) = _sides(window)
    high, wide = (axis.overhang for axis in window.axes)
    sides = f"({left}, {right}, {top}, {bottom}), (0, {wide}, 0, {high})"
    call = f"average_pool({{0}}, {size}, {stride}, {sides}, {kind.count_padding})"
    return Spelling(call, needs=("average_pool",))


def _l2_pool(node: Node, kind: L2Pool2D) -> Spelling:
    window = kind.window(node.inputs[0])
    size, stride = _pool(window)
    return Spelling(f"l2_pool({padded(_reach(window))}, {size}, {stride})", needs=("l2_pool",))


def _normal(node: Node, kind: Normalisation, module: str, needs: tuple[str, ...] = ()) -> Spelling:
    arrays = {ours: (theirs, _as_is) for ours, theirs in _SCALED.items() if kind.affine}
    return Spelling("{self}({0})", module, arrays, needs)


def _batch_norm(node: Node, kind: BatchNorm) -> Spelling:
    name = "nn.BatchNorm2d" if len(node.shape) == 3 else "nn.BatchNorm1d"
    share = round(1 - kind.momentum, 15)  # of the new value, where ours is that of the old one
    made = arguments(node.shape[-1], eps=(kind.epsilon, 1e-5), momentum=(share, 0.1), affine=(kind.affine, True))
    said = _normal(node, kind, f"{name}({made})")
    moving = {"moving_mean": ("running_mean", _as_is), "moving_variance": ("running_var", _as_is)}
    return Spelling(said.call, said.module, {**said.arrays, **moving})


def _layer_norm(node: Node, kind: LayerNorm) -> Spelling:
    made = arguments(node.shape[-1], eps=(kind.epsilon, 1e-5), elementwise_affine=(kind.affine, True))
    if len(node.shape) == 3:
        return _normal(node, kind, f"LayerNorm2d({made})", ("LayerNorm2d",))
    return _normal(node, kind, f"nn.LayerNorm({made})")


def _group_norm(node: Node, kind: GroupNorm) -> Spelling:
    made = arguments(kind.groups, node.shape[-1], eps=(kind.epsilon, 1e-5), affine=(kind.affine, True))
    return _normal(node, kind, f"nn.GroupNorm({made})")


def _instance_norm(node: Node, kind: InstanceNorm) -> Spelling:
    c = node.shape[-1]
    if node.shape[:2] == (1, 1):  # which InstanceNorm2d refuses
        made = arguments(c, c, eps=(kind.epsilon, 1e-5), affine=(kind.affine, True))
        return _normal(node, kind, f"nn.GroupNorm({made})")
    made = arguments(c, eps=(kind.epsilon, 1e-5), affine=(kind.affine, False))
    return _normal(node, kind, f"nn.InstanceNorm2d({made})")


def _flatten(node: Node, kind: Flatten) -> Spelling:
    return Spelling(f"{{0}}{CHANNELS_LAST}.flatten(1)" if len(node.inputs[0]) == 3 else "{0}")


def _reshape(node: Node, kind: Reshape) -> Spelling:
    before = CHANNELS_LAST if len(node.inputs[0]) == 3 else ""
    after = CHANNELS_FIRST if len(node.shape) == 3 else ""
    return Spelling(f"{{0}}{before}.reshape({', '.join(map(str, (-1, *node.shape)))}){after}")


def _each(node: Node) -> list[str]:
    return [f"{{{port}}}" for port in range(len(node.sources))]


def _multiply(node: Node, kind: Multiply) -> Spelling:
    is_image = len(node.shape) == 3
    factors = [
        f"{factor}[:, :, None, None]" if is_image and len(shape) == 1 else factor
        for factor, shape in zip(_each(node), node.inputs, strict=True)
    ]
    return Spelling(" * ".join(factors))


def _concat(node: Node, kind: Concat) -> Spelling:
    axis = kind.axis % len(node.shape)
    dim = 1 if axis == len(node.shape) - 1 else axis + 2
    return Spelling(f"torch.cat(({', '.join(_each(node))}), {dim})")


def _crop(node: Node, kind: Crop2D) -> Spelling:
    (top, _), (left, _) = margins(kind.cropping)
    high, wide, _ = node.shape
    return Spelling(f"{{0}}[:, :, {top}:{top + high}, {left}:{left + wide}]")


def _pad_channels(node: Node, kind: PadChannels) -> Spelling:
    places = "0, 0, 0, 0, " if len(node.shape) == 3 else ""
    return Spelling(f"F.pad({{0}}, ({places}{kind.before}, {kind.after}))")


def _upsample(node: Node, kind: Upsample2D) -> Spelling:
    how = ', mode="bilinear", align_corners=False' if kind.interpolation == "bilinear" else ""
    return Spelling(f"F.interpolate({{0}}, scale_factor={text(pair(kind.factor))}{how})")


def _prelu(node: Node, kind: PReLU) -> Spelling:
    made = arguments(1 if kind.shared else node.shape[-1])
    return Spelling("{self}({0})", f"nn.PReLU({made})", {"slope": ("weight", _as_is)})


def _dense(node: Node, kind: Dense) -> Spelling:
    made = arguments(node.inputs[0][0], kind.units, bias=(kind.bias, True))
    return Spelling("{self}({0})", f"nn.Linear({made})", _arrays((1, 0), kind.bias), axes=(1, 0))


def _shuffle(node: Node, kind: ChannelShuffle) -> Spelling:
    return Spelling(f"{{0}}.unflatten(1, ({kind.groups}, -1)).transpose(1, 2).flatten(1, 2)")


def _function(name: str) -> Callable[[Node, Any], Spelling]:
    return lambda node, kind: Spelling(f"{name}({{0}})")


def _module(made: Callable[[Any], str], *needs: str) -> Callable[[Node, Any], Spelling]:
    return lambda node, kind: Spelling("{self}({0})", made(kind), needs=needs)


def _said(call: Callable[[Any], str], *needs: str) -> Callable[[Node, Any], Spelling]:
    return lambda node, kind: Spelling(call(kind), needs=needs)


SPELLINGS: dict[type[Kind], Callable[[Node, Any], Spelling]] = {
    Input: _said(lambda kind: "{0}"),
    Conv2D: _conv,
    ConvTranspose2D: _conv_transpose,
    LocallyConnected2D: _locally_connected,
    MaxPool2D: _max_pool,
    AvgPool2D: _avg_pool,
    L2Pool2D: _l2_pool,
    GlobalAvgPool2D: _said(lambda kind: "{0}.mean((2, 3))"),
    GlobalMaxPool2D: _said(lambda kind: "F.adaptive_max_pool2d({0}, 1).flatten(1)"),
    AdaptiveAvgPool2D: _said(lambda kind: f"F.adaptive_avg_pool2d({{0}}, {text(pair(kind.output_size))})"),
    ReLU: _function("F.relu"),
    Sigmoid: _function("torch.sigmoid"),
    Tanh: _function("torch.tanh"),
    Softmax: _said(lambda kind: "F.softmax({0}, 1)"),
    ReLU6: _function("F.relu6"),
    LeakyReLU: _said(lambda kind: f"F.leaky_relu({{0}}, {kind.slope!r})"),
    PReLU: _prelu,
    ELU: _said(lambda kind: f"F.elu({{0}}, {kind.alpha!r})"),
    SELU: _function("F.selu"),
    GELU: _said(lambda kind: f"F.gelu({{0}}{', approximate=' + repr('tanh') if kind.approximate else ''})"),
    SiLU: _function("F.silu"),
    Mish: _function("F.mish"),
    Softplus: _function("F.softplus"),
    Softsign: _function("F.softsign"),
    HardSigmoid: _said(lambda kind: "F.relu6({0} + 3) / 6"),  # hardsigmoid has its slope in single precision
    HardSwish: _function("F.hardswish"),
    Maxout: _said(lambda kind: f"{{0}}.unflatten(1, (-1, {kind.pieces})).max(2).values"),
    BatchNorm: _batch_norm,
    LayerNorm: _layer_norm,
    GroupNorm: _group_norm,
    InstanceNorm: _instance_norm,
    LocalResponseNorm: _said(
        lambda kind: f"F.local_response_norm({{0}}, {kind.size}, {kind.alpha!r}, {kind.beta!r}, {kind.k!r})"
    ),
    Dropout: _module(lambda kind: f"nn.Dropout({kind.rate!r})"),
    SpatialDropout: _module(lambda kind: f"nn.Dropout2d({kind.rate!r})"),
    GaussianNoise: _module(lambda kind: f"GaussianNoise({kind.std!r})", "GaussianNoise"),
    Dense: _dense,
    Flatten: _flatten,
    Reshape: _reshape,
    Add: lambda node, kind: Spelling(" + ".join(_each(node))),
    Subtract: lambda node, kind: Spelling("{0} - {1}"),
    Multiply: _multiply,
    Average: lambda node, kind: Spelling(f"({' + '.join(_each(node))}) / {len(node.sources)}"),
    Maximum: lambda node, kind: Spelling(f"maximum({', '.join(_each(node))})", needs=("maximum",)),
    Concat: _concat,
    ZeroPad2D: lambda node, kind: Spelling(padded(margins(kind.padding))),
    ReflectPad2D: lambda node, kind: Spelling(padded(margins(kind.padding), how=', mode="reflect"')),
    PadChannels: _pad_channels,
    Crop2D: _crop,
    Upsample2D: _upsample,
    SpaceToDepth: _said(lambda kind: f"F.pixel_unshuffle({{0}}, {kind.block_size})"),
    DepthToSpace: _said(lambda kind: f"F.pixel_shuffle({{0}}, {kind.block_size})"),
    ChannelShuffle: _shuffle,
}
"""How each kind is said, of a layer and its settings."""


def spelled(node: Node) -> Spelling:
    """Say a layer in PyTorch.

    Raises
    ------
    ExportError
        If PyTorch can't say it; the text names the layer.
    """
    spell = SPELLINGS.get(type(node.kind))
    if spell is None:
        raise ExportError(
            f"{node.id}: {type(node.kind).__name__} cannot be said in PyTorch. Put other layers in its place, or "
            "export the network in another format.",
            node.id,
        )
    said = spell(node, node.kind)
    if said.module and node.weights and not node.trainable:
        return replace(said, module=f"{said.module}.requires_grad_(False)")
    return said


def batch_shape(shape: Shape) -> str:
    """Write the shape of a batch as PyTorch has it.

    >>> batch_shape((28, 28, 6)), batch_shape((10,))
    ('N×6×28×28', 'N×10')
    """
    return "×".join(map(str, ("N", shape[-1], *shape[:-1])))
