"""Windows, products, normalisation and Dropout of PyTorch, in ONNX's words."""

from __future__ import annotations

from typing import Any

from core.importing.pytorch.wording import Saying, Words

# --- Windows ----------------------------------------------------------------------------------------------------------


def convolution(words: Words) -> None:
    """Say a convolution, or a transposed one."""
    rank = len(words.sizes("weight"))
    if rank != 4:
        raise words.refuse(f"its kernel has {rank - 2} axes; Convograph's filters have height and width.")
    settings: dict[str, Any] = {
        "strides": words.pair("stride", (1, 1)),
        "dilations": words.pair("dilation", (1, 1)),
        "group": words.whole("groups", 1),
    }
    inputs = [words.value("input"), words.value("weight"), *filter(None, [words.value("bias")])]
    padding = words.argument("padding")
    if isinstance(padding, str):
        settings["pads"] = _same(words, settings["dilations"]) if padding == "same" else [0, 0, 0, 0]
    else:
        settings["pads"] = words.pair("padding", (0, 0)) * 2
    if words.argument("transposed", "transpose" in words.call.target):
        words.end("ConvTranspose", inputs, output_padding=words.pair("output_padding", (0, 0)), **settings)
    else:
        words.end("Conv", inputs, **settings)


def _same(words: Words, dilation: list[int]) -> list[int]:
    """Return the padding that keeps the sides, the odd pixel at the bottom and right; strides are 1 then."""
    totals = [d * (f - 1) for d, f in zip(dilation, words.sizes("weight")[2:], strict=True)]
    return [*(total // 2 for total in totals), *(total - total // 2 for total in totals)]


def _window(words: Words) -> dict[str, Any]:
    size = words.pair("kernel_size")
    return {
        "kernel_shape": size,
        "strides": words.pair("stride", size) or size,
        "pads": words.pair("padding", (0, 0)) * 2,
        "ceil_mode": int(bool(words.argument("ceil_mode", False))),
    }


def max_pool(words: Words) -> None:
    """Say a max pool; its indices are no use to a network of layers."""
    words.end("MaxPool", [words.value("self")], dilations=words.pair("dilation", (1, 1)), **_window(words))


def average_pool(words: Words) -> None:
    """Say an average pool; one that divides by another number is a part of an L2 pool, or nothing of ours."""
    if words.argument("divisor_override") is not None:
        words.end("avg_pool2d with a divisor_override", [words.value("self")])
        return
    counted = int(bool(words.argument("count_include_pad", True)))
    words.end("AveragePool", [words.value("self")], count_include_pad=counted, **_window(words))


def adaptive_average(words: Words) -> None:
    """Say a pool of as many windows as asked for: of one, it is a global pool."""
    size = words.pair("output_size")
    if size == [1, 1]:
        words.end("GlobalAveragePool", [words.value("self")])
    else:
        words.end("AdaptiveAveragePool", [words.value("self")], output_size=size)


def adaptive_maximum(words: Words) -> None:
    """Say a global max pool."""
    if words.pair("output_size") != [1, 1]:
        raise words.refuse("Convograph's largest values are those of windows of one size, or of the whole image.")
    words.end("GlobalMaxPool", [words.value("self")])


def reduced(op: str) -> Saying:
    """Say a mean or maximum over axes."""

    def say(words: Words) -> None:
        axes = words.wholes("dim") or [*range(len(words.sizes()))]
        words.end(op, [words.value("self")], axes=axes, keepdims=int(bool(words.argument("keepdim", False))))

    return say


# --- Products ---------------------------------------------------------------------------------------------------------


def linear(words: Words) -> None:
    """Say linear: of features a Gemm, of images a product for each pixel."""
    inputs = [words.value("input"), words.value("weight")]
    bias = words.value("bias")
    if len(words.sizes("input")) == 2:
        words.end("Gemm", [*inputs, *filter(None, [bias])], transB=1)
        return
    turned = words.node("Transpose", inputs[1:], perm=[1, 0])
    if not bias:
        words.end("MatMul", [inputs[0], turned])
        return
    words.end("Add", [words.node("MatMul", [inputs[0], turned]), bias])


def addmm(words: Words) -> None:
    """Say a product of matrices with a bias."""
    inputs = [words.value(key) for key in ("mat1", "mat2", "self")]
    words.end("Gemm", inputs, alpha=words.number("alpha", 1), beta=words.number("beta", 1))


def matmul(words: Words) -> None:
    """Say a product of matrices."""
    words.end("MatMul", [words.value("self"), words.value("mat2") or words.value("other")])


# --- Normalising ------------------------------------------------------------------------------------------------------


def batch_norm(words: Words) -> None:
    """Say a BatchNorm; momentum is the share of the new value in PyTorch, of the old one in ONNX and here."""
    arrays = [words.value(key) for key in ("input", "weight", "bias", "running_mean", "running_var")]
    if not (arrays[3] and arrays[4]):
        raise words.refuse(
            "it keeps no moving mean and variance, and so depends on the batch; BatchNorm here does not."
        )
    if words.argument("training", "functional" in words.call.target):
        _said_for_training(words)
    momentum = 1 - words.number("momentum", 0.1)
    words.end("BatchNormalization", arrays, epsilon=words.number("eps", 1e-5), momentum=round(momentum, 12))


def _said_for_training(words: Words) -> None:
    said = "It was exported for training: Dropout and BatchNorm do there what they do here in training."
    if said not in words.wording.changes:
        words.wording.changes.append(said)


def layer_norm(words: Words) -> None:
    """Say a LayerNorm over the last axes."""
    arrays = [words.value(key) for key in ("input", "weight", "bias")]
    n_axes = len(words.wholes("normalized_shape"))
    words.end("LayerNormalization", arrays, axis=-n_axes, epsilon=words.number("eps", 1e-5))


def group_norm(words: Words) -> None:
    """Say a GroupNorm."""
    arrays = [words.value(key) for key in ("input", "weight", "bias")]
    groups = words.whole("num_groups" if "num_groups" in words.call.arguments else "group")
    words.end("GroupNormalization", arrays, num_groups=groups, epsilon=words.number("eps", 1e-5))


def instance_norm(words: Words) -> None:
    """Say an InstanceNorm."""
    if words.argument("use_input_stats", True) is not True:
        raise words.refuse("it normalises by moving averages; Convograph's InstanceNorm takes each sample's own.")
    arrays = [words.value(key) for key in ("input", "weight", "bias")]
    words.end("InstanceNormalization", arrays, epsilon=words.number("eps", 1e-5))


def dropout(op: str) -> Saying:
    """Say Dropout, of values or of channels."""

    def say(words: Words) -> None:
        if words.argument("train", False):
            _said_for_training(words)
        words.end(op, [words.value("input")], ratio=words.number("p", 0.5))

    return say


def softmax(words: Words) -> None:
    """Say a Softmax."""
    words.end("Softmax", [words.value("self")], axis=words.axis("dim"))
