"""The layers of Keras that are read: one table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from core.errors import ModelError
from core.importing.keras.configuration import KerasLayer
from core.importing.keras.moving import flatten, permute, reshape
from core.importing.keras.reading import Reading, Step, Value
from core.importing.keras.values import (
    ACTIVATIONS,
    activated,
    batch_norm,
    concatenate,
    dense,
    dropout,
    group_norm,
    layer_norm,
    merge,
    noise,
    same,
    spatial_dropout,
)
from core.importing.keras.windows import (
    adaptive_pool,
    average_pool,
    convolution,
    cropping,
    depthwise,
    global_pool,
    max_pool,
    separable,
    transposed,
    upsampling,
    zero_padding,
)
from core.io.failures import shown
from core.text import excerpt


def _input(step: Step) -> Value:
    """Draw what samples come in by; of a model within another one, it passes on what that is given."""
    if step.layer.sources:
        return step.value
    config = step.layer.config
    written = config.get("batch_shape") or config.get("batch_input_shape") or config.get("shape")
    called = shown(step.wish)
    if not isinstance(written, list | tuple) or len(written) not in (2, 4):
        raise ModelError(
            f"its input {called} has the shape {excerpt(written, 100)}; Convograph's are images, N×H×W×C, or features, "
            "N×C, of known sizes."
        )
    sides = written[1:]
    if not all(isinstance(side, int) and side > 0 for side in sides):
        raise ModelError(
            f"its input {called} leaves a side open, or has one of no pixels: {excerpt(written, 100)}. Convograph "
            "computes with known sizes; make the model with a fixed height, width and number of channels."
        )
    return step.draw("Input", (), shape=tuple(sides))


def _lambda(step: Step) -> Value:
    raise step.refuse("it holds a program of its own, which is never run. Say what it does by layers.")


LAYERS: Final[Mapping[str, Callable[[Step], Value]]] = {
    "InputLayer": _input,
    "Conv2D": convolution,
    "Convolution2D": convolution,
    "DepthwiseConv2D": depthwise,
    "SeparableConv2D": separable,
    "Conv2DTranspose": transposed,
    "MaxPooling2D": max_pool,
    "AveragePooling2D": average_pool,
    "GlobalAveragePooling2D": global_pool,
    "GlobalMaxPooling2D": global_pool,
    "AdaptiveAveragePooling2D": adaptive_pool,
    "UpSampling2D": upsampling,
    "ZeroPadding2D": zero_padding,
    "Cropping2D": cropping,
    "Flatten": flatten,
    "Reshape": reshape,
    "Permute": permute,
    **ACTIVATIONS,
    "Dense": dense,
    "BatchNormalization": batch_norm,
    "LayerNormalization": layer_norm,
    "GroupNormalization": group_norm,
    **dict.fromkeys(("Add", "Subtract", "Multiply", "Average", "Maximum"), merge),
    "Concatenate": concatenate,
    "Dropout": dropout,
    "SpatialDropout2D": spatial_dropout,
    "GaussianNoise": noise,
    "Identity": same,
    "Lambda": _lambda,
}
"""By class; whatever isn't here is refused by its name."""

_TRAINING: Final = tuple(
    f"{array}_{what}"
    for array in ("kernel", "bias", "beta", "gamma", "alpha", "activity", "depthwise", "pointwise")
    for what in ("regularizer", "constraint")
)


def take(reading: Reading, layer: KerasLayer) -> None:
    """Draw a layer, and the activation in its settings.

    Raises
    ------
    ModelError
        Our kinds can't say it exactly; the text names it.
    """
    step, draw = Step(reading, layer), LAYERS.get(layer.class_name)
    if layer.path in reading.swallowed:
        reading.values[layer.path] = step.value
        return
    if draw is None:
        raise step.refuse("Convograph has no kind for it.")
    config = layer.config
    if config.get("data_format") not in (None, "channels_last"):
        raise step.refuse(f"its data_format is {excerpt(config['data_format'])}. Save the model with channels_last.")
    for key in _TRAINING:
        if config.get(key) is not None:
            step.say(f"its {key} matters in training alone, and is left out.")
    value = draw(step)
    if layer.class_name not in ACTIVATIONS and config.get("activation") is not None:
        value = activated(step, value, config["activation"])
    reading.values[layer.path] = value
