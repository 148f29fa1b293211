"""A run whose process is killed, at any moment, is interrupted, and goes on to the bits of one that never was."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from core.graph.edits import set_training
from core.io.documents import load, save
from core.io.templates import template_path
from core.runs.lock import RunLock, is_written
from core.runs.store import RunStore
from core.runs.stored import read_run
from core.training.messages import Epoch
from core.training.trainer import Trainer

ROOT = Path(__file__).parents[3]
EPOCHS = 30

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


def command(*words):
    return [sys.executable, str(ROOT / "main.py"), "train", *map(str, words)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Train without a stop; by the number of replicas."""
    document = set_training(load(template_path("mlp")), {"epochs": EPOCHS})
    found = {}
    for replicas in (1, 2):
        trainer = Trainer(document, replicas=replicas)
        epochs = [message for message in trainer.messages() if isinstance(message, Epoch)]
        found[replicas] = dict(trainer.network.weights), epochs
    return found


@pytest.fixture
def folder(tmp_path):
    save(set_training(load(template_path("mlp")), {"epochs": EPOCHS}), tmp_path / "mlp.json")
    return tmp_path


def kill_at(process, runs, moment):
    """Kill a training at a random moment: so many seconds after its run is there, or as soon as a file is written."""
    until = time.monotonic() + 60
    while time.monotonic() < until and process.poll() is None:
        if isinstance(moment, str):
            if any(runs.glob(f"0001/{moment}")):
                break
        elif (runs / "0001" / "run.json").exists():
            time.sleep(moment)
            break
        time.sleep(0.0005)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)


def assert_is_whole(run, whole):
    weights, epochs = whole
    found = run.last_weights()
    for name, array in weights.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)
    assert [(e.epoch, e.step, e.train_loss, e.val_loss) for e in run.curve] == [
        (e.epoch, e.step, e.train_loss, e.val_loss) for e in epochs
    ]
    best = max(epochs, key=lambda e: (e.val_accuracy, -e.val_loss))
    assert run.record.best_epoch == best.epoch


@pytest.mark.parametrize("moment", [0.0, 0.1, 0.3, "best.npz", "ticks/.convograph-*.tmp", ".convograph-*.tmp"])
@pytest.mark.parametrize("replicas", [1, 2])
def test_it_goes_on_to_the_same_bits(folder, whole, moment, replicas):
    runs = folder / "runs"
    words = (folder / "mlp.json", "--runs", runs, "--replicas", replicas)
    process = subprocess.Popen(command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    kill_at(process, runs, moment)
    run = read_run(runs / "0001")
    if run.record is None:  # killed before anything was known of it
        assert "cannot be read: it is not there" in run.problem
        return
    assert run.state in ("interrupted", "finished")
    assert json.loads((runs / "0001" / "run.json").read_text())["state"] == run.state
    resume = command(folder / "mlp.json", "--resume", runs / "0001")
    again = subprocess.Popen(resume, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(0.9)
    again.send_signal(signal.SIGKILL)  # and once more
    again.communicate(timeout=60)
    done = subprocess.run(resume, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    run = read_run(runs / "0001")
    assert run.state == "finished"
    assert_is_whole(run, whole[replicas])
    left = [path.name for path in (runs / "0001").iterdir() if path.name.endswith(".tmp")]
    assert left == []


def test_ctrl_c_leaves_a_stopped_run_that_goes_on(folder, whole):
    runs = folder / "runs"
    words = (folder / "mlp.json", "--runs", runs, "--replicas", 1, "--save", folder / "w.npz")
    process = subprocess.Popen(command(*words), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert "epoch" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode in (130, 0)
    run = read_run(runs / "0001")
    if process.returncode:
        assert f"go on by --resume {runs / '0001'}." in said
        assert run.state == "stopped"
    done = subprocess.run(command(folder / "mlp.json", "--resume", runs / "0001"), capture_output=True, timeout=100)
    assert done.returncode == 0
    assert_is_whole(read_run(runs / "0001"), whole[1])


class TestWhoWrites:
    def test_nobody_at_first(self, tmp_path):
        assert not is_written(tmp_path)

    def test_one_at_a_time_and_known_to_all(self, tmp_path):
        lock = RunLock(tmp_path)
        assert lock.take()
        assert is_written(tmp_path)
        assert not RunLock(tmp_path).take()
        lock.give_back()
        assert not is_written(tmp_path)
        again = RunLock(tmp_path)
        assert again.take()
        again.give_back()

    def test_a_file_that_a_killed_process_left_says_nothing(self, tmp_path):
        import socket

        (tmp_path / ".lock").write_text(socket.gethostname())
        assert not is_written(tmp_path)

    def test_on_another_computer_what_counts_is_whether_it_was_touched_of_late(self, tmp_path):
        (tmp_path / ".lock").write_text("another-computer")
        assert is_written(tmp_path)
        assert not RunLock(tmp_path).take()
        os.utime(tmp_path / ".lock", (time.time() - 300, time.time() - 300))
        assert not is_written(tmp_path)

    @pytest.mark.parametrize("late", [False, True])
    def test_where_a_disk_has_no_locks_too(self, tmp_path, monkeypatch, late):
        def refuse(handle, how):
            raise OSError(95, "not supported")

        lock = RunLock(tmp_path)
        monkeypatch.setattr("core.runs.lock.fcntl.flock", refuse)
        assert lock.take()
        if late:
            os.utime(tmp_path / ".lock", (time.time() - 300, time.time() - 300))
        assert is_written(tmp_path) != late
        lock.give_back()
        assert not is_written(tmp_path)

    def test_a_link_or_a_pipe_in_its_place_hangs_nobody(self, tmp_path):
        os.mkfifo(tmp_path / ".lock")
        assert not is_written(tmp_path)


def test_two_processes_never_get_the_same_folder(folder):
    words = (folder / "mlp.json", "--runs", folder / "runs", "--epochs", "1", "--replicas", "1")
    processes = [subprocess.Popen(command(*words), stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    runs = RunStore(folder / "runs").runs()
    assert [(run.number, run.state) for run in runs] == [(1, "finished"), (2, "finished"), (3, "finished")]
