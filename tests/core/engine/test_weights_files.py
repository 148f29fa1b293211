"""Weights files: what is saved is loaded, and whatever else stands in a file is refused in a sentence."""

import io
import pickle
import struct
import zipfile
from contextlib import suppress

import numpy as np
import pytest

from core.engine.network import Network
from core.errors import SaveError, WeightsError
from tests.drawing import chain, document, layer

MLP = chain((4,), ("Dense", {"units": 3}), "ReLU", ("Dense", {"units": 2}))


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.npz"


@pytest.fixture
def net():
    return Network(MLP, seed=1)


def arrays_of(net, **changes):
    return {name: net.weights[name] for name in net.weights} | {key.replace("__", "/"): a for key, a in changes.items()}


def npy_bytes(array, allow_pickle=False):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asanyarray(array), allow_pickle=allow_pickle)
    return file.getvalue()


def write_members(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(f"{name}.npy", data)


def refusal(net, path):
    before = net.parameters.copy()
    with pytest.raises(WeightsError) as caught:
        net.load_weights(path)
    assert np.array_equal(net.parameters, before), "a refused file must change nothing"
    words = str(caught.value)
    assert str(path) in words
    assert words.endswith(".")
    return words.removeprefix(f"{path} ")


def test_a_network_saved_and_loaded_is_the_same(net, path):
    net.save_weights(path)
    other = Network(MLP, seed=2)
    other.load_weights(str(path))
    assert other.parameters.tobytes() == net.parameters.tobytes()


def test_equal_weights_give_equal_files(net, path, tmp_path):
    net.save_weights(path)
    net.save_weights(tmp_path / "again.npz")
    assert path.read_bytes() == (tmp_path / "again.npz").read_bytes()


def test_numpy_reads_the_file_and_needs_no_pickles(net, path):
    net.save_weights(path)
    with np.load(path, allow_pickle=False) as archive:
        assert list(archive) == list(net.weights)
        assert all(np.array_equal(archive[name], net.weights[name]) for name in net.weights)


def test_what_numpy_saves_is_read(net, path):
    other = Network(MLP, seed=2)
    for save in (np.savez, np.savez_compressed):
        save(path, **arrays_of(net))
        other.load_weights(path)
        assert other.parameters.tobytes() == net.parameters.tobytes()


@pytest.mark.parametrize("dtype", [">f4", "f8", "f2"])
def test_numbers_of_other_types_and_orders_are_read(dtype, net, path):
    kernel = np.asfortranarray(np.arange(12).reshape(4, 3).astype(dtype))
    np.savez(path, **arrays_of(net, fc1__kernel=kernel))
    net.load_weights(path)
    assert np.array_equal(net.weights["fc1/kernel"], np.arange(12).reshape(4, 3))


def test_all_that_differs_is_listed_at_once(net, path):
    wrong = arrays_of(net, fc1__kernel=np.zeros((3, 4)), fc3__bias=np.array(["a", "b"]), fc1__biass=np.zeros(3))
    del wrong["fc1/bias"]
    np.savez(path, **wrong)
    assert refusal(net, path) == (
        "does not suit the network: fc1/bias is missing, fc1/biass is not in the network (is it fc1/bias?), "
        "fc1/kernel is 3×4, not 4×3 and fc3/bias holds str32, not real numbers."
    )


def test_of_many_differences_the_rest_is_counted(net, path):
    np.savez(path, **arrays_of(net), **{f"extra{n}": np.zeros(1) for n in range(40)})
    assert refusal(net, path).endswith("extra4 is not in the network and 35 more differ.")


def test_pickled_objects_are_not_unpickled(net, path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was opened",))

    members = {name: npy_bytes(array) for name, array in arrays_of(net).items()}
    members["fc1/bias"] = npy_bytes(np.array([Trap(), 1, 2], object), allow_pickle=True)
    write_members(path, members)
    assert refusal(net, path) == "does not suit the network: fc1/bias holds pickled objects, not real numbers."
    path.write_bytes(pickle.dumps(Trap()))
    assert refusal(net, path).startswith("is damaged or not a weights file.")


@pytest.mark.parametrize(
    "data",
    [b"", b"no zip", b"PK\x03\x04" + bytes(100), bytes(1000), b"PK\x05\x06" + b"\xff" * 18],
    ids=["empty", "text", "zip head", "zeros", "zip end"],
)
def test_other_files_are_refused(data, net, path):
    path.write_bytes(data)
    assert refusal(net, path).startswith(("is damaged or not a weights file.", "does not suit the network: "))


def test_every_truncated_file_is_refused(net, path):
    net.save_weights(path)
    whole = path.read_bytes()
    for length in range(0, len(whole), 37):
        path.write_bytes(whole[:length])
        refusal(net, path)


def test_no_flipped_byte_gives_anything_but_weights_or_a_sentence(net, path):
    np.savez_compressed(path, **arrays_of(net))
    whole = bytearray(path.read_bytes())
    other = Network(MLP, seed=2)
    for place in range(0, len(whole), 5):
        damaged = whole.copy()
        damaged[place] ^= 0xFF
        path.write_bytes(damaged)
        with suppress(WeightsError):
            other.load_weights(path)


def test_values_that_are_missing_are_noticed(net, path):
    members = {name: npy_bytes(array) for name, array in arrays_of(net).items()}
    members["fc1/bias"] = members["fc1/bias"][:-5]
    write_members(path, members)
    assert refusal(net, path) == "does not suit the network: fc1/bias ends after 7 bytes of 12."


def test_a_header_that_claims_too_much_is_not_believed(net, path):
    members = {name: npy_bytes(array) for name, array in arrays_of(net).items()}
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }\n"
    members["fc1/bias"] = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    write_members(path, members)
    assert refusal(net, path) == "does not suit the network: fc1/bias is 1000000000000, not 3."


def test_a_bomb_is_not_unpacked(net, path):
    members = {name: npy_bytes(array) for name, array in arrays_of(net).items()}
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (" + b"9" * 50_000_000 + b",), }\n"
    members["fc1/bias"] = b"\x93NUMPY\x02\x00" + struct.pack("<I", len(header)) + header
    write_members(path, members, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 100_000
    assert refusal(net, path).startswith("is damaged or not a weights file.")


@pytest.mark.parametrize(
    "header", [b"nonsense", b"{'shape': (3,)}", b"{'descr': 'V9', 'fortran_order': 1, 'shape': 3}"]
)
def test_headers_without_sense_are_refused(header, net, path):
    members = {name: npy_bytes(array) for name, array in arrays_of(net).items()}
    members["fc1/bias"] = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    write_members(path, members)
    refusal(net, path)


def test_weights_that_are_not_finite_are_refused(net, path):
    np.savez(path, **arrays_of(net, fc1__kernel=np.ones((4, 3)), fc3__bias=np.array([np.nan, 1], "float32")))
    before = net.parameters.copy()
    with pytest.raises(WeightsError, match="fc3/bias holds NaN"):
        net.load_weights(path)
    assert np.array_equal(net.parameters, before)


def test_a_file_that_is_not_there_is_named(net, path):
    assert refusal(net, path).startswith("could not be read: ")
    assert refusal(net, path.parent).startswith("could not be read: ")


def test_a_failed_save_leaves_the_old_file(net, path, tmp_path):
    with pytest.raises(SaveError):
        net.save_weights(tmp_path / "missing" / "weights.npz")
    net.save_weights(path)
    path.chmod(0o400)
    before = path.read_bytes()
    net.weights["fc1/bias"] = np.ones(3)
    try:
        net.save_weights(path)
    except SaveError:
        assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["weights.npz"]


def test_statistics_and_frozen_weights_are_in_the_file_too(path):
    frozen = Network(
        document(layer("input", "Input", shape=(3,)), layer("fc", "Dense", "input", trainable=False, units=2))
    )
    frozen.save_weights(path)
    with np.load(path) as archive:
        assert list(archive) == ["fc/kernel", "fc/bias"]
