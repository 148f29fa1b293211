import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.errors import SaveError
from core.graph.values import Document
from core.io.arrays import save_arrays
from core.io.atomic import write_atomically
from core.io.documents import save
from core.io.weights import write_weights

posix = pytest.mark.skipif(os.name != "posix", reason="permissions, links and pipes as POSIX has them")
not_root = pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the administrator may write everywhere")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def refusal(path):
    with pytest.raises(SaveError) as caught:
        write_atomically(path, b"new")
    return str(caught.value)


def test_a_new_file_and_a_replaced_one(tmp_path):
    path = tmp_path / "net.json"
    write_atomically(path, b"first, longer")
    assert path.read_bytes() == b"first, longer"
    write_atomically(path, b"second")
    assert path.read_bytes() == b"second"
    assert names(tmp_path) == ["net.json"]


def test_a_relative_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_atomically(type(tmp_path)("net.json"), b"x")
    assert (tmp_path / "net.json").read_bytes() == b"x"


@posix
@pytest.mark.parametrize("mode", [0o600, 0o664, 0o755])
def test_permissions_are_kept(tmp_path, mode):
    path = tmp_path / "net.json"
    path.write_bytes(b"old")
    path.chmod(mode)
    write_atomically(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
def test_a_new_file_gets_the_permissions_of_any_new_file(tmp_path):
    (tmp_path / "other").touch()
    write_atomically(tmp_path / "net.json", b"new")
    assert (tmp_path / "net.json").stat().st_mode == (tmp_path / "other").stat().st_mode


@posix
def test_a_link_stays_and_its_target_is_replaced(tmp_path):
    (tmp_path / "real").mkdir()
    target, link = tmp_path / "real" / "net.json", tmp_path / "link.json"
    target.write_bytes(b"old")
    link.symlink_to(target)
    write_atomically(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"
    target.unlink()
    write_atomically(link, b"again")
    assert target.read_bytes() == b"again"


def test_a_missing_folder(tmp_path):
    text = refusal(tmp_path / "missing" / "net.json")
    assert f"there is no folder {tmp_path / 'missing'}" in text
    assert "Save under another name or in another folder." in text


@posix
def test_what_is_no_ordinary_file_is_left_alone(tmp_path):
    assert "it is a folder" in refusal(tmp_path)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    assert "it is a device or a pipe" in refusal(pipe)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    assert "could not be saved" in refusal(tmp_path / "a")
    assert names(tmp_path) == ["a", "b", "pipe"]


@pytest.mark.parametrize("name", ["a\0b", "x" * 300])
def test_a_name_that_no_file_can_have(tmp_path, name):
    assert "could not be saved" in refusal(tmp_path / name)
    assert names(tmp_path) == []


@pytest.mark.parametrize("step", ["os.fsync", "pathlib.Path.replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_on_the_way_leaves_the_old_content(tmp_path, monkeypatch, step, error):
    path = tmp_path / "net.json"
    path.write_bytes(b"old")

    def fail(*_):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(step, fail)
        with pytest.raises(SaveError if isinstance(error, OSError) else KeyboardInterrupt) as caught:
            write_atomically(path, b"new")
    if isinstance(error, OSError):
        assert str(caught.value).startswith(f"{path} could not be saved: the disk is full. What stood there before is")
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["net.json"]


@pytest.mark.parametrize(
    "write",
    [
        lambda path: save(Document(), path),
        lambda path: write_weights(path, {"fc1/kernel": np.ones(3)}),
        lambda path: save_arrays(path, np.ones(3)),
        lambda path: save_arrays(path, {"y": np.ones(3)}),
    ],
    ids=["document", "weights", "array", "arrays"],
)
def test_whatever_is_saved_survives_a_full_disk_as_it_was(tmp_path, monkeypatch, write):
    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    path = tmp_path / "kept"
    path.write_bytes(b"old")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(SaveError):
        write(path)
    assert path.read_bytes() == b"old"


def test_everything_is_on_the_disk_before_it_takes_the_place(tmp_path, monkeypatch):
    path = tmp_path / "net.json"
    path.write_bytes(b"old")
    seen = []
    synced = os.fsync

    def watch(handle):
        synced(handle)
        seen.append((os.fstat(handle).st_size, path.read_bytes()))

    monkeypatch.setattr("os.fsync", watch)
    write_atomically(path, b"new, whole")
    assert seen[0] == (10, b"old")


@not_root
def test_a_folder_or_file_that_may_not_be_written(tmp_path):
    path = tmp_path / "net.json"
    path.write_bytes(b"old")
    path.chmod(0o444)
    assert "it is write-protected" in refusal(path)
    path.chmod(0o644)
    tmp_path.chmod(0o555)
    try:
        assert "you have no permission" in refusal(path)
        assert "you have no permission" in refusal(tmp_path / "other.json")
    finally:
        tmp_path.chmod(0o755)
    assert path.read_bytes() == b"old"


SAVING = """
import os, sys
from pathlib import Path
from core.io.atomic import write_atomically

def wait(handle):
    print("on the way", flush=True)
    sys.stdin.read()

os.fsync = wait
write_atomically(Path(sys.argv[1]), b"killed")
"""


@pytest.fixture
def saving():
    """Start a save in a process of its own, which waits when all is written and nothing is in its place."""
    begun = []

    def start(path):
        process = subprocess.Popen(
            [sys.executable, "-c", SAVING, path],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=Path(__file__).parents[2],
        )
        begun.append(process)
        assert process.stdout.readline() == b"on the way\n"
        return process

    yield start
    for process in begun:
        process.kill()
        process.communicate()


def test_the_next_save_in_a_folder_removes_what_a_killed_one_left(tmp_path, saving):
    process = saving(tmp_path / "a.json")
    process.kill()
    process.wait()
    assert len(names(tmp_path)) == 1  # it did leave something
    write_atomically(tmp_path / "b.json", b"new")
    assert names(tmp_path) == ["b.json"]


def test_what_a_living_process_is_writing_stays(tmp_path, saving):
    process = saving(tmp_path / "a.json")
    write_atomically(tmp_path / "b.json", b"new")
    assert len(names(tmp_path)) == 2
    process.communicate(b"")
    assert names(tmp_path) == ["a.json", "b.json"]
    assert (tmp_path / "a.json").read_bytes() == b"killed"


@posix
def test_only_what_is_ours_by_name_and_a_file_is_removed(tmp_path):
    own = ".convograph-0123456789abcdef.tmp"
    others = [".convograph-notes.tmp", "convograph-0123456789abcdef.tmp", own + ".bak", own.upper()]
    for name in others:
        (tmp_path / name).write_bytes(b"somebody's")
    (tmp_path / "target").write_bytes(b"somebody's")
    os.mkfifo(tmp_path / own)
    (tmp_path / own.replace("0", "1")).mkdir()
    (tmp_path / own.replace("0", "2")).symlink_to(tmp_path / "target")
    before = names(tmp_path)
    write_atomically(tmp_path / "target", b"new")
    assert names(tmp_path) == before
    (tmp_path / own.replace("0", "3")).write_bytes(b"left")
    write_atomically(tmp_path / "target", b"new")
    assert names(tmp_path) == before


def test_what_was_left_makes_room_before_anything_is_written(tmp_path, monkeypatch):
    left = tmp_path / ".convograph-0123456789abcdef.tmp"
    left.write_bytes(b"left")
    there = []
    monkeypatch.setattr("os.fsync", lambda _: there.append(left.exists()))
    write_atomically(tmp_path / "net.json", b"new")
    assert there[0] is False


@posix
@pytest.mark.parametrize("step", ["before it is locked", "while it is locked"])
def test_a_new_file_that_another_save_takes_for_left_over_is_begun_again(tmp_path, monkeypatch, step):
    """The other one comes in the moment between a file's beginning and its lock."""
    import fcntl

    lock, seen = fcntl.flock, []

    def late(handle, how):
        if not seen:
            (left,) = tmp_path.iterdir()
            seen.append(left)
            left.unlink()
            if step == "while it is locked":
                raise BlockingIOError(errno.EWOULDBLOCK, "taken")
        lock(handle, how)

    monkeypatch.setattr("fcntl.flock", late)
    write_atomically(tmp_path / "net.json", b"new")
    assert seen
    assert names(tmp_path) == ["net.json"]
    assert (tmp_path / "net.json").read_bytes() == b"new"


@posix
def test_a_disk_without_locks_is_written_to(tmp_path, monkeypatch):
    def none(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    (tmp_path / ".convograph-0123456789abcdef.tmp").write_bytes(b"somebody may be writing it")
    monkeypatch.setattr("fcntl.flock", none)
    write_atomically(tmp_path / "net.json", b"new")
    assert names(tmp_path) == [".convograph-0123456789abcdef.tmp", "net.json"]
