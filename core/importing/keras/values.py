"""Layers that compute with values where they stand: activations, Dense, normalisations, merges, noise.

Defaults are those of Keras, for settings that a file leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from core.importing.keras.reading import Step, Value
from core.shapes import Shape, count
from core.text import excerpt

_WORDS: Final[Mapping[str, tuple[str, Mapping[str, Any]]]] = {
    "relu": ("ReLU", {}),
    "relu6": ("ReLU6", {}),
    "leaky_relu": ("LeakyReLU", {"slope": 0.2}),
    "elu": ("ELU", {}),
    "selu": ("SELU", {}),
    "gelu": ("GELU", {}),
    "silu": ("SiLU", {}),
    "swish": ("SiLU", {}),
    "mish": ("Mish", {}),
    "softplus": ("Softplus", {}),
    "softsign": ("Softsign", {}),
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "hard_sigmoid": ("HardSigmoid", {}),
    "hard_silu": ("HardSwish", {}),
    "hard_swish": ("HardSwish", {}),
    "softmax": ("Softmax", {}),
}
"""By what Keras calls a function; Keras' own defaults."""


def activation(step: Step) -> Value:
    """Draw Activation."""
    return activated(step, step.value, step.layer.config.get("activation"), step.wish)


def activated(step: Step, value: Value, said: Any, wish: str = "") -> Value:
    """Draw an activation that stands in the settings of a layer.

    Parameters
    ----------
    value : Value
        What it is computed of.
    said : JSON
        A word, or a layer of its own.
    """
    word: Any = said
    if isinstance(said, dict):
        inner, config = said.get("class_name"), said.get("config")
        if inner == "function" and said.get("registered_name") in (None, "function", config):
            word = config
        elif isinstance(inner, str) and inner in ACTIVATIONS and isinstance(config, dict) and inner != "Activation":
            if value is not step.value:
                raise step.refuse(f"its activation is a layer ({inner}); give it a place of its own behind this one.")
            return ACTIVATIONS[inner](step.as_layer(inner, config))
    if word in (None, "linear"):
        return value
    if not isinstance(word, str) or word not in _WORDS:
        raise step.refuse(f"its activation is {excerpt(word, 100)}, for which Convograph has no kind.")
    if word == "hard_sigmoid" and step.reading.model.is_old:
        raise step.refuse("its activation is Keras 2's hard_sigmoid, 0.2·x + ½; Convograph's is x/6 + ½.")
    kind, config = _WORDS[word]
    return step.draw(kind, step.reading.drawn(value), wish=wish or f"{step.wish}_{word}", **config)


def relu(step: Step) -> Value:
    """Draw ReLU, which Keras also uses for ReLU6 and LeakyReLU."""
    config = step.layer.config
    most, slope = config.get("max_value"), step.number("negative_slope", 0.0)
    if step.number("threshold", 0.0):
        raise step.refuse("it has a threshold, which no kind of Convograph has.")
    if most is None:
        return step.draw("LeakyReLU", slope=slope) if slope else step.draw("ReLU")
    if step.number("max_value", 6.0) != 6 or slope:
        raise step.refuse(f"it is cut at {excerpt(most)}; Convograph knows ReLU6, cut at 6 and without a slope.")
    return step.draw("ReLU6")


def leaky_relu(step: Step) -> Value:
    """Draw LeakyReLU; Keras 2 called its slope alpha."""
    return step.draw("LeakyReLU", slope=step.number("alpha" if "alpha" in step.layer.config else "negative_slope", 0.3))


def elu(step: Step) -> Value:
    """Draw ELU."""
    return step.draw("ELU", alpha=step.number("alpha", 1.0))


def softmax(step: Step) -> Value:
    """Draw Softmax."""
    step.require_last()
    return step.draw("Softmax")


def prelu(step: Step) -> Value:
    """Draw PReLU: with a slope for each channel, or one for all."""
    shape = step.reading.drawing.shape(step.source)
    shared = step.layer.config.get("shared_axes") or []
    if not isinstance(shared, list) or not all(axis in range(1, len(shape) + 1) for axis in shared):
        raise step.refuse(f"its shared_axes are {excerpt(shared)}.")
    slopes: Shape = tuple(1 if axis in shared else side for axis, side in enumerate(shape, 1))
    if count(slopes[:-1]) > 1:
        raise step.refuse("it has a slope of its own for each pixel; Convograph's has one for each channel.")
    weights = {name: array.reshape(-1) for name, array in step.weights({"slope": slopes}).items()}
    return step.draw("PReLU", weights=weights, shared=slopes[-1] == 1 and shape[-1] > 1)


