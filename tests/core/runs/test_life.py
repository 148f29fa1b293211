"""Who writes a run, as its folder tells somebody who only looks: here, on another computer, or nobody any more."""

import os
import socket
import stat
import time

import pytest

from core.graph.edits import set_training
from core.io.templates import load_template
from core.runs.lock import RunLock
from core.runs.record import read_record
from core.runs.store import RunStore
from core.runs.stored import read_run
from core.training.messages import Epoch
from core.training.trainer import Trainer

HERE = socket.gethostname()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A run that node07 began and whose process was killed after an epoch, or goes on: its files are the same."""
    monkeypatch.setattr("socket.gethostname", lambda: "node07")
    document = set_training(load_template("mlp"), {"epochs": 2})
    trainer = Trainer(document, replicas=1)
    writer = RunStore(tmp_path / "mlp.runs").begin(trainer)
    for message in trainer.messages():
        writer.note(message)
        if isinstance(message, Epoch):
            break
    writer.end("interrupted")
    (writer.folder / ".lock").write_text("node07")
    monkeypatch.setattr("socket.gethostname", lambda: HERE)
    return writer.folder


def age(folder, seconds):
    then = time.time() - seconds
    for path in [*folder.rglob("*")]:
        os.utime(path, (then, then))


def change(folder, state):
    path = folder / "run.json"
    path.write_text(path.read_text().replace('"interrupted"', f'"{state}"'))


def test_its_record_names_the_computer(folder):
    assert read_record(folder).host == "node07"


def test_one_on_another_computer_is_on(folder):
    run = read_run(folder)
    assert run.state == "running"
    assert run.life.host == "node07"
    assert run.life.silent_seconds < 60


def test_silence_is_said_and_keeps_nobody_from_going_on(folder):
    age(folder, 720)
    run = read_run(folder)
    assert run.state == "interrupted"
    assert run.has_standing
    assert run.life.host == "node07"
    assert 719 < run.life.silent_seconds < 780
    assert not run.life.holds


def test_any_file_that_is_newer_is_a_sign_of_life(folder):
    age(folder, 720)
    os.utime(folder / "ticks")
    assert read_run(folder).life.silent_seconds < 60


def test_a_copy_without_hidden_files_is_judged_by_its_record(folder):
    (folder / ".lock").unlink()
    assert read_run(folder).life.host == "node07"


@pytest.mark.parametrize("state", ["finished", "stopped", "diverged"])
def test_what_has_ended_is_over_whatever_its_lock_says(folder, state):
    change(folder, state)
    run = read_run(folder)
    assert run.state == state
    assert run.life is None


def test_a_lock_that_was_given_back_says_that_it_broke_off(folder):
    (folder / ".lock").write_text("")
    run = read_run(folder)
    assert run.state == "interrupted"
    assert run.life is None


def test_one_of_this_computer_that_was_killed_is_interrupted(folder):
    (folder / ".lock").write_text(HERE)
    assert read_run(folder).state == "interrupted"
    assert read_run(folder).life is None


def test_one_of_this_computer_lives_as_long_as_its_lock(folder):
    (folder / ".lock").unlink()
    lock = RunLock(folder)
    assert lock.take()
    run = read_run(folder)
    assert run.state == "running"
    assert run.life.host == ""
    lock.give_back()
    assert read_run(folder).life is None


def test_a_clock_that_is_ahead_is_no_silence(folder):
    age(folder, -500)
    assert read_run(folder).life.silent_seconds == 0


@pytest.mark.skipif(os.name != "posix" or os.getuid() == 0, reason="root may write everywhere")
def test_looking_needs_no_right_to_write(folder):
    for path in [folder, *folder.rglob("*")]:
        path.chmod(path.stat().st_mode & ~(stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH))
    try:
        assert read_run(folder).state == "running"
    finally:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(path.stat().st_mode | stat.S_IWUSR)


def test_looking_opens_nothing_for_writing(folder, monkeypatch):
    opened, real = [], os.open
    monkeypatch.setattr("os.open", lambda path, flags, *more: opened.append(flags) or real(path, flags, *more))
    read_run(folder)
    assert opened
    assert not any(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT) for flags in opened)


def test_a_glance_has_its_newest_weights(folder):
    run = read_run(folder)
    glance = run.glance()
    assert glance.place.step == run.record.step
    assert glance.weights.keys() == run.shapes.keys()
    assert not any(array.flags.writeable for array in glance.weights.values())
