"""`-` is standard input where a file is read, and standard output where one is written."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.commands.main import main
from core.engine.network import Network
from core.io.documents import LARGEST_FILE, save
from core.io.templates import template_path
from core.io.writing import document_text
from tests.drawing import chain

ROOT = Path(__file__).parents[3]
MADE = chain((4,), ("Dense", {"units": 2}))
X = np.arange(12, dtype=np.float32).reshape(3, 4) / 16


@pytest.fixture
def run(capsysbinary, monkeypatch):
    """Run a command with something on its standard input; gives its status, output and messages."""

    def command(data, *arguments):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
        status = main([str(argument) for argument in arguments])
        out, err = capsysbinary.readouterr()
        return status, out, err.decode()

    return command


@pytest.fixture
def net(tmp_path):
    """A network in files; gives their folder."""
    save(MADE, tmp_path / "net.json")
    Network(MADE).save_weights(tmp_path / "w.npz")
    np.save(tmp_path / "x.npy", X)
    return tmp_path


TEXT = document_text(MADE).encode()


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "{}"],
        ["check", "{}", "--json"],
        ["summary", "{}"],
        ["summary", "{}", "--explain", "fc1"],
        ["export", "{}", "--to", "markdown"],
        ["plan", "{}", "--batch", "2", "--json"],
    ],
)
def test_a_document_on_standard_input_is_like_one_in_a_file(run, net, arguments):
    from_file = run(b"", *(word.format(net / "net.json") for word in arguments))
    assert from_file[0] == 0
    assert run(TEXT, *(word.format("-") for word in arguments)) == from_file


def test_a_document_on_standard_input_is_trained(run, net):
    template = template_path("mlp").read_bytes()
    status, out, _ = run(template, "train", "-", "--epochs", "1", "--replicas", "1", "--save", net / "trained.npz")
    assert status == 0
    assert out.startswith(b"epoch 1: ")
    assert (net / "trained.npz").exists()


def test_what_differs_is_found_between_a_file_and_standard_input(run, net):
    other = document_text(chain((4,), ("Dense", {"units": 3}))).encode()
    status, out, _ = run(other, "diff", net / "net.json", "-")
    assert status == 1
    assert b"units" in out
    assert run(TEXT, "diff", "-", "-") == (
        1,
        b"",
        "Standard input can be read only once: give one of the files by name.\n",
    )


@pytest.mark.parametrize("data", [b"", b"no document", b" " * (LARGEST_FILE + 1)], ids=["empty", "text", "large"])
def test_what_is_no_document_is_status_2_and_a_sentence(run, data):
    status, out, err = run(data, "check", "-")
    assert (status, out) == (2, b"")
    assert err.startswith("Standard input is ")
    assert err.count("\n") == 1


def test_an_export_goes_to_standard_output(run, net):
    printed = run(b"", "export", net / "net.json", "--to", "csv")
    assert run(b"", "export", net / "net.json", "--to", "csv", "-o", "-") == printed
    assert not Path("-").exists()


@pytest.mark.parametrize("packed", [False, True])
def test_samples_come_in_and_outputs_go_out(run, net, packed):
    data = io.BytesIO()
    np.savez(data, input=X) if packed else np.save(data, X)
    arguments = ("--weights", net / "w.npz", "--output", "-")
    status, out, err = run(data.getvalue(), "run", net / "net.json", "--input", "-", *arguments)
    assert (status, err) == (0, "")
    assert run(b"", "run", net / "net.json", "--input", net / "x.npy", *arguments)[1] == out
    assert np.load(io.BytesIO(out)).shape == (3, 2)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "Standard input is damaged, or not a file of numbers"),
        (b"PK\3\4", "Standard input is damaged, or not a file of numbers"),
        (b"x" * (1 << 20), "Standard input is damaged, or not a file of numbers"),
        (X.tobytes(), "Standard input is damaged, or not a file of numbers"),
    ],
)
def test_samples_that_are_none_are_refused(run, net, data, says):
    arguments = ("--weights", net / "w.npz", "--input", "-", "--output", net / "y.npy")
    status, _, err = run(data, "run", net / "net.json", *arguments)
    assert status == 1
    assert err.startswith(says)
    assert err.count("\n") == 1


@pytest.mark.skipif(os.name != "posix", reason="devices as POSIX has them")
def test_an_input_that_never_ends_is_refused_by_its_beginning(net):
    command = [sys.executable, ROOT / "main.py", "run", "net.json", "--weights", "w.npz", "--input", "-"]
    with Path("/dev/zero").open("rb") as zeros:
        done = subprocess.run([*command, "--output", "y.npy"], cwd=net, stdin=zeros, capture_output=True, timeout=30)
    assert done.returncode == 1
    assert done.stderr.startswith(b"Standard input is damaged")


def test_no_more_is_taken_from_a_pipe_than_the_header_announces(run, net):
    data = io.BytesIO()
    np.save(data, np.ones((1 << 16, 1)))
    arguments = ("--weights", net / "w.npz", "--input", "-", "--output", net / "y.npy")
    status, _, err = run(data.getvalue()[:128], "run", net / "net.json", *arguments)
    assert status == 1
    assert err == "The input of input must be a batch of N×4, but it is 65536×1.\n"


def test_weights_are_not_printed(run, net):
    status, _, err = run(b"", "train", template_path("mlp"), "--save", "-")
    assert (status, err) == (1, "Weights are saved in a file, not printed: give --save a name, such as w.npz.\n")


@pytest.mark.skipif(os.name != "posix", reason="pipes as POSIX has them")
def test_a_pipe_given_as_a_file_is_told_the_way(tmp_path, run):
    os.mkfifo(tmp_path / "pipe")
    _, _, err = run(b"", "check", tmp_path / "pipe")
    assert "pipe cannot be opened: it is a pipe, not a file. Give - instead of FILE to read what is piped" in err
    assert run(TEXT, "check", "/dev/stdin")[0] == 0


def test_what_is_said_of_piped_samples_does_not_call_them_a_dash(net, run):
    data = io.BytesIO()
    np.save(data, X * 16)
    _, _, err = run(
        data.getvalue(), "run", net / "net.json", "--weights", net / "w.npz", "--input", "-", "--output", net / "y.npy"
    )
    assert err.startswith("Standard input holds whole numbers up to 11 ")


def started(*words, **streams):
    """Run the program with other streams than usual; gives its status and what it says on standard error."""
    ended = subprocess.run([sys.executable, ROOT / "main.py", *words], text=True, timeout=60, **streams, check=False)
    return ended.returncode, ended.stderr


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is needed")
@pytest.mark.parametrize("command", [["check"], ["train", "--epochs", "1"]])
def test_output_that_cannot_be_written_is_said(command):
    with Path("/dev/full").open("w") as full:
        status, err = started(*command, template_path("mlp"), stdout=full, stderr=subprocess.PIPE)
    assert status == 1
    assert "Traceback" not in err
    assert err.endswith("The output cannot be written: the disk is full.\n")


@pytest.mark.skipif(os.name != "posix", reason="streams as POSIX closes them")
@pytest.mark.parametrize(("closed", "file", "status"), [(0, "-", 2), (1, template_path("mlp"), 0), (2, "nowhere", 2)])
def test_streams_may_be_closed(closed, file, status):
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE}
    found, err = started("check", file, **streams, preexec_fn=lambda: os.close(closed))
    assert found == status, err
    assert "Traceback" not in err
