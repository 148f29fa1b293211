"""A file that somebody else changes is noticed, and nothing is lost whichever way one goes."""

import pytest
from PySide6.QtCore import Qt

from core.graph.edits import set_name
from core.io.documents import load, save
from core.io.templates import load_template


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "net.json"
    save(load_template("lenet5"), path)
    return path


@pytest.fixture
def window(path, window):
    window.files.open(path)
    return window


def change(path, name):
    save(set_name(load(path), name), path)


def test_a_change_is_loaded_as_a_step(window, path, qtbot):
    mine = set_name(window.session.document, "Mine")
    window.session.edit("rename", mine)
    change(path, "Theirs")
    qtbot.waitUntil(window.changed_outside.isVisible)
    assert window.changed_outside.words.text() == "net.json was changed by another program."
    qtbot.mouseClick(window.changed_outside.open, Qt.MouseButton.LeftButton)
    assert window.session.document.name == "Theirs"
    assert not window.session.modified
    assert not window.changed_outside.isVisible()
    window.session.undo()
    assert window.session.document == mine


def test_every_further_change_is_noticed_too(window, path, qtbot):
    for name in ("First", "Second"):
        change(path, name)
        qtbot.waitUntil(window.changed_outside.isVisible)
        qtbot.mouseClick(window.changed_outside.discard, Qt.MouseButton.LeftButton)
        assert not window.changed_outside.isVisible()
        window.changed_outside.look()
        assert not window.changed_outside.isVisible()  # this change was declined


def test_ones_own_saving_is_no_change(window, path):
    window.session.edit("rename", set_name(window.session.document, "Mine"))
    assert window.files.save()
    window.changed_outside.look()
    assert not window.changed_outside.isVisible()


@pytest.mark.parametrize("content", [b"half a fi", None])
def test_what_cannot_be_read_says_nothing(window, path, content):
    path.unlink() if content is None else path.write_bytes(content)
    window.changed_outside.look()
    assert not window.changed_outside.isVisible()


def test_another_document_has_nothing_to_do_with_it(window, path, qtbot):
    change(path, "Theirs")
    qtbot.waitUntil(window.changed_outside.isVisible)
    window.files.open_template("vgg11")
    assert not window.changed_outside.isVisible()
