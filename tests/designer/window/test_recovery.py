"""What was never saved is found again, however the program ended."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from core.graph.edits import set_name
from core.io import documents
from core.io.documents import load, save
from core.io.templates import load_template
from core.runs.store import RunStore
from designer.session import Session, unsaved
from designer.session.unsaved import RecoveryWriter, Unreadable, left_behind
from designer.training import left_runs
from tests.designer.training.trainers import digits_cnn

ROOT = Path(__file__).parents[3]
MOST_SECONDS_LOST = 5

EDITING = """
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from core.graph.edits import set_name
from designer.session.preferences import Preferences
from designer.session.unsaved import folder
from designer.window.main_window import MainWindow

app = QApplication([])
window = MainWindow()
window.show()
print(folder(), flush=True)
n = 0

def edit():
    global n
    n += 1
    window.session.edit("rename", set_name(window.session.document, str(n)))
    print(n, time.time(), flush=True)

timer = QTimer(interval=50)
timer.timeout.connect(edit)
timer.start()
app.exec()
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(unsaved, "folder", lambda: tmp_path / "unsaved")
    return tmp_path / "unsaved"


@pytest.fixture
def kept(place, qtbot):
    """A session that was edited and kept, by a program that is gone since."""
    session = Session(load_template("lenet5"))
    keeper = RecoveryWriter(session)
    session.edit("rename", set_name(session.document, "Mine"))
    keeper.keep().result()
    keeper._timer.stop()
    keeper._writer.shutdown()
    keeper._lock.unlock()
    return session.document


def test_a_killed_program_loses_five_seconds_at_most(tmp_path, monkeypatch):
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path / "data"), "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen(
        [sys.executable, "-c", EDITING], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as program:
        place = Path(program.stdout.readline().strip())
        monkeypatch.setattr(unsaved, "folder", lambda: place)
        assert tmp_path in place.parents
        times, until = {}, time.monotonic() + 7
        while time.monotonic() < until:
            number, moment = program.stdout.readline().split()
            times[number] = float(moment)
        assert list(left_behind()) == []  # it is running
        program.send_signal(signal.SIGKILL)
        killed = time.time()
        program.wait()
    (found,) = left_behind()
    assert killed - times[found.document.name] < MOST_SECONDS_LOST
    assert found.path is None
    found.forget()
    assert list(place.iterdir()) == []


def test_what_was_kept_is_found_by_the_next_program_only(kept, place):
    (found,) = left_behind()
    assert found.document == kept
    assert found.name == "Mine"
    assert [other.document for other in left_behind()] == [kept]
    found.forget()
    assert list(left_behind()) == []


def test_what_is_saved_is_kept_no_longer(place, qtbot):
    def files():
        return [path for path in place.iterdir() if path.suffix == ".json"]

    session = Session(load_template("lenet5"))
    keeper = RecoveryWriter(session)
    before = session.document
    session.edit("rename", set_name(before, "Mine"))
    keeper.keep().result()
    assert len(files()) == 1
    session.undo()
    qtbot.waitUntil(lambda: not files())
    session.redo()
    keeper.keep().result()
    assert len(files()) == 1
    session.mark_saved(None)
    qtbot.waitUntil(lambda: not files())
    keeper.close()
    assert list(place.iterdir()) == []


def test_changes_are_kept_soon_without_being_asked(place, qtbot, monkeypatch):
    monkeypatch.setattr(unsaved, "KEEP_AFTER_MS", 50)
    session = Session(load_template("lenet5"))
    keeper = RecoveryWriter(session)
    session.edit("rename", set_name(session.document, "Mine"))
    qtbot.waitUntil(lambda: place.is_dir() and any(path.suffix == ".json" for path in place.iterdir()))
    keeper.close()


DAMAGED = ("", "{", "[]", '{"path": null}', '{"path": 7, "document": {}}', '{"document": 1}', "[" * 100_000)


@pytest.mark.parametrize("text", DAMAGED, ids=lambda text: text[:20])
def test_what_is_damaged_is_moved_aside_and_never_deleted(place, text):
    place.mkdir()
    (place / "7.unsaved.json").write_text(text)
    (found,) = left_behind()
    assert found == Unreadable(place / "unreadable" / "7.unsaved.json", found.why)
    assert found.place.read_text() == text
    assert list(left_behind()) == []  # it was said
    assert found.place.read_text() == text


def test_nothing_that_was_moved_aside_is_overwritten(place):
    place.mkdir()
    for text in ("first", "second"):
        (place / "7.unsaved.json").write_text(text)
        list(left_behind())
    assert sorted(path.read_text() for path in (place / "unreadable").iterdir()) == ["first", "second"]


def test_a_newer_version_is_kept_and_offered_again_once_it_can_be_read(kept, place, monkeypatch):
    monkeypatch.setattr(documents, "VERSION", 0)
    (found,) = left_behind()
    assert found.why.startswith("it was written by a newer Convograph (format version 1; this one reads up to 0).")
    assert list(left_behind()) == []
    monkeypatch.undo()
    monkeypatch.setattr(unsaved, "folder", lambda: place)
    (found,) = left_behind()
    assert found.document == kept
    found.forget()
    assert list((place / "unreadable").iterdir()) == []


def test_what_the_disk_refuses_for_now_stays_and_is_offered_next_time(kept, place, monkeypatch):
    def refuse(_):
        raise OSError(errno.EIO, "Input/output error")

    (before,) = place.glob("*.json")
    with monkeypatch.context() as patch:
        patch.setattr(unsaved, "open_file", refuse)
        assert list(left_behind()) == [Unreadable(before, "the disk reports a fault.")]
    (found,) = left_behind()
    assert found.document == kept


