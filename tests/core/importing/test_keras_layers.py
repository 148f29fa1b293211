"""Each layer of Keras: what it computes there, and here."""

from __future__ import annotations

import pytest

from core.errors import ModelError
from core.importing.importers import read_model

pytest.importorskip("keras")
pytest.importorskip("h5py")

from tests.core.importing.keras_models import chain, difference, keras, layers, saved, with_telling_weights

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own, on NumPy 2
IMAGE = (9, 8, 4)
CASES = {
    "valid": lambda: [layers.Conv2D(5, 3)],
    "same, strided": lambda: [layers.Conv2D(5, (3, 2), strides=2, padding="same", activation="relu")],
    "stride leaves a rest": lambda: [layers.Conv2D(5, 2, strides=2)],
    "dilated, grouped": lambda: [layers.Conv2D(6, 3, dilation_rate=2, groups=2, padding="same", use_bias=False)],
    "zeros before a convolution": lambda: [layers.ZeroPadding2D(((1, 0), (2, 1))), layers.Conv2D(3, 3, strides=2)],
    "zeros before a same convolution": lambda: [layers.ZeroPadding2D(1), layers.Conv2D(3, 3, padding="same")],
    "zeros before a max pool": lambda: [layers.ZeroPadding2D(1), layers.MaxPooling2D(3, 2)],
    "zeros before an average pool": lambda: [layers.ZeroPadding2D(1), layers.AveragePooling2D(3, 2)],
    "wide zeros before an average pool": lambda: [layers.ZeroPadding2D(3), layers.AveragePooling2D(3, 2)],
    "depthwise": lambda: [layers.DepthwiseConv2D(3, depth_multiplier=2, padding="same", activation="relu6")],
    "separable": lambda: [layers.SeparableConv2D(6, 3, strides=2, depth_multiplier=2, padding="same")],
    "max pool, same": lambda: [layers.MaxPooling2D(3, 2, padding="same")],
    "average pool, same": lambda: [layers.AveragePooling2D(3, 2, padding="same")],
    "average pool, default": lambda: [layers.AveragePooling2D(2)],
    "global average": lambda: [layers.GlobalAveragePooling2D(), layers.Dense(3, activation="softmax")],
    "global maximum, kept": lambda: [layers.GlobalMaxPooling2D(keepdims=True), layers.Conv2D(3, 1)],
    "adaptive": lambda: [layers.AdaptiveAveragePooling2D((3, 2))],
    "upsampled": lambda: [layers.UpSampling2D((2, 3))],
    "upsampled, bilinear": lambda: [layers.UpSampling2D(2, interpolation="bilinear")],
    "cropped": lambda: [layers.Cropping2D(((1, 2), (0, 3)))],
    "flat": lambda: [layers.Flatten(), layers.Dense(5, use_bias=False), layers.Flatten()],
    "reshaped": lambda: [layers.Reshape((4, -1, 3)), layers.Reshape((-1,))],
    "dense of an image": lambda: [layers.Dense(5, activation="tanh")],
    "batch norm": lambda: [layers.BatchNormalization()],
    "batch norm without scale": lambda: [layers.BatchNormalization(scale=False, epsilon=0.01)],
    "batch norm without shift": lambda: [layers.BatchNormalization(center=False)],
    "batch norm without either": lambda: [layers.BatchNormalization(center=False, scale=False)],
    "layer norm": lambda: [layers.LayerNormalization()],
    "group norm": lambda: [layers.GroupNormalization(2)],
    "instance norm": lambda: [layers.GroupNormalization(-1)],
    "prelu by channel": lambda: [layers.PReLU(shared_axes=[1, 2])],
    "prelu shared": lambda: [layers.PReLU(shared_axes=[1, 2, 3])],
    "relu cut at 6": lambda: [layers.ReLU(6.0)],
    "relu with a slope": lambda: [layers.ReLU(negative_slope=0.1)],
    "leaky relu": lambda: [layers.LeakyReLU()],
    "elu": lambda: [layers.ELU(0.5)],
    "softmax": lambda: [layers.Softmax()],
    "an activation that is a layer": lambda: [layers.Activation(layers.LeakyReLU(negative_slope=0.4))],
    "noise": lambda: [layers.Dropout(0.3), layers.SpatialDropout2D(0.2), layers.GaussianNoise(0.5), layers.Identity()],
    "channels shuffled": lambda: [layers.Reshape((9, 8, 2, 2)), layers.Permute((1, 2, 4, 3)), layers.Reshape(IMAGE)],
    "permuted and back": lambda: [layers.Permute((3, 1, 2)), layers.Permute((2, 3, 1)), layers.Conv2D(2, 1)],
    "frozen": lambda: [layers.Conv2D(2, 3, trainable=False), layers.BatchNormalization(trainable=False)],
    "a model in a model": lambda: [
        layers.Conv2D(4, 3, padding="same"),
        keras.Sequential([keras.Input(IMAGE), layers.Conv2D(3, 2), layers.BatchNormalization()], name="inner"),
        layers.Conv2D(2, 2),
    ],
    **{
        f"transposed {f} {s} {padding} {extra}": lambda f=f, s=s, padding=padding, extra=extra: [
            layers.Conv2DTranspose(3, f, strides=s, padding=padding, output_padding=extra)
        ]
        for f, s, padding, extra in [
            *(
                (f, s, padding, None)
                for f, s in ((2, 2), (3, 2), (4, 2), (2, 3), (3, 1))
                for padding in ("same", "valid")
            ),
            *((f, 2, padding, extra) for f in (2, 3, 4, 5) for padding in ("same", "valid") for extra in (0, 1)),
        ]
    },
    **{
        word: lambda word=word: [layers.Activation(word)]
        for word in (
            *("linear", "relu", "relu6", "leaky_relu", "elu", "selu", "gelu", "silu", "mish", "softplus", "softsign"),
            *("sigmoid", "tanh", "hard_sigmoid", "hard_silu", "softmax"),
        )
    },
}


