"""Only files are read: what would never end, or never begin, is refused in a sentence, wherever a path is given."""

import io
import os
import socket
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from core.commands.main import main
from core.engine.network import Network
from core.errors import ConvographError, DataError, DocumentError, WeightsError
from core.io.arrays import load_arrays
from core.io.datasets.loading import load_dataset
from core.io.documents import load, save
from core.io.regular_files import open_file
from core.io.templates import template_path
from core.io.weights import read_weights
from tests.drawing import chain

pytestmark = [pytest.mark.skipif(os.name != "posix", reason="pipes and devices as POSIX has them")]

READERS = {
    "document": (load, DocumentError),
    "weights": (lambda path: read_weights(path, {}), WeightsError),
    "array": (load_arrays, DataError),
    "data set": (lambda path: load_dataset(str(path)), DataError),
}
GIB = 1 << 30


@pytest.fixture(params=READERS)
def refusal(request):
    """Read a path in one of the ways; gives the sentence."""
    read, kind = READERS[request.param]

    def refuse(path):
        with pytest.raises(kind) as caught:
            read(path)
        text = str(caught.value)
        assert text.endswith(".")
        assert "\n" not in text
        return text

    return refuse


def test_a_pipe_is_not_waited_for(tmp_path, refusal):
    os.mkfifo(tmp_path / "train-images.json")
    assert "train-images.json" in refusal(tmp_path / "train-images.json")
    assert "it is a pipe, not a file" in refusal(tmp_path / "train-images.json")


def test_a_device_is_not_read(tmp_path, refusal):
    (tmp_path / "link").symlink_to("/dev/zero")
    for path in (Path("/dev/zero"), tmp_path / "link"):
        assert "it is a device, not a file" in refusal(path)


def test_a_socket_is_not_a_file(tmp_path, refusal, monkeypatch):
    monkeypatch.chdir(tmp_path)  # the name of a socket is short
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind("plug")
        assert "it is a socket, not a file" in refusal(tmp_path / "plug")


@pytest.mark.parametrize("n", [300, 5_000])
def test_a_name_too_long_for_a_file_is_said_and_not_repeated_in_full(tmp_path, refusal, n):
    text = refusal(tmp_path / ("x" * n))
    assert "its name is too long" in text or "nor a file" in text
    assert len(text) < 1_000


@pytest.mark.parametrize("name", ["zero\0byte", "half\ud800"])
def test_a_name_that_no_file_can_have(tmp_path, refusal, name):
    refusal(tmp_path / name)


def test_gigabytes_of_nothing_are_refused_at_once(tmp_path, refusal):
    with (tmp_path / "train-images").open("wb") as file:
        file.truncate(4 * GIB)
    refusal(tmp_path / "train-images")


def test_a_file_is_opened_for_reading(tmp_path):
    (tmp_path / "a").write_bytes(b"content")
    with open_file(tmp_path / "a") as file:
        assert file.read() == b"content"
        assert os.get_blocking(file.fileno())


def test_a_data_set_whose_labels_are_a_pipe(tmp_path):
    (tmp_path / "a-images").write_bytes(bytes([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 7]))
    os.mkfifo(tmp_path / "a-labels")
    with pytest.raises(DataError):
        load_dataset(str(tmp_path))


# --- the command line -----------------------------------------------------------------------------------------------


@pytest.fixture
def run(capsys):
    def command(*arguments):
        status = main([str(argument) for argument in arguments])
        out, err = capsys.readouterr()
        assert err.count("\n") == (status != 0), err
        return status, out, err

    return command


@pytest.fixture
def net(tmp_path):
    """A network of four features and its weights, in files."""
    made = chain((4,), ("Dense", {"units": 2}))
    save(made, tmp_path / "net.json")
    Network(made).save_weights(tmp_path / "w.npz")
    return tmp_path


@pytest.mark.parametrize("command", ["check", "summary", "train", "plan"])
def test_commands_refuse_pipes_devices_and_names(tmp_path, run, command):
    os.mkfifo(tmp_path / "pipe.json")
    for path, why in [(tmp_path / "pipe.json", "pipe"), ("/dev/zero", "device"), ("x" * 5_000, "too long")]:
        status, out, err = run(command, path)
        assert (status, out) == (2, "")
        assert why in err
        assert len(err) < 1_000


def test_run_refuses_weights_and_inputs_that_are_no_files(net, run):
    rest = ("--output", net / "y.npy")
    status, _, err = run("run", net / "net.json", "--weights", "/dev/zero", "--input", "/dev/zero", *rest)
    assert (status, err) == (1, "/dev/zero could not be read: it is a device, not a file.\n")
    status, _, err = run("run", net / "net.json", "--weights", net / "w.npz", "--input", "/dev/zero", *rest)
    assert (status, err) == (1, "/dev/zero cannot be read: it is a device, not a file.\n")
    assert not (net / "y.npy").exists()


def sparse_npy(path, shape, dtype="<f4", size=None):
    """Write the header of an array, and zeros that take no room on the disk."""
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, {"descr": dtype, "fortran_order": False, "shape": shape})
        file.truncate(
            file.tell() + (int(np.prod(shape, dtype=object)) * np.dtype(dtype).itemsize if size is None else size)
        )


