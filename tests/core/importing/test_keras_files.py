"""Keras files as they are met: of older versions, of TensorFlow.js, damaged, and made to do harm."""

from __future__ import annotations

import io
import json
import sys
import tempfile
import tracemalloc
import zipfile

import numpy as np
import pytest

from core.engine.network import Network
from core.errors import ModelError
from core.importing.importers import read_model
from core.importing.keras import hdf5
from core.importing.keras.files import held

h5py = pytest.importorskip("h5py")
RNG = np.random.default_rng(8)
KERNEL, BIAS = RNG.normal(size=(3, 3, 2, 4)).astype("float32"), RNG.normal(size=4).astype("float32")


def layer(class_name, name, source=None, **config):
    node = {"args": [tensor(source)], "kwargs": {}} if source else None
    return {
        "module": "keras.layers",
        "class_name": class_name,
        "registered_name": None,
        "name": name,
        "config": {"name": name, **config},
        "inbound_nodes": [node] if node else [],
    }


def tensor(name):
    return {"class_name": "__keras_tensor__", "config": {"shape": [None, 6, 5, 2], "keras_history": [name, 0, 0]}}


IMAGE = layer("InputLayer", "image", batch_shape=[None, 6, 5, 2])
CONV = layer("Conv2D", "conv", "image", filters=4, kernel_size=[3, 3])


def functional(*layers, output="conv"):
    ends = {"input_layers": ["image", 0, 0], "output_layers": [output, 0, 0]}
    config = {"name": "net", "layers": [IMAGE, *layers], **ends}
    return {"module": "keras", "class_name": "Functional", "config": config, "registered_name": "Functional"}


def weights(**arrays):
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        for name, array in arrays.items():
            file[name.replace("__", "/")] = array
    return content.getvalue()


GOOD = {"layers__conv2d__vars__0": KERNEL, "layers__conv2d__vars__1": BIAS}