def dense(step: Step) -> Value:
    """Draw Dense; of an image, it is a convolution of 1×1."""
    source, units, bias = step.source, step.whole("units"), step.flag("use_bias", True)
    shape = step.reading.drawing.shape(source)
    weights = step.weights({"kernel": (shape[-1], units)} | ({"bias": (units,)} if bias else {}))
    if len(shape) == 1:
        return step.draw("Dense", source, weights=weights, units=units, bias=bias)
    step.say("a Dense of an image is a convolution of 1×1.")
    if weights:
        weights["kernel"] = weights["kernel"].reshape(1, 1, shape[-1], units)
    return step.draw("Conv2D", source, weights=weights, filters=units, kernel_size=1, bias=bias)


def batch_norm(step: Step) -> Value:
    """Draw BatchNormalization."""
    if step.layer.config.get("renorm"):
        raise step.refuse("it renormalises, which no kind of Convograph does.")
    momentum = step.number("momentum", 0.99)
    if step.layer.config.get("trainable") is False:
        step.say("frozen, it still normalises by the batch in training here; in Keras it doesn't.")
    return _norm(step, "BatchNorm", ("moving_mean", "moving_variance"), momentum=momentum)


def layer_norm(step: Step) -> Value:
    """Draw LayerNormalization."""
    if step.layer.config.get("rms_scaling"):
        raise step.refuse("it divides by the root mean square alone, which no kind of Convograph does.")
    return _norm(step, "LayerNorm", ())


def group_norm(step: Step) -> Value:
    """Draw GroupNormalization; with a group for each channel, it is InstanceNorm."""
    groups, depth = step.layer.config.get("groups", 32), step.shape[-1]
    if groups in (-1, depth) and len(step.shape) == 3:
        return _norm(step, "InstanceNorm", ())
    return _norm(step, "GroupNorm", (), groups=depth if groups == -1 else step.whole("groups", 32))


def _norm(step: Step, kind: str, moving: tuple[str, ...], **settings: Any) -> Value:
    step.require_last()
    center, scale, epsilon = step.flag("center", True), step.flag("scale", True), step.number("epsilon", 1e-3)
    learned = {"gamma": scale, "beta": center}
    shape = (step.shape[-1],)
    names = [name for name, is_there in learned.items() if is_there]
    weights = step.weights(dict.fromkeys((*names, *moving), shape))
    affine = center or scale
    if affine and not (center and scale):
        missing = "beta" if scale else "gamma"
        if weights:
            weights[missing] = np.zeros(shape, np.float32) if scale else np.ones(shape, np.float32)
        step.say(f"it has no {missing} in Keras; here training learns one, too, from {0 if scale else 1} on.")
    step.reading.drawing.say(f"{kind}: epsilon is {epsilon:g}, as in the file.")
    return step.draw(kind, weights=weights, epsilon=epsilon, affine=affine, **settings)


def merge(step: Step) -> Value:
    """Draw Add, Subtract, Multiply, Average or Maximum."""
    return step.draw(step.layer.class_name, _several(step))


def concatenate(step: Step) -> Value:
    """Draw Concatenate; Keras counts axes from the batch on."""
    axis = step.layer.config.get("axis", -1)
    sources = _several(step)
    rank = len(step.reading.drawing.shape(sources[0]))
    if isinstance(axis, bool) or not isinstance(axis, int) or not (-rank <= axis < 0 or 1 <= axis <= rank):
        raise step.refuse(f"its axis is {excerpt(axis)}, which its values don't have.")
    ours = axis if axis < 0 else axis - 1
    return step.draw("Concat", sources, axis=-1 if ours in (-1, rank - 1) else ours % rank)


def _several(step: Step) -> tuple[str, ...]:
    if len(step.layer.sources) < 2:
        raise step.refuse("it needs two values or more.")
    return step.sources


def dropout(step: Step) -> Value:
    """Draw Dropout."""
    if step.layer.config.get("noise_shape") is not None:
        raise step.refuse("it drops values together, by its noise_shape; use SpatialDropout2D.")
    return step.draw("Dropout", rate=step.number("rate", 0.5))


def spatial_dropout(step: Step) -> Value:
    """Draw SpatialDropout2D."""
    return step.draw("SpatialDropout", rate=step.number("rate", 0.5))


def noise(step: Step) -> Value:
    """Draw GaussianNoise."""
    return step.draw("GaussianNoise", std=step.number("stddev", 0.1))


def same(step: Step) -> Value:
    """Pass on what a layer returns as it is."""
    return step.value


ACTIVATIONS: Final[Mapping[str, Callable[[Step], Value]]] = {
    "Activation": activation,
    "ReLU": relu,
    "LeakyReLU": leaky_relu,
    "PReLU": prelu,
    "ELU": elu,
    "Softmax": softmax,
}
"""Layers that are activations."""
