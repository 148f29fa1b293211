"""What `train --save` has learned is kept when it is asked to end: by Ctrl+C, a closed terminal, another program."""

import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core import Network
from core.commands.main import main
from core.io.documents import load
from core.io.templates import template_path
from core.training.messages import Batch, Computing, Diverged, Finding, Trying
from core.training.trainer import Trainer

ROOT = Path(__file__).parents[3]
posix = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")
pytestmark = posix


def training(folder, *options, **how):
    """Start a training that would go on for long; it has learned for an epoch."""
    command = [sys.executable, ROOT / "main.py", "train", template_path("mlp"), "--epochs", "10000", *options]
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": folder} | how
    process = subprocess.Popen(list(map(str, command)), **how, text=True)
    if process.stdout:
        assert "epoch" in process.stdout.readline()
    return process


def end(process, *signals):
    for number in signals:
        process.send_signal(number)
    _, err = process.communicate(timeout=60)
    return process.returncode, err


def assert_has_learned(weights, folder):
    network = Network(load(template_path("mlp")))
    before = {name: array.copy() for name, array in network.weights.items()}
    network.load_weights(folder / weights)
    assert any(not np.array_equal(before[name], array) for name, array in network.weights.items())
    assert [path.name for path in folder.iterdir()] == [weights]


@pytest.mark.parametrize(
    ("number", "status", "why"),
    [
        (signal.SIGINT, 130, "Stopped by Ctrl+C"),
        (signal.SIGTERM, 143, "Stopped on request (SIGTERM)"),
        (signal.SIGHUP, 129, "Stopped because the terminal was closed (SIGHUP)"),
    ],
)
@pytest.mark.parametrize("replicas", ["1", "2"])
def test_the_weights_so_far_are_saved(tmp_path, number, status, why, replicas):
    process = training(tmp_path, "--save", "w.npz", "--json", "--replicas", replicas)
    found, err = end(process, number)
    assert (found, err.count("\n")) == (status, 1), err
    assert err.startswith(f"{why} after ")
    assert " epoch" in err
    assert err.endswith("the weights so far are saved in w.npz.\n")
    assert_has_learned("w.npz", tmp_path)


def test_every_process_of_the_terminal_gets_the_signal_and_the_weights_are_saved(tmp_path):
    process = training(tmp_path, "--save", "w.npz", "--json", "--replicas", "2", start_new_session=True)
    os.killpg(process.pid, signal.SIGHUP)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 129, err
    assert_has_learned("w.npz", tmp_path)


def test_a_terminal_that_is_gone_takes_the_words_but_not_the_weights(tmp_path):
    ours, theirs = pty.openpty()
    process = training(tmp_path, "--save", "w.npz", stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True)
    os.close(theirs)
    seen = b""
    while b"epoch 1:" not in seen:
        seen += os.read(ours, 1000)
    os.close(ours)  # what is written from now on fails
    process.send_signal(signal.SIGHUP)
    assert process.wait(60) == 129
    assert_has_learned("w.npz", tmp_path)


def test_a_second_signal_does_not_spoil_what_the_first_one_saves(tmp_path):
    process = training(tmp_path, "--save", "w.npz", "--json")
    found, err = end(process, *[signal.SIGINT] * 5, signal.SIGTERM)
    assert found == 130, err
    assert_has_learned("w.npz", tmp_path)


def test_a_reader_that_has_seen_enough_does_not_take_the_weights(tmp_path):
    process = training(tmp_path, "--save", "w.npz", "--json")
    process.stdout.close()
    assert process.wait(60) == 0
    with process.stderr as err:
        assert "the weights so far are saved in w.npz.\n" in err.read()
    assert_has_learned("w.npz", tmp_path)


def test_a_signal_that_is_ignored_stays_ignored(tmp_path):
    """As `nohup` has it: the training goes on after the terminal is closed."""
    process = training(
        tmp_path, "--save", "w.npz", "--json", preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
    )
    process.send_signal(signal.SIGHUP)
    for _ in range(3):
        assert "epoch" in process.stdout.readline()
    assert end(process, signal.SIGINT)[0] == 130