OLD_FILES = ("separable", "batch norm without shift", "prelu by channel", "frozen", "a model in a model")
"""Cases in which arrays are found otherwise by name than by number."""


@pytest.mark.parametrize(("case", "form"), [*((case, ".keras") for case in CASES), *((c, ".h5") for c in OLD_FILES)])
def test_a_layer_computes_here_what_it_does_in_keras(case, form, tmp_path):
    model = chain(IMAGE, *CASES[case]())

    assert difference(model, saved(model, tmp_path / f"model{form}"))[0] < 1e-4


REFUSED = {
    "Lambda": lambda: [layers.Lambda(lambda x: x * 2, name="twice")],
    "LSTM": lambda: [layers.Reshape((-1, 4)), layers.LSTM(3, name="twice")],
    "prelu by pixel": lambda: [layers.PReLU(name="twice")],
    "cut at 5": lambda: [layers.ReLU(5.0, name="twice")],
    "exponential": lambda: [layers.Dense(3, activation="exponential", name="twice")],
    "rows turned": lambda: [layers.Permute((2, 1, 3), name="twice")],
    "three axes": lambda: [layers.Reshape((9, 32), name="twice")],
    "rescaled": lambda: [layers.Rescaling(0.5, name="twice")],
    "norm along rows": lambda: [layers.BatchNormalization(axis=1, name="twice")],
    "bicubic": lambda: [layers.UpSampling2D(interpolation="bicubic", name="twice")],
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_our_kinds_cannot_say_is_refused_by_name(case, tmp_path):
    path = saved(chain(IMAGE, *REFUSED[case]()), tmp_path / "model.keras")

    with pytest.raises(ModelError, match=r"cannot be imported: twice"):
        read_model(path)


def test_zeros_before_a_convolution_are_its_padding(tmp_path):
    model = chain(IMAGE, layers.ZeroPadding2D(2, name="pad"), layers.Conv2D(3, 5, name="conv"))

    _, imported = difference(model, saved(model, tmp_path / "model.keras"))

    assert [(layer.id, layer.config.get("padding")) for layer in imported.document.graph.layers[1:]] == [("conv", 2)]
    assert "pad: its zeros are the padding of conv." in imported.changes


def graph():
    """A graph with two inputs, two outputs, merges, and a model within it."""
    image, row = keras.Input(IMAGE, name="image"), keras.Input((4,), name="row")
    inner = keras.Input(IMAGE)
    squeezed = layers.GlobalAveragePooling2D()(layers.Conv2D(4, 3, padding="same")(inner))
    part = keras.Model(inner, [layers.Dense(4, activation="sigmoid")(squeezed), squeezed], name="part")
    gate, mean = part(layers.Conv2D(4, 1)(image))
    gated = layers.Multiply()([image, layers.Reshape((1, 1, 4))(gate)])
    joined = layers.Concatenate(axis=1)([gated, image])
    both = layers.Subtract()([layers.Add()([row, mean]), layers.Maximum()([row, gate])])
    flat = layers.Average()([layers.GlobalMaxPooling2D()(joined), both])
    return keras.Model([row, image], [layers.Dense(2, name="last")(flat), layers.Conv2D(1, 1)(joined)])


@pytest.mark.parametrize("form", [".keras", ".h5"])
def test_a_graph_with_models_in_it_computes_the_same(form, tmp_path):
    model = with_telling_weights(graph())

    assert difference(model, saved(model, tmp_path / f"model{form}"))[0] < 1e-4


@pytest.mark.parametrize("form", [".keras", ".h5", ".json"])
def test_a_layer_without_weights_is_drawn_wherever_it_is_used(form, tmp_path):
    image, act, pool = keras.Input(IMAGE), layers.ReLU(name="act"), layers.MaxPooling2D(2, name="pool")
    first = pool(act(layers.Conv2D(4, 3, padding="same")(image)))
    both = layers.Add(name="both")([act(layers.Conv2D(4, 1)(first)), first])
    model = with_telling_weights(keras.Model(image, [pool(both), act(both)]))

    if form == ".json":
        model.save_weights(tmp_path / "model.weights.h5")
    away, imported = difference(model, saved(model, tmp_path / f"model{form}"))

    assert away < 1e-4
    assert {"act", "act_2", "act_3", "pool", "pool_2"} <= {layer.id for layer in imported.document.graph.layers}


def test_a_model_as_json_comes_without_weights_or_with_those_beside_it(tmp_path):
    model = chain(IMAGE, layers.Conv2D(3, 3), layers.Flatten(), layers.Dense(2))
    path = saved(model, tmp_path / "model.json")

    assert "The file has no weights: those of the document are fresh." in read_model(path).changes

    model.save_weights(tmp_path / "model.weights.h5")

    assert difference(model, path)[0] < 1e-4