def run_on(net, run, name):
    return run("run", net / "net.json", "--weights", net / "w.npz", "--input", net / name, "--output", net / "y.npy")


@pytest.fixture
def _no_array_is_read(monkeypatch):
    monkeypatch.setattr("numpy.lib.format.read_array", lambda *_, **__: pytest.fail("numbers were read"))


@pytest.mark.usefixtures("_no_array_is_read")
def test_the_shape_is_looked_at_before_the_numbers(net, run):
    sparse_npy(net / "x.npy", (GIB, 1))
    status, _, err = run_on(net, run, "x.npy")
    assert (status, err) == (1, "The input of input must be a batch of N×4, but it is 1073741824×1.\n")


@pytest.mark.usefixtures("_no_array_is_read")
def test_more_numbers_than_fit_into_memory_are_not_read(net, run, monkeypatch):
    monkeypatch.setattr("core.engine.memory_limit.memory_limit", lambda: GIB)
    sparse_npy(net / "x.npy", (GIB, 4))
    status, _, err = run_on(net, run, "x.npy")
    assert status == 1
    assert "x.npy holds 16.0 GiB of numbers, but no more than 1.0 GiB" in err


@pytest.mark.usefixtures("_no_array_is_read")
def test_a_file_that_holds_less_than_it_announces_is_damaged(net, run):
    sparse_npy(net / "x.npy", (GIB, 4), size=1000)
    status, _, err = run_on(net, run, "x.npy")
    assert status == 1
    assert "damaged" in err


@pytest.mark.usefixtures("_no_array_is_read")
def test_zeros_that_are_packed_small_are_not_unpacked(net, run):
    sparse_npy(net / "x.npy", (16 << 20, 1))
    with zipfile.ZipFile(net / "x.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(net / "x.npy", "input.npy")
    assert (net / "x.npz").stat().st_size < 1 << 20
    status, _, err = run_on(net, run, "x.npz")
    assert status == 1
    assert "must be a batch of N×4" in err


@pytest.mark.parametrize("version", [2, 3])
def test_a_header_of_gigabytes_is_not_read(net, run, version):
    with (net / "x.npy").open("wb") as file:
        file.write(b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<I", 3 * GIB))
        file.truncate(4 * GIB)
    status, _, err = run_on(net, run, "x.npy")
    assert status == 1
    assert "damaged" in err


@pytest.mark.parametrize("role", ["weights", "input"])
def test_a_list_of_members_of_gigabytes_is_not_read(net, run, role):
    size = 3 * GIB
    with (net / "big.npz").open("wb") as file:
        file.truncate(size)
        file.seek(size)
        file.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, size, 0, 0))
    files = {"weights": net / "w.npz", "input": net / "x.npy"} | {role: net / "big.npz"}
    np.save(net / "x.npy", np.ones((1, 4)))
    status, _, err = run(
        "run", net / "net.json", "--weights", files["weights"], "--input", files["input"], "--output", net / "y.npy"
    )
    assert status == 1
    assert "big.npz is damaged" in err


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_arrays_of_both_versions_are_read(tmp_path, version):
    with (tmp_path / "x.npy").open("wb") as file:
        np.lib.format.write_array(file, np.arange(6.0).reshape(2, 3), version=version)
    assert np.array_equal(load_arrays(tmp_path / "x.npy"), np.arange(6.0).reshape(2, 3))


def test_bench_puts_its_figures_into_files_only(tmp_path):
    from core.bench.figures import write_into

    os.mkfifo(tmp_path / "README.md")
    with pytest.raises(ConvographError, match="it is a pipe, not a file"):
        write_into(tmp_path / "README.md", "figures")


def test_what_ships_is_a_file():
    assert load(template_path("lenet5")).name == "LeNet-5"


@pytest.mark.usefixtures("_no_array_is_read")
def test_a_batch_that_cannot_be_computed_is_not_read(net, run, monkeypatch):
    monkeypatch.setattr("core.engine.memory_limit.memory_limit", lambda: 6 * GIB)
    sparse_npy(net / "x.npy", (GIB, 4), "|u1")
    status, _, err = run_on(net, run, "x.npy")
    assert status == 1
    assert err.startswith("A batch of 1,073,741,824 samples needs about ")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA], ids=["bzip2", "lzma"])
def test_members_that_could_fill_the_memory_at_once_are_not_unpacked(tmp_path, method):
    """Python unpacks a whole piece of these, and of bzip2 a kilobyte can hold gigabytes."""
    path, plain = tmp_path / "w.npz", io.BytesIO()
    np.save(plain, np.zeros(4, np.float32))
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("fc1/bias.npy", plain.getvalue() + bytes(1 << 20))
    with pytest.raises(
        WeightsError, match=r"w\.npz could not be read: it is compressed in a way that NumPy never writes"
    ):
        read_weights(path, {"fc1/bias": (4,)})
    with pytest.raises(DataError, match=r"w\.npz cannot be read: it is compressed in a way that NumPy never writes"):
        load_arrays(path)
