"""Cases that came up in the field, each built anew: files that are none, and names that no file can have."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox

from core.io.templates import template_path

ROOT = Path(__file__).parents[2]

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and devices as POSIX has them")


def outside(folder, *arguments):
    """Run a command as a process of its own; gives its status and the sentence that it says."""
    done = subprocess.run(
        [sys.executable, ROOT / "main.py", *map(str, arguments)], cwd=folder, capture_output=True, text=True, timeout=60
    )
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.returncode, done.stderr


@pytest.fixture
def no_files(tmp_path):
    """Paths that are no files, by what is said of them."""
    os.mkfifo(tmp_path / "pipe.json")
    return {
        "it is a pipe, not a file": tmp_path / "pipe.json",
        "it is a device, not a file": Path("/dev/zero"),
        "it is a folder": tmp_path,
        "its name is too long": tmp_path / ("x" * 5000 + ".json"),
    }


def test_commands_say_at_once_what_is_no_file(tmp_path, no_files):
    for why, path in no_files.items():
        status, said = outside(tmp_path, "check", path)
        assert status == 2
        assert f"cannot be opened: {why}" in said
        weights = ("--weights", path, "--input", path, "--output", "y.npy")
        status, said = outside(tmp_path, "run", template_path("mlp"), *weights)
        assert status == 1
        assert f"could not be read: {why}" in said


def test_the_window_says_at_once_what_is_no_file(window, monkeypatch, no_files):
    said = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *arguments: said.append(arguments[2]))
    before = window.session.document
    for why, path in no_files.items():
        assert not window.files.open(path)
        assert f"cannot be opened: {why}" in said.pop()
    assert window.session.document is before