def archive(path, config, content=None, *, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        file.writestr("metadata.json", json.dumps({"keras_version": "3.15.0"}))
        file.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        if content is not None:
            file.writestr("model.weights.h5", content)
    return path


def as_json(path, config):
    path.write_text(json.dumps(config))
    return path


def refusal(path):
    with pytest.raises(ModelError) as caught:
        read_model(path)
    text = str(caught.value)
    assert text.startswith(f"{path} cannot be imported: ")
    assert text.endswith(".")
    return text


def computed(imported):
    network = Network(imported.document)
    network.weights.update(imported.weights)
    return network.forward(np.ones((1, 6, 5, 2), np.float32))


# --- What older versions wrote ---


def old_node(name):
    return [[[name, 0, 0, {}]]]


OLD = {
    "class_name": "Model",
    "keras_version": "2.2.4",
    "backend": "tensorflow",
    "config": {
        "name": "old",
        "layers": [
            {
                "class_name": "InputLayer",
                "name": "image",
                "config": {"batch_input_shape": [None, 6, 5, 2], "name": "image", "dtype": "float32"},
                "inbound_nodes": [],
            },
            {
                "class_name": "Conv2D",
                "name": "conv",
                "config": {"name": "conv", "filters": 4, "kernel_size": [3, 3], "activation": "linear"},
                "inbound_nodes": old_node("image"),
            },
            {
                "class_name": "LeakyReLU",
                "name": "leaky",
                "config": {"name": "leaky", "alpha": 0.3},
                "inbound_nodes": old_node("conv"),
            },
            {
                "class_name": "BatchNormalization",
                "name": "norm",
                "config": {"name": "norm", "axis": [3], "scale": False},
                "inbound_nodes": old_node("leaky"),
            },
        ],
        "input_layers": [["image", 0, 0]],
        "output_layers": [["norm", 0, 0]],
    },
}
SHIFT, MEAN, VARIANCE = (RNG.normal(size=4).astype("float32") for _ in range(3))
VARIANCE = np.abs(VARIANCE)


def expected():
    windows = np.lib.stride_tricks.sliding_window_view(np.ones((6, 5, 2), np.float32), (3, 3), (0, 1))
    sums = np.einsum("hwcab,abck->hwk", windows, KERNEL) + BIAS
    values = np.where(sums > 0, sums, 0.3 * sums)
    return (values - MEAN) / np.sqrt(VARIANCE + 1e-3) + SHIFT


def old_file(path):
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(OLD)
        file.attrs["keras_version"] = b"2.2.4"
        kept = file.create_group("model_weights")
        kept.attrs["layer_names"] = np.array([b"image", b"conv", b"leaky", b"norm"])
        arrays = {
            "conv": {"kernel:0": KERNEL, "bias:0": BIAS},
            "norm": {"beta:0": SHIFT, "moving_mean:0": MEAN, "moving_variance:0": VARIANCE},
        }
        for name, own in arrays.items():
            group = kept.create_group(name)
            group.attrs["weight_names"] = [f"{name}/{key}".encode() for key in own]
            for key, array in own.items():
                group[f"{name}/{key}"] = array
    return path


def test_a_file_of_keras_2_comes_with_its_arrays_by_name(tmp_path):
    imported = read_model(old_file(tmp_path / "old.h5"))

    assert [each.kind for each in imported.document.graph.layers] == ["Input", "Conv2D", "LeakyReLU", "BatchNorm"]
    np.testing.assert_allclose(computed(imported)[0], expected(), atol=1e-5)
    assert "norm: it has no gamma in Keras; here training learns one, too, from 1 on." in imported.changes


def test_json_of_keras_2_comes_without_weights(tmp_path):
    imported = read_model(as_json(tmp_path / "old.json", OLD))

    assert imported.document.name == "old"
    assert not imported.weights


def test_a_sequential_of_keras_1_is_read(tmp_path):
    config = [
        {
            "class_name": "Dense",
            "config": {"name": "fc", "units": 3, "batch_input_shape": [None, 7], "activation": "tanh"},
        }
    ]

    imported = read_model(as_json(tmp_path / "model.json", {"class_name": "Sequential", "config": config}))

    assert [each.kind for each in imported.document.graph.layers] == ["Input", "Dense", "Tanh"]


def test_the_hard_sigmoid_of_keras_2_was_another_one(tmp_path):
    config = [
        {
            "class_name": "Dense",
            "config": {"name": "fc", "units": 3, "batch_input_shape": [None, 7], "activation": "hard_sigmoid"},
        }
    ]
    path = as_json(tmp_path / "m.json", {"class_name": "Sequential", "config": config, "keras_version": "2.3.1"})

    assert "fc (Dense): its activation is Keras 2's hard_sigmoid, 0.2·x + ½; Convograph's is x/6 + ½." in refusal(path)


# --- TensorFlow.js ---


def browser_model(folder, *, paths=("a.bin", "deep/b.bin"), kernel=None, cut=0):
    folder.mkdir(exist_ok=True)
    (folder / "deep").mkdir(exist_ok=True)
    packed = np.round((KERNEL + 4) / 8 * 255).astype("uint8")
    entries = [
        {
            "name": "conv/kernel",
            "shape": [3, 3, 2, 4],
            "dtype": "float32",
            "quantization": {"dtype": "uint8", "min": -4, "scale": 8 / 255},
        },
        *(
            {"name": name, "shape": [4], "dtype": "float32"}
            for name in ("conv/bias", "norm/beta", "norm/moving_mean", "norm/moving_variance")
        ),
    ]
    entries[0] |= kernel or {}
    data = packed.tobytes() + b"".join(array.tobytes() for array in (BIAS, SHIFT, MEAN, VARIANCE))
    data = data[: len(data) - cut]
    for name, part in (("a.bin", data[:50]), ("deep/b.bin", data[50:])):
        (folder / name).write_bytes(part)
    return as_json(
        folder / "model.json",
        {
            "format": "layers-model",
            "modelTopology": {"keras_version": "2.4.0", "backend": "tensorflow", "model_config": OLD},
            "weightsManifest": [{"paths": list(paths), "weights": entries}],
        },
    )


def test_a_model_of_tensorflow_js_comes_with_quantized_arrays(tmp_path):
    imported = read_model(browser_model(tmp_path / "web"))

    np.testing.assert_allclose(imported.weights["conv/kernel"], KERNEL, atol=8 / 255 / 2 + 1e-6)
    np.testing.assert_array_equal(imported.weights["norm/moving_variance"], VARIANCE)


@pytest.mark.parametrize("path", ["../a.bin", "/etc/hostname", "deep/../../a.bin", "..\\a.bin", "link.bin"])
def test_shards_never_lie_outside_of_the_folder(path, tmp_path):
    (tmp_path / "a.bin").write_bytes(bytes(136))
    model = browser_model(tmp_path / "web", paths=(path,))
    (tmp_path / "web" / "link.bin").symlink_to(tmp_path / "a.bin")

    assert "outside of its folder" in refusal(model)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cut": 3}, "norm/moving_variance is cut short"),
        ({"paths": ("a.bin", "c.bin")}, "c.bin cannot be opened: it is not there"),
        ({"kernel": {"shape": [10**6, 10**6]}}, "conv/kernel is cut short"),
        ({"kernel": {"shape": [-1, 3]}}, "no shape that an array can have"),
        ({"kernel": {"quantization": {"dtype": "int4"}}}, "quantized in a way that is not known"),
        ({"kernel": {"shape": [3, 2, 3, 4]}}, "conv (Conv2D): its kernel is 3×2×3×4, and 3×3×2×4 are needed"),
    ],
)
def test_a_damaged_model_of_tensorflow_js_gives_a_sentence(change, words, tmp_path):
    assert words in refusal(browser_model(tmp_path / "web", **change))


