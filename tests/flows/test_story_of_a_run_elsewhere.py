"""A run that another computer writes is followed in the window: in its folder, and in a copy that arrives in pieces."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QUrl

from core.graph.edits import set_training
from core.io.documents import save
from core.io.templates import load_template
from core.training.snapshots import Interest
from designer.training import RunsPanel
from designer.training.runs import following
from designer.training.runs.runs_table import STATE
from designer.views.curves import CurvesView
from designer.window.panels import panel_of
from tests.designer.training.test_live import Eye
from tests.designer.window.test_file_drop import drop

ROOT = Path(__file__).parents[2]
WRITER = """
import socket, sys
socket.gethostname = lambda: "node07"
from core.commands.main import main
sys.exit(main(sys.argv[1:]))
"""
LONG = 60_000

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")


@pytest.fixture(autouse=True)
def _often(monkeypatch):
    monkeypatch.setattr(following, "POLL_MS", 100)
    monkeypatch.setattr("core.runs.writer.STANDING_SECONDS", 0.5)


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "net.json"
    save(set_training(load_template("mlp"), {"epochs": 20_000}), path)
    return path


@pytest.fixture
def writer(document):
    """Let node07 train until the test has seen enough; calling it asks the process to end."""
    words = ["train", document, "--runs", document.with_name("net.runs"), "--replicas", "1"]
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, *map(str, words)], cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    def stop(how=signal.SIGTERM):
        process.send_signal(how)
        process.wait(timeout=60)

    yield stop
    process.kill()
    process.wait()


def folder_of(document):
    folder = document.with_name("net.runs") / "0001"
    until = time.monotonic() + 60
    while time.monotonic() < until:
        with suppress(OSError, ValueError):
            if json.loads((folder / "run.json").read_text())["step"]:
                break
        time.sleep(0.05)
    return folder


def curve(window):
    return panel_of(window.panels, CurvesView).data


def state(window):
    model = panel_of(window.panels, RunsPanel).model
    return model.index(0, STATE).data()


def step(window):
    return window.runs.shown.step if window.runs.shown is not None else -1


def contents(folder):
    """What a look may not change: names, sizes and times."""
    return {path: (path.stat().st_size, path.stat().st_mtime_ns) for path in sorted(folder.rglob("*"))}


def stamp(folder, seconds):
    """Let all files be so many seconds old; less than none, they stay new however long a test takes."""
    then = time.time() - seconds
    for path in folder.rglob("*"):
        os.utime(path, (then, then))


def test_all_views_follow_a_run_on_a_shared_disk_to_its_end(qtbot, make_window, document, writer):
    folder_of(document)
    window = make_window()
    window.show_workspace("train")
    eye = Eye(Interest(frozenset({"fc1"})))
    window.live.add(eye)
    assert window.files.open(document)
    qtbot.waitUntil(lambda: step(window) > 0, timeout=LONG)
    assert window.runs.shown.name == "run 1"
    assert state(window) == "training on node07"
    assert not window.runs.next_is_continued
    first, drawn, ticks = step(window), curve(window).last_step, len(window.time_machine.course.ticks)
    qtbot.waitUntil(lambda: step(window) > first, timeout=LONG)
    qtbot.waitUntil(lambda: curve(window).last_step > drawn, timeout=LONG)
    assert len(curve(window).epochs) > 1
    seen = {snapshot.step for snapshot in eye.seen}
    qtbot.waitUntil(lambda: {snapshot.step for snapshot in eye.seen} > seen, timeout=LONG)
    machine = window.time_machine
    qtbot.waitUntil(lambda: len(machine.course.ticks) > max(ticks, 1), timeout=LONG)
    machine.look_at(next(iter(machine.course.ticks)))
    qtbot.waitUntil(lambda: eye.seen[-1].step == machine.step, timeout=LONG)
    machine.look_at(None)
    writer()
    qtbot.waitUntil(lambda: state(window) == "stopped", timeout=LONG)
    record = json.loads((document.with_name("net.runs") / "0001" / "run.json").read_text())
    qtbot.waitUntil(lambda: step(window) == record["step"] == curve(window).last_step, timeout=LONG)
    assert window.runs.next_is_continued


def test_a_look_writes_nothing(qtbot, make_window, document, writer):
    folder = folder_of(document)
    writer(signal.SIGKILL)
    stamp(folder, -3600)
    before = contents(folder)
    window = make_window()
    assert window.files.open(document)
    qtbot.waitUntil(lambda: step(window) > 0, timeout=LONG)
    qtbot.wait(500)
    assert contents(folder) == before
    assert state(window) == "training on node07"  # a killed process on another computer can't be told from a silent one


def test_silence_is_said(qtbot, make_window, document, writer):
    folder = folder_of(document)
    writer(signal.SIGKILL)
    stamp(folder, 150 * 60)
    window = make_window()
    assert window.files.open(document)
    qtbot.waitUntil(lambda: step(window) > 0, timeout=LONG)
    assert state(window) == "no news for 2 h from node07"
    stamp(folder, -3600)
    qtbot.waitUntil(lambda: state(window) == "training on node07", timeout=LONG)


def test_a_run_that_begins_later_is_found(qtbot, make_window, document, monkeypatch, request):
    monkeypatch.setattr(following, "SEEK_MS", 200)
    window = make_window()
    window.show_workspace("train")
    assert window.files.open(document)
    qtbot.wait(300)
    assert window.runs.kept == ()
    request.getfixturevalue("writer")
    qtbot.waitUntil(lambda: step(window) > 0, timeout=LONG)
    assert window.runs.shown.name == "run 1"
    assert state(window) == "training on node07"
    assert window.time_bar.words.text().startswith("run 1 · newest, batch ")
    assert window.runs.name == "run 2"


@pytest.fixture
def source(document, writer):
    """A run that node07 has trained for a while and then stopped, to be copied."""
    folder = folder_of(document)
    while len((folder / "curve.csv").read_text().splitlines()) < 4:
        time.sleep(0.05)
    writer()
    return folder


def put(source, target, name, share=1.0):
    """Copy a file, or its beginning, as scp does: in place."""
    data = (source / name).read_bytes()
    (target / name).write_bytes(data[: int(share * len(data))])
    later = time.time() + 3600  # a sign of life, however long the test takes
    os.utime(target / name, (later, later))


def test_a_copy_that_arrives_in_pieces_and_out_of_order(qtbot, make_window, source, tmp_path):
    target = tmp_path / "home" / "0001"
    target.mkdir(parents=True)
    record = (source / "run.json").read_text()
    assert '"stopped"' in record
    (target / "run.json").write_text(record.replace('"stopped"', '"interrupted"'))
    for name, share in [("curve.csv", 0.6), ("last.npz", 0.5), ("batches.npz", 0.5)]:
        put(source, target, name, share)
    window = make_window()
    window.show_workspace("train")
    assert window.files.open(target / "run.json")
    assert window.session.document.name == json.loads(record)["document"]["name"]
    assert window.session.path is None
    qtbot.waitUntil(lambda: state(window) == "training on node07", timeout=LONG)
    qtbot.wait(400)  # several looks at what isn't whole
    assert window.runs.shown is None
    put(source, target, "batches.npz")
    qtbot.waitUntil(lambda: curve(window) is not None and curve(window).last_step > 0, timeout=LONG)
    put(source, target, "last.npz")
    qtbot.waitUntil(lambda: step(window) > 0, timeout=LONG)
    shown = window.runs.shown.standing
    put(source, target, "last.npz", 0.7)  # the next copy has begun
    qtbot.wait(400)
    assert window.runs.shown.standing is shown
    put(source, target, "run.json", 0.5)
    qtbot.wait(300)
    assert state(window) == "training on node07"
    put(source, target, "run.json")
    put(source, target, "last.npz")
    qtbot.waitUntil(lambda: state(window) == "stopped", timeout=LONG)
    put(source, target, "curve.csv")
    put(source, target, "resume.npz", 0.5)
    qtbot.wait(300)
    assert not window.runs.next_is_continued
    put(source, target, "resume.npz")
    shutil.copytree(source / "ticks", target / "ticks")
    qtbot.waitUntil(lambda: window.runs.next_is_continued, timeout=LONG)
    qtbot.waitUntil(lambda: len(curve(window).epochs) == json.loads(record)["epochs"], timeout=LONG)
    ticks = window.time_machine
    window.runs.choose(None)
    window.runs.choose(window.runs.kept[0])
    qtbot.waitUntil(lambda: len(ticks.course.ticks) == len(list((source / "ticks").iterdir())), timeout=LONG)


def test_a_folder_of_runs_that_is_dropped_shows_its_newest(qtbot, make_window, source, tmp_path):
    home = tmp_path / "home" / "elsewhere.runs"
    shutil.copytree(source.parent, home)
    window = make_window()
    assert drop(window.canvas.view.viewport(), QUrl.fromLocalFile(str(home)))
    qtbot.waitUntil(lambda: step(window) > 0, timeout=LONG)
    stored = np.load(home / "0001" / "last.npz")
    for name, array in window.runs.shown.standing.weights.items():
        np.testing.assert_array_equal(array, stored[name])


def test_a_run_opened_beside_its_document_is_the_one_shown(qtbot, make_window, document, source):
    shutil.copytree(source, source.parent / "0002")
    window = make_window()
    assert window.files.open(source)
    assert window.session.path == document
    qtbot.waitUntil(lambda: step(window) > 0, timeout=LONG)
    assert window.runs.shown.name == "run 1"
    assert window.files.open(source.parent / "0002" / "run.json")  # its document is open already
    qtbot.waitUntil(lambda: window.runs.shown.name == "run 2", timeout=LONG)


def test_a_record_that_cannot_be_read_is_said(make_window, source, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr("designer.window.files.QMessageBox.warning", lambda *words: said.append(words[-1]))
    target = tmp_path / "home" / "0001"
    target.mkdir(parents=True)
    put(source, target, "run.json", 0.5)
    window = make_window()
    before = window.session.document
    assert not window.files.open(target)
    assert said == [f"{target / 'run.json'} is damaged: it is not JSON."]
    assert window.session.document is before
