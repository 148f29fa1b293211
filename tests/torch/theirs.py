"""Every kind in PyTorch: what ours are compared with."""

import torch
from torch.nn import functional

from core.shapes import margins, pair


def channels_first(x):
    return x.permute(0, 3, 1, 2) if x.ndim == 4 else x


def channels_last(x):
    return x.permute(0, 2, 3, 1) if x.ndim == 4 else x


def padded(x, found, fill=0.0):
    """Pad images as far as a window reaches."""
    (top, bottom), (left, right) = ((axis.before, axis.after + axis.overhang) for axis in found.axes)
    return functional.pad(x, (left, right, top, bottom), value=fill)


def conv(spec, w, x, training):
    found = spec.window((*x.shape[2:], x.shape[1]))
    how = {"stride": pair(spec.stride), "dilation": pair(spec.dilation), "groups": spec.groups}
    return functional.conv2d(padded(x, found), w["kernel"].permute(3, 2, 0, 1), w.get("bias"), **how)


def conv_transpose(spec, w, x, training):
    kernel = w["kernel"].permute(2, 3, 0, 1).contiguous()  # (C, K/groups, F, F)
    how = {"stride": pair(spec.stride), "dilation": pair(spec.dilation), "groups": spec.groups}
    if spec.padding != "same":
        (top, bottom), (left, right) = margins(spec.padding)
        if top == bottom and left == right:
            extra = pair(spec.output_padding)
            return functional.conv_transpose2d(
                x, kernel, w.get("bias"), padding=(top, left), output_padding=extra, **how
            )
    # What PyTorch has no setting for is cut out of all that is written, or filled up with zeros.
    whole = functional.conv_transpose2d(x, kernel, **how)
    rows, columns = spec.spreads((*x.shape[2:], x.shape[1]))
    ends = [axis.out - axis.canvas + axis.before for axis in (rows, columns)]
    whole = functional.pad(whole, (-columns.before, ends[1], -rows.before, ends[0]))
    return whole + w["bias"][:, None, None] if spec.bias else whole


def locally_connected(spec, w, x, training):
    found = spec.window((*x.shape[2:], x.shape[1]))
    (high, wide), size = found.out, pair(spec.kernel_size)
    patches = functional.unfold(padded(x, found), size, stride=pair(spec.stride))  # (N, C·F·F, H'·W')
    patches = patches.unflatten(1, (x.shape[1], size[0] * size[1])).transpose(1, 2).flatten(1, 2)
    places = patches.permute(0, 2, 1).unflatten(1, (high, wide))
    y = torch.einsum("nhwf,hwfk->nkhw", places, w["kernel"])
    return y + w["bias"].permute(2, 0, 1) if spec.bias else y


def max_pool(spec, w, x, training):
    found = spec.window((*x.shape[2:], x.shape[1]))
    stride = (found.high.stride, found.wide.stride)
    return functional.max_pool2d(padded(x, found, -torch.inf), pair(spec.pool_size), stride, 0, pair(spec.dilation))


def avg_pool(spec, w, x, training):
    how = {"ceil_mode": spec.rounding == "ceil", "count_include_pad": spec.count_padding}
    if spec.padding != "same":
        (top, _), (left, _) = margins(spec.padding)
        return functional.avg_pool2d(x, pair(spec.pool_size), spec.stride, (top, left), **how)
    found = spec.window((*x.shape[2:], x.shape[1]))
    stride = (found.high.stride, found.wide.stride)
    ones = torch.ones_like(x)
    total, inside = (functional.avg_pool2d(padded(part, found), pair(spec.pool_size), stride) for part in (x, ones))
    return total if spec.count_padding else total / inside


def l2_pool(spec, w, x, training):
    found = spec.window((*x.shape[2:], x.shape[1]))
    return functional.lp_pool2d(padded(x, found), 2, pair(spec.pool_size), (found.high.stride, found.wide.stride))


def batch_norm(spec, w, x, training):
    return functional.batch_norm(
        x,
        w["moving_mean"],
        w["moving_variance"],
        w.get("gamma"),
        w.get("beta"),
        training,
        1 - spec.momentum,
        spec.epsilon,
    )


def layer_norm(spec, w, x, training):
    y = functional.layer_norm(channels_last(x), (x.shape[1],), w.get("gamma"), w.get("beta"), spec.epsilon)
    return channels_first(y)


def instance_norm(spec, w, x, training):
    return functional.instance_norm(x, weight=w.get("gamma"), bias=w.get("beta"), eps=spec.epsilon)


def multiply(spec, w, *xs):
    *xs, _ = xs
    rank = max(x.ndim for x in xs)
    product = torch.ones(())
    for x in xs:
        product = product * (x if x.ndim == rank else x[:, :, None, None])
    return product


def maxout(spec, w, x, training):
    return x.unflatten(1, (-1, spec.pieces)).amax(2)