@pytest.mark.skipif(os.name == "nt", reason="names there are Unicode")
def test_halves_of_characters_are_kept_in_texts_and_in_names(place, tmp_path, qtbot):
    path = tmp_path / os.fsdecode(b"n\xe9t\xff.json")
    document = set_name(load_template("lenet5"), "half \ud83d of it")
    save(document, path)
    session = Session()
    session.open(load(path), path)
    keeper = RecoveryWriter(session)
    edited = set_name(document, "the other \ude00")
    session.edit("rename", edited)
    keeper.keep().result()
    keeper._timer.stop()
    keeper._writer.shutdown()
    keeper._lock.unlock()
    (found,) = left_behind()
    assert (found.document, found.path, found.saved) == (edited, path, document)


def test_a_folder_that_cannot_be_written_is_said_once(tmp_path, monkeypatch, qtbot):
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(unsaved, "folder", lambda: tmp_path / "file" / "unsaved")
    session = Session(load_template("lenet5"))
    keeper = RecoveryWriter(session)
    said = []
    keeper.failed.connect(said.append)
    for name in ("a", "b"):
        session.edit("rename", set_name(session.document, name))
        keeper.keep().exception()
    qtbot.waitUntil(lambda: bool(said))
    assert len(said) == 1
    assert said[0].startswith("Changes would be lost in a crash, because they can't be kept: ")
    keeper.close()


class TestTheBanner:
    def test_it_offers_what_was_left(self, kept, qtbot, make_window):
        window = make_window()
        assert not window.recovery.isVisible()
        window.recovery.offer(left_behind())
        assert window.recovery.isVisible()
        assert window.recovery.words.text().startswith("Mine was not saved when Convograph ended today at ")
        qtbot.mouseClick(window.recovery.open, Qt.MouseButton.LeftButton)
        assert window.session.document == kept
        assert window.session.modified
        assert not window.recovery.isVisible()

    def test_what_was_opened_is_kept_until_it_is_saved(self, kept, qtbot, place, tmp_path, make_window):
        window = make_window()
        window.recovery.offer(left_behind())
        qtbot.mouseClick(window.recovery.open, Qt.MouseButton.LeftButton)
        assert len([path for path in place.iterdir() if path.suffix == ".json"]) == 1
        window.session.path = tmp_path / "mine.json"
        assert window.files.save()
        assert load(tmp_path / "mine.json") == kept
        qtbot.waitUntil(lambda: not [path for path in place.iterdir() if path.suffix == ".json"])

    def test_it_says_where_the_unreadable_is_kept(self, kept, place, qtbot, make_window):
        (place / "7.unsaved.json").write_text("{")
        window = make_window()
        window.recovery.offer(left_behind())
        assert window.recovery.words.text().startswith("Mine was not saved")
        assert window.recovery.words.text().endswith(" There is 1 other.")
        qtbot.mouseClick(window.recovery.discard, Qt.MouseButton.LeftButton)
        assert window.recovery.words.text() == (
            "Unsaved work can't be opened: it is damaged. "
            f"Nothing is lost: 7.unsaved.json is kept in {place / 'unreadable'}."
        )
        assert not window.recovery.open.isVisible()
        qtbot.mouseClick(window.recovery.discard, Qt.MouseButton.LeftButton)
        assert not window.recovery.isVisible()
        assert (place / "unreadable" / "7.unsaved.json").exists()

    def test_what_is_discarded_is_gone(self, kept, qtbot, make_window):
        window = make_window()
        before = window.session.document
        window.recovery.offer(left_behind())
        qtbot.mouseClick(window.recovery.discard, Qt.MouseButton.LeftButton)
        assert window.session.document is before
        assert not window.recovery.isVisible()
        assert list(left_behind()) == []


@pytest.mark.skipif(os.name != "posix", reason="pipes as POSIX has them")
def test_a_pipe_among_what_is_kept_is_not_waited_for(place):
    place.mkdir()
    os.mkfifo(place / "1-2.unsaved.json")
    (found,) = left_behind()
    assert found == Unreadable(place / "1-2.unsaved.json", "it is a pipe, not a file.")


def test_runs_of_a_document_without_a_file_are_offered_back_with_it(qtbot, make_window, tmp_path):
    """As after a crash: the folder of the window's runs is there, and nobody has its lock."""
    first = make_window()
    first.session.open(digits_cnn(epochs=1), None)
    with qtbot.waitSignal(first.run.finished, timeout=30_000):
        first.runs.begin()
    weights = first.runs.shown.standing.weights
    place = first.runs.kept[0].stored.folder.parent
    assert list(left_runs()) == []  # its window is open
    shutil.copytree(place, place.parent / "crashed")
    (found,) = left_runs()
    assert found.name == f"{first.session.document.name} with 1 run"
    second = make_window()
    second.recovery.offer([found])
    qtbot.mouseClick(second.recovery.open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: len(second.runs.kept) == 1, timeout=20_000)
    assert not (place.parent / "crashed").exists()
    second.runs.choose(second.runs.kept[0])  # it may be there already: the newest of use is shown unasked
    qtbot.waitUntil(lambda: second.runs.shown is not None and second.runs.shown.standing is not None, timeout=20_000)
    assert all(np.array_equal(second.runs.shown.standing.weights[name], array) for name, array in weights.items())
    second.session.mark_saved(tmp_path / "saved.json")
    assert [run.state for run in RunStore(tmp_path / "saved.runs").runs()] == ["finished"]