# --- Damage and harm ---


def test_an_archive_that_is_whole_is_read(tmp_path):
    imported = read_model(archive(tmp_path / "net.keras", functional(CONV), weights(**GOOD)))

    np.testing.assert_array_equal(imported.weights["conv/kernel"], KERNEL)
    assert imported.document.name == "net"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("form", ["keras", "h5"])
def test_a_file_that_is_cut_short_gives_a_sentence(form, share, tmp_path):
    path = tmp_path / f"net.{form}"
    old_file(path) if form == "h5" else archive(path, functional(CONV), weights(**GOOD))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])

    with pytest.raises(ModelError):
        read_model(path)


def test_any_changed_byte_gives_a_model_or_a_sentence(tmp_path):
    path = tmp_path / "net.h5"
    whole = old_file(path).read_bytes()
    rng = np.random.default_rng(1)
    for _ in range(12):
        data = bytearray(whole)
        for place in rng.integers(8, len(data), 4):
            data[place] = rng.integers(256)
        path.write_bytes(data)
        try:
            read_model(path)
        except ModelError:
            continue


def endless(path):
    """Damage a file so that HDF5, looking for its texts, comes upon pieces without any length, for ever."""
    data = bytearray(old_file(path).read_bytes())
    free = data.index(b"norm/beta:0\0") + 16 + 8  # the length of what is free behind the last text
    n_free = int.from_bytes(data[free : free + 8], "little")
    data[free : free + 8] = (n_free // 16).to_bytes(8, "little")
    path.write_bytes(data)
    return path


def test_a_file_that_hdf5_would_read_for_ever_is_given_up(tmp_path):
    path = endless(tmp_path / "net.h5")
    with pytest.raises(ModelError, match=r"longer than \d+ s and was ended.* Fetch or save"), held(path, seconds=3):
        pass


def test_weights_that_take_too_long_are_given_up_in_any_format(tmp_path):
    in_archive = archive(tmp_path / "a.keras", functional(CONV), weights(**GOOD))
    beside = as_json(tmp_path / "b.json", functional(CONV))
    (tmp_path / "b.weights.h5").write_bytes(weights(**GOOD))
    for path in (in_archive, beside):
        with pytest.raises(ModelError, match="took longer than"), held(path, seconds=0):
            pass


def test_a_crash_of_hdf5_gives_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "crashes.py").write_text("import os; os.abort()")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(hdf5, "__name__", "crashes")

    assert "ended in a crash" in refusal(old_file(tmp_path / "net.h5"))


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no memory so")
def test_hdf5_takes_no_more_memory_than_it_may(tmp_path, monkeypatch):
    large = np.zeros((3, 3, 2000, 2000), np.float32)
    path = archive(tmp_path / "net.keras", functional(CONV), weights(layers__conv2d__vars__0=large))
    monkeypatch.setattr(hdf5, "memory_limit", lambda: 100 << 20)

    assert "100.0 MiB of memory" in refusal(path)


def test_nothing_is_left_of_what_was_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "own"))
    (tmp_path / "own").mkdir()
    read_model(old_file(tmp_path / "net.h5"))
    with pytest.raises(ModelError), held(old_file(tmp_path / "net.h5"), seconds=0):
        pass

    assert not list((tmp_path / "own").iterdir())