def test_without_save_nothing_is_written(tmp_path):
    found, err = end(training(tmp_path, "--json"), signal.SIGINT)
    assert (found, err) == (130, "Stopped.\n")
    assert list(tmp_path.iterdir()) == []


def test_before_the_first_step_nothing_takes_the_place_of_older_weights(tmp_path, capsys, monkeypatch):
    (tmp_path / "w.npz").write_bytes(b"older")
    monkeypatch.setattr("core.training.course.Course.set_out", lambda *_: signal.raise_signal(signal.SIGTERM))
    assert main(["train", str(template_path("mlp")), "--save", str(tmp_path / "w.npz")]) == 143
    assert (tmp_path / "w.npz").read_bytes() == b"older"
    assert "before the first batch, so that nothing is saved" in capsys.readouterr().err


COMPUTING = Computing(epoch=1, n=10, n_batch=20)
FINDING = Finding("only_guessing", "advice", 1, "It only guesses.", "The loss stays at ln 10.")
DIVERGED = Diverged(None, 1, "The loss became NaN.", "Use a smaller learning rate.")


def asked_to_end_before(message):
    """Return messages of a trainer that go as usual until the first batch, when the program is asked to end."""
    usual = Trainer.messages

    def messages(trainer):
        for one in usual(trainer):
            yield one
            if isinstance(one, Batch):
                signal.raise_signal(signal.SIGTERM)
                yield message

    return messages


@pytest.mark.parametrize("message", [COMPUTING, FINDING], ids=["in the middle of a batch", "after a finding"])
def test_the_weights_are_saved_whatever_the_last_message_is(tmp_path, capsys, monkeypatch, message):
    monkeypatch.setattr(Trainer, "messages", asked_to_end_before(message))
    assert main(["train", str(template_path("mlp")), "--save", str(tmp_path / "w.npz")]) == 143
    assert "after 1 batch: the weights so far are saved" in capsys.readouterr().err
    assert_has_learned("w.npz", tmp_path)


def test_a_run_that_diverged_says_so_also_where_nobody_waits_for_advice(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(Trainer, "messages", asked_to_end_before(Trying(DIVERGED, 0.01)))
    assert main(["train", str(template_path("mlp")), "--save", str(tmp_path / "w.npz")]) == 1
    assert capsys.readouterr().err.endswith("The loss became NaN. Use a smaller learning rate.\n")
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_the_weights_are_saved_does_not_stop_that(tmp_path, monkeypatch, capsys):
    def pressed(handle):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("os.fsync", pressed)
    tested = "core.training.course.Course._test"
    monkeypatch.setattr(tested, lambda *_: (signal.raise_signal(signal.SIGINT), (0.0, 0))[1])
    assert main(["train", str(template_path("mlp")), "--save", str(tmp_path / "w.npz")]) == 130
    assert "Stopped by Ctrl+C after 1 epoch: the weights so far" in capsys.readouterr().err
    assert_has_learned("w.npz", tmp_path)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.parametrize("name", ["folder", "pipe"])
def test_a_place_where_nothing_can_be_saved_is_refused_before_the_training(tmp_path, capsys, name):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    assert main(["train", str(template_path("mlp")), "--save", str(tmp_path / name)]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "could not be saved: it is a " in err


def test_weights_that_cannot_be_saved_in_the_end_are_saved_elsewhere(tmp_path, capsys, monkeypatch):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "folder").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))

    def gone(*_):
        (tmp_path / "folder").rmdir()
        return 0.0, 0

    monkeypatch.setattr("core.training.course.Course._test", gone)
    path = tmp_path / "folder" / "w.npz"
    options = ["--epochs", "1", "--batch-size", "1000", "--save", str(path)]
    assert main(["train", str(template_path("mlp")), *options]) == 1
    (kept,) = (tmp_path / "elsewhere").iterdir()
    assert capsys.readouterr().err.endswith(f"The weights are in {kept}: move them from there.\n")
    assert_has_learned(kept.name, tmp_path / "elsewhere")
