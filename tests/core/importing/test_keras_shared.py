"""Layers and models of Keras that are used in several places: a copy of the weights in each."""

from __future__ import annotations

import json

import pytest

from core.errors import ModelError
from core.importing.importers import read_model
from core.importing.keras import uses
from core.limits import MOST_IMPORTED

pytest.importorskip("keras")
pytest.importorskip("h5py")

from tests.core.importing.keras_models import difference, keras, layers, saved, with_telling_weights

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # Keras' own, on NumPy 2
IMAGE = (9, 8, 4)


def siamese():
    """Two images through the same Conv2D and Dense."""
    conv, dense = layers.Conv2D(5, 3, name="conv1"), layers.Dense(6, activation="tanh", name="code")
    images = [keras.Input(IMAGE, name="left"), keras.Input(IMAGE, name="right")]
    codes = [dense(layers.GlobalAveragePooling2D()(conv(image))) for image in images]
    return keras.Model(images, layers.Dense(2, name="last")(layers.Subtract()(codes)))


def applied_three_times():
    row, dense = keras.Input((8,)), layers.Dense(8, activation="tanh", name="again")
    return keras.Model(row, dense(dense(dense(row))))


def shared_norm():
    image, norm = keras.Input(IMAGE), layers.BatchNormalization(name="norm")
    return keras.Model(image, norm(layers.Conv2D(4, 3, padding="same", name="norm_2")(norm(image))))


def nested():
    """A model used twice, in which a layer is used twice; other sizes of images each time."""
    inner, conv = keras.Input((None, None, 4)), layers.Conv2D(4, 3, padding="same", name="conv")
    part = keras.Model(inner, conv(layers.BatchNormalization(name="norm")(conv(inner))), name="part")
    image = keras.Input(IMAGE)
    return keras.Model(image, part(layers.MaxPooling2D()(part(image))))


def chain_in_a_graph():
    image = keras.Input((9, 8, 3))
    part = keras.Sequential([layers.SeparableConv2D(3, 3, padding="same", name="sep"), layers.ReLU()], name="part")
    return keras.Model(image, layers.Add()([part(part(image)), image]))


def frozen():
    row, dense = keras.Input((8,)), layers.Dense(8, name="again", trainable=False)
    return keras.Model(row, dense(dense(row)))


def models_at_the_ends():
    """A model whose first use is an output and whose last is read; another that is an output at once."""
    image = keras.Input(IMAGE)
    part = keras.Sequential([keras.Input(IMAGE), layers.Conv2D(4, 3, padding="same")], name="part")
    inner = keras.Input(IMAGE)
    other = keras.Model(inner, layers.Conv2D(4, 1)(inner), name="other")
    first, turned = part(image), other(image)
    return keras.Model(image, [first, layers.ReLU()(part(turned)), other(first), turned])


MODELS = (models_at_the_ends, siamese, applied_three_times, shared_norm, nested, chain_in_a_graph, frozen)


@pytest.mark.parametrize("form", [".keras", ".h5"])
@pytest.mark.parametrize("make", MODELS)
def test_what_shares_weights_computes_here_what_it_does_in_keras(make, form, tmp_path):
    model = with_telling_weights(make())

    assert difference(model, saved(model, tmp_path / f"model{form}"))[0] < 1e-4


def test_the_report_says_what_training_would_do_and_what_the_copies_add(tmp_path):
    model = with_telling_weights(siamese())

    imported = read_model(saved(model, tmp_path / "model.keras"))

    copied = 3 * 3 * 4 * 5 + 5 + 5 * 6 + 6
    assert imported.changes[-3:] == (
        f"Of its {model.count_params() + copied} parameters, {copied} are in copies: Keras counts shared ones once.",
        "conv1 is used in 2 places: each has a copy of its weights (conv1 and conv1_2). Training would change them "
        "apart, where Keras changes them together.",
        "code is used in 2 places: each has a copy of its weights (code and code_2). Training would change them "
        "apart, where Keras changes them together.",
    )


def test_copies_are_kept_in_memory_once_and_cannot_be_written_to(tmp_path):
    weights = read_model(saved(with_telling_weights(applied_three_times()), tmp_path / "model.keras")).weights

    assert len(weights) == 6
    assert len({id(array) for array in weights.values()}) == 2
    assert not any(array.flags.writeable for array in weights.values())


def test_a_name_that_another_layer_has_is_not_taken(tmp_path):
    imported = read_model(saved(shared_norm(), tmp_path / "model.keras"))

    assert [layer.id for layer in imported.document.graph.layers if layer.kind == "BatchNorm"] == ["norm", "norm_3"]


def said(make, tmp_path, name):
    changes = read_model(saved(make(), tmp_path / name)).changes
    return [change for change in changes if "is used in" in change]


def test_a_model_in_a_model_is_spoken_of_as_one(tmp_path):
    inner, outer = said(nested, tmp_path, "model.keras")

    assert inner.startswith(
        "part/conv is used in 2 places: each has a copy of its weights (part.conv and part.conv_2)."
    )
    assert outer.startswith("part is used in 2 places: ")
    assert "part_2.norm" in outer