def flatten(spec, w, x, training):
    return channels_last(x).flatten(1)


def reshape(spec, w, x, training):
    return channels_first(channels_last(x).reshape(len(x), *spec.shape))


def concat(spec, w, *xs):
    *xs, _ = xs
    return channels_first(torch.cat([channels_last(x) for x in xs], spec.axis % (xs[0].ndim - 1) + 1))


def pad(x, sides, **how):
    (top, bottom), (left, right) = sides
    return functional.pad(x, (left, right, top, bottom), **how)


def crop(spec, w, x, training):
    (top, bottom), (left, right) = margins(spec.cropping)
    return functional.pad(x, (-left, -right, -top, -bottom))


def pad_channels(spec, w, x, training):
    return functional.pad(x, (0, 0) * (x.ndim - 2) + (spec.before, spec.after))


def upsample(spec, w, x, training):
    how = {"align_corners": False} if spec.interpolation == "bilinear" else {}
    return functional.interpolate(x, scale_factor=pair(spec.factor), mode=spec.interpolation, **how)


def channel_shuffle(spec, w, x, training):
    y = functional.channel_shuffle(x if x.ndim == 4 else x[:, :, None, None], spec.groups)
    return y if x.ndim == 4 else y.flatten(1)


def curve(name):
    return lambda spec, w, x, training: getattr(functional, name)(x)


def in_inference(spec, w, x, training):
    return x


THEIRS = {
    "Conv2D": conv,
    "ConvTranspose2D": conv_transpose,
    "LocallyConnected2D": locally_connected,
    "MaxPool2D": max_pool,
    "AvgPool2D": avg_pool,
    "L2Pool2D": l2_pool,
    "GlobalAvgPool2D": lambda spec, w, x, training: x.mean((2, 3)),
    "GlobalMaxPool2D": lambda spec, w, x, training: functional.adaptive_max_pool2d(x, 1).flatten(1),
    "AdaptiveAvgPool2D": lambda spec, w, x, training: functional.adaptive_avg_pool2d(x, pair(spec.output_size)),
    "ReLU": curve("relu"),
    "Sigmoid": curve("sigmoid"),
    "Tanh": curve("tanh"),
    "Softmax": lambda spec, w, x, training: functional.softmax(x, 1),
    "ReLU6": curve("relu6"),
    "LeakyReLU": lambda spec, w, x, training: functional.leaky_relu(x, spec.slope),
    "PReLU": lambda spec, w, x, training: functional.prelu(x, w["slope"]),
    "ELU": lambda spec, w, x, training: functional.elu(x, spec.alpha),
    "SELU": curve("selu"),
    "GELU": lambda spec, w, x, training: functional.gelu(x, approximate="tanh" if spec.approximate else "none"),
    "SiLU": curve("silu"),
    "Mish": curve("mish"),
    "Softplus": curve("softplus"),
    "Softsign": curve("softsign"),
    "HardSigmoid": curve("hardsigmoid"),
    "HardSwish": curve("hardswish"),
    "Maxout": maxout,
    "BatchNorm": batch_norm,
    "LayerNorm": layer_norm,
    "GroupNorm": lambda spec, w, x, training: functional.group_norm(
        x, spec.groups, w.get("gamma"), w.get("beta"), spec.epsilon
    ),
    "InstanceNorm": instance_norm,
    "LocalResponseNorm": lambda spec, w, x, training: functional.local_response_norm(
        x, spec.size, spec.alpha, spec.beta, spec.k
    ),
    "Dropout": in_inference,
    "SpatialDropout": in_inference,
    "GaussianNoise": in_inference,
    "Dense": lambda spec, w, x, training: functional.linear(x, w["kernel"].T, w.get("bias")),
    "Flatten": flatten,
    "Reshape": reshape,
    "Add": lambda spec, w, *xs: torch.stack(xs[:-1]).sum(0),
    "Subtract": lambda spec, w, x, y, training: x - y,
    "Multiply": multiply,
    "Average": lambda spec, w, *xs: torch.stack(xs[:-1]).mean(0),
    "Maximum": lambda spec, w, *xs: torch.stack(xs[:-1]).amax(0),
    "Concat": concat,
    "ZeroPad2D": lambda spec, w, x, training: pad(x, margins(spec.padding)),
    "ReflectPad2D": lambda spec, w, x, training: pad(x, margins(spec.padding), mode="reflect"),
    "PadChannels": pad_channels,
    "Crop2D": crop,
    "Upsample2D": upsample,
    "SpaceToDepth": lambda spec, w, x, training: functional.pixel_unshuffle(x, spec.block_size),
    "DepthToSpace": lambda spec, w, x, training: functional.pixel_shuffle(x, spec.block_size),
    "ChannelShuffle": channel_shuffle,
}
"""Each kind in PyTorch: a function of its settings, its weights, its inputs (channels first) and the mode."""