CIRCLE = functional(
    layer("Conv2D", "conv", "relu", filters=2, kernel_size=1), layer("Activation", "relu", "conv", activation="relu")
)
DEEP = functional(CONV)
for _ in range(40):
    DEEP = {
        "class_name": "Sequential",
        "config": {"name": "deep", "layers": [IMAGE, {**DEEP, "name": "more"}]},
    }


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (functional(layer("Conv2D", "conv", "nowhere", filters=2, kernel_size=1)), "conv reads nowhere, which is not"),
        (CIRCLE, "data goes in a circle through conv and relu"),
        (DEEP, "models lie in models more than 32 deep"),
        (functional(CONV, CONV), "several layers that are called conv"),
        (functional(CONV, output="lost"), "it returns lost, which is not there"),
        (functional(layer("Conv2D", "conv", "image", filters=10**9, kernel_size=1)), "conv (Conv2D): its filters is"),
        (
            functional(layer("Conv2D", "conv", "image", filters=4, kernel_size=[9, 9])),
            "its kernel is 3×3×2×4, and 9×9×2×4",
        ),
        (functional(layer("Conv2D", "conv", "image", kernel_size=1)), "conv (Conv2D): its filters is null"),
        (functional(layer("Conv2D", "conv", "image", filters=4, kernel_size=1, groups=0)), "its groups is 0"),
        (functional(layer("Lambda", "conv", "image", function="evil")), "which is never run"),
        (functional(layer("Softmax", "conv", "image", axis=1)), "conv (Softmax): it works along axis 1"),
        (functional({**CONV, "module": "evil.code"}), "a class of its own"),
        (functional({**CONV, "registered_name": "evil>Conv2D"}), "a class of its own"),
        (functional({**CONV, "inbound_nodes": [*CONV["inbound_nodes"], 3]}), "conv does not say what it reads"),
        (
            functional({**CONV, "inbound_nodes": [{"args": [tensor("image")], "kwargs": {"training": True}}]}),
            "is called with",
        ),
        (
            functional(layer("Conv2D", "conv", "image", filters=2, kernel_size=1, data_format="channels_first")),
            "channels_last",
        ),
        (functional(layer("Add", "conv", "image")), "conv (Add): it needs two values or more"),
        (functional(layer("Concatenate", "conv")), "conv (Concatenate): it needs two values or more"),
        ({**functional(CONV), "class_name": "MyModel"}, "a class of its own"),
        ({"class_name": "Sequential", "config": {"layers": 3}}, "has no list of layers"),
        ({"class_name": "Sequential", "config": {"layers": []}}, "has no layers"),
        ("[" * 100_000, "nested deeper"),
        ("{", "no JSON"),
        ("3", "does not say which layers it has"),
    ],
)
def test_a_configuration_that_makes_no_network_gives_a_sentence(config, words, tmp_path):
    assert words in refusal(archive(tmp_path / "net.keras", config, weights(**GOOD)))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "model.weights.h5"),
        (b"no HDF5", "cut short or damaged"),
        (weights(), "conv (Conv2D): it has 0 arrays in the file, and 2 are needed"),
        (weights(**{**GOOD, "layers__conv2d__vars__0": KERNEL[:2]}), "its kernel is 2×3×2×4, and 3×3×2×4 are needed"),
        (weights(**{**GOOD, "layers__conv2d__vars__0": KERNEL * np.nan}), "NaN"),
        (weights(**{**GOOD, "layers__conv2d__vars__0": np.array(b"text")}), "holds no numbers"),
    ],
)
def test_arrays_that_do_not_fit_give_a_sentence(content, words, tmp_path):
    assert words in refusal(archive(tmp_path / "net.keras", functional(CONV), content))


def with_link(link):
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        file["layers/conv2d/vars/1"] = BIAS
        link(file["layers/conv2d/vars"])
    return content.getvalue()


def giant(place):
    place.create_dataset("0", (3, 3, 2, 4 * 10**9), "f4", chunks=(3, 3, 2, 1000), compression="gzip")


@pytest.mark.parametrize(
    ("link", "words"),
    [
        (lambda place: place.__setitem__("0", h5py.ExternalLink("other.h5", "/x")), "another file"),
        (
            lambda place: place.create_dataset("0", (3, 3, 2, 4), "f4", external=[("/etc/hostname", 0, 288)]),
            "another file",
        ),
        (giant, "of which the file holds"),
        (lambda place: place.__setitem__("0", h5py.SoftLink("/nowhere")), "damaged"),
    ],
)
def test_arrays_that_lie_elsewhere_or_nowhere_give_a_sentence(link, words, tmp_path):
    assert words in refusal(archive(tmp_path / "net.keras", functional(CONV), with_link(link)))


def test_a_zip_bomb_is_not_unpacked(tmp_path):
    path = archive(tmp_path / "net.keras", functional(CONV), bytes(200 << 20), compression=zipfile.ZIP_DEFLATED)
    tracemalloc.start()
    text = refusal(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert "no trained network packs so well" in text
    assert peak < 50 << 20


def test_a_giant_image_is_refused_before_it_takes_memory(tmp_path):
    image = layer("InputLayer", "image", batch_shape=[None, 10**9, 10**9, 2])
    config = functional(CONV)
    config["config"]["layers"] = [image, CONV]

    assert "image" in refusal(archive(tmp_path / "net.keras", config, weights(**GOOD)))


def test_weights_alone_say_what_is_missing(tmp_path):
    path = tmp_path / "net.h5"
    with h5py.File(path, "w") as file:
        file.attrs["layer_names"] = [b"model_weights"]

    assert "it holds weights alone" in refusal(path)