def test_layers_that_end_up_in_a_block_are_called_as_there(tmp_path):
    row = value = keras.Input((8,))
    again = [layers.Dense(8, name="again"), layers.LayerNormalization(name="norm"), layers.ReLU(), layers.Dropout(0.1)]
    for _ in range(3):
        for layer in again:
            value = layer(value)
    away, imported = difference(*(model := keras.Model(row, value), saved(model, tmp_path / "model.keras")))

    (sentence,) = [change for change in imported.changes if change.startswith("again is used")]
    named = sentence[sentence.index("(") + 1 : sentence.index(")")].replace(" and ", ", ").split(", ")
    assert away < 1e-4
    assert {f"{id}/kernel" for id in named} == {name for name in imported.weights if name.endswith("/kernel")}


def test_frozen_layers_and_files_without_weights_are_not_said_to_be_what_they_are_not(tmp_path):
    assert said(frozen, tmp_path, "model.keras") == [
        "again is used in 2 places: each has a copy of its weights (again and again_2)."
    ]
    (fresh,) = said(applied_three_times, tmp_path, "model.json")
    assert "each has weights of its own (again, again_2 and again_3). Training would change them apart" in fresh


def test_layers_without_weights_are_used_again_without_a_word(tmp_path):
    image, relu = keras.Input(IMAGE), layers.ReLU(name="relu")
    model = keras.Model(image, relu(layers.Conv2D(4, 1)(relu(image))))

    away, imported = difference(model, saved(with_telling_weights(model), tmp_path / "model.keras"))

    assert away < 1e-4
    assert not any("is used in" in change or "copies" in change for change in imported.changes)


def used(n, tmp_path, units=8):
    """A Dense that is applied n times, as old JSON."""
    row = {
        "class_name": "InputLayer",
        "name": "row",
        "config": {"batch_input_shape": [None, units]},
        "inbound_nodes": [],
    }
    nodes = [[["row", 0, 0, {}]], *([["again", i, 0, {}]] for i in range(n - 1))]
    again = {"class_name": "Dense", "name": "again", "config": {"units": units}, "inbound_nodes": nodes}
    ends = {"input_layers": [["row", 0, 0]], "output_layers": [["again", n - 1, 0]]}
    config = {"name": "net", "layers": [row, again], **ends}
    path = tmp_path / "model.json"
    path.write_text(json.dumps({"class_name": "Functional", "config": config, "keras_version": "2.9.0"}))
    return path


def test_more_uses_than_layers_are_read_are_refused_by_name_and_number(tmp_path):
    with pytest.raises(ModelError, match=f"again is used in 100,000 places.*up to {MOST_IMPORTED:,} layers"):
        read_model(used(100_000, tmp_path))


def test_more_copies_than_fit_are_refused_by_name_and_number(tmp_path):
    n = uses.MOST_COPIED // (8000 * 8001) + 2

    assert read_model(used(n - 1, tmp_path, 8000)).document.graph.layers
    with pytest.raises(
        ModelError, match=rf"again_{n} \(Dense\) is one of the {n} uses .* more than 500,000,000 values"
    ):
        read_model(used(n, tmp_path, 8000))


@pytest.mark.parametrize("first", [0, 1])
def test_both_ways_in_which_keras_2_counts_the_uses_of_a_model_are_read(first, tmp_path):
    def entry(class_name, name, config, *nodes):
        return {"class_name": class_name, "name": name, "config": {"name": name, **config}, "inbound_nodes": [*nodes]}

    inside = {
        "layers": [
            entry("InputLayer", "in", {"batch_input_shape": [None, 3]}),
            entry("Dense", "fc", {"units": 3}, [["in", 0, 0, {}]]),
        ],
        "input_layers": [["in", 0, 0]],
        "output_layers": [["fc", 0, 0]],
    }
    config = {
        "name": "net",
        "layers": [
            entry("InputLayer", "row", {"batch_input_shape": [None, 3]}),
            entry("Functional", "part", inside, [["row", 0, 0, {}]], [["act", 0, 0, {}]]),
            entry("ReLU", "act", {}, [["part", first, 0, {}]]),
        ],
        "input_layers": [["row", 0, 0]],
        "output_layers": [["part", first + 1, 0]],
    }
    path = tmp_path / "model.json"
    path.write_text(json.dumps({"class_name": "Functional", "config": config, "keras_version": "2.9.0"}))

    drawn = [(layer.id, layer.inputs) for layer in read_model(path).document.graph.layers]

    assert drawn == [("row", ()), ("part.fc", ("row",)), ("act", ("part.fc",)), ("part_2.fc", ("act",))]


def test_a_use_that_is_not_there_is_named(tmp_path):
    path = used(3, tmp_path)
    path.write_text(path.read_text().replace('"again", 2, 0]', '"again", 7, 0]'))

    with pytest.raises(ModelError, match="it returns use 8 of again, which is not there"):
        read_model(path)
