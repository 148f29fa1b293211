"""A file that somebody else changes is noticed, and nothing is lost whichever way one goes."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox

from core.graph.edits import set_config, set_name
from core.io.documents import load, save
from core.io.templates import load_template
from designer.session import unsaved
from designer.window.replacing import WhoseDialog


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


def test_what_cannot_be_read_says_nothing(window, path):
    path.write_bytes(b"half a fi")
    window.changed_outside.look()
    assert not window.changed_outside.isVisible()


def test_another_document_has_nothing_to_do_with_it(window, path, qtbot):
    change(path, "Theirs")
    qtbot.waitUntil(window.changed_outside.isVisible)
    window.files.open_template("vgg11")
    assert not window.changed_outside.isVisible()


def test_keeping_mine_leaves_it_unsaved_and_is_not_asked_again(window, path, answer, qtbot):
    mine = window.session.document
    change(path, "Theirs")
    qtbot.waitUntil(window.changed_outside.isVisible)
    qtbot.mouseClick(window.changed_outside.discard, Qt.MouseButton.LeftButton)
    assert window.session.modified  # the file holds something else
    assert window.files.save()
    assert answer.asked == []
    assert load(path) == mine


@pytest.fixture
def answer(monkeypatch):
    """Answer the dialog by clicking a sequence of its buttons; remembers the dialogs."""
    answering = SimpleNamespace(clicks=[], asked=[], meanwhile=[])

    def click(dialog):
        answering.asked.append(dialog)
        dialog.show()
        if answering.meanwhile:
            answering.meanwhile.pop(0)()
        for name in answering.clicks:
            getattr(dialog, name).click()

    monkeypatch.setattr(WhoseDialog, "exec", click)
    return answering


class TestSavingOverWhatAnotherProgramWrote:
    """The watcher may lag, so saving itself looks at the file."""

    @pytest.fixture(autouse=True)
    def edited(self, window, path):
        self.mine = set_name(window.session.document, "Mine")
        window.session.edit("rename", self.mine)
        change(path, "Theirs")
        self.theirs = load(path)

    def test_cancelling_leaves_both_as_they_are(self, window, path, answer):
        assert not window.files.save()
        assert len(answer.asked) == 1
        assert load(path) == self.theirs
        assert window.session.document == self.mine
        assert window.session.modified

    def test_the_banner_is_still_there_after_cancelling(self, window, answer):
        window.changed_outside.look()
        window.files.save()
        assert window.changed_outside.isVisible()

    def test_mine_is_kept(self, window, path, answer):
        window.changed_outside.look()
        answer.clicks = ["keep"]
        assert window.files.save()
        assert load(path) == self.mine
        assert not window.session.modified
        assert not window.changed_outside.isVisible()

    def test_theirs_is_taken_as_one_step(self, window, path, answer):
        answer.clicks = ["take"]
        assert window.files.save()
        assert load(path) == window.session.document == self.theirs
        assert not window.session.modified
        window.session.undo()
        assert window.session.document == self.mine

    def test_the_difference_is_shown_as_plain_text(self, window, path, answer):
        save(set_config(set_name(self.theirs, "<b>Theirs</b>"), "conv1", {"filters": 7}), path)
        answer.clicks = ["see", "keep"]
        assert window.files.save()
        (dialog,) = answer.asked
        text = dialog.difference.toPlainText()
        assert "filters" in text
        assert "7" in text
        assert "<b>Theirs</b>" in text

    def test_it_is_asked_again_about_what_was_written_during_the_question(self, window, path, answer):
        answer.meanwhile = [lambda: change(path, "Newer")]
        answer.clicks = ["keep"]
        assert window.files.save()
        assert len(answer.asked) == 2
        assert load(path) == self.mine

    def test_the_same_as_mine_needs_no_question(self, window, path, answer):
        save(self.mine, path)
        assert window.files.save()
        assert answer.asked == []
        assert not window.session.modified

    @pytest.mark.parametrize(("answered", "replaced"), [("Cancel", False), ("Replace it", True)])
    def test_what_cannot_be_read_is_not_replaced_unasked(self, window, path, monkeypatch, answered, replaced):
        def click(box):
            said.append(box.informativeText())
            next(button for button in box.buttons() if button.text().replace("&", "") == answered).click()

        said = []
        monkeypatch.setattr(QMessageBox, "exec", click)
        path.write_bytes(b"half a fi")
        assert window.files.save() is replaced
        assert "is not JSON" in said[0]
        assert path.read_bytes() != b"half a fi" if replaced else path.read_bytes() == b"half a fi"
        assert window.session.modified is not replaced


def test_only_a_change_of_looks_is_no_change(window, path, answer):
    path.write_text(path.read_text().replace("  ", "        "))
    window.session.edit("rename", set_name(window.session.document, "Mine"))
    assert window.files.save()
    assert answer.asked == []


class TestAFileThatVanished:
    def test_what_is_open_is_unsaved_then(self, window, path, qtbot, monkeypatch):
        path.unlink()
        qtbot.waitUntil(window.changed_outside.isVisible)
        assert window.changed_outside.words.text() == (
            f"net.json is no longer in {path.parent}: what is open here is the only copy."
        )
        assert window.session.modified
        assert window.isWindowModified()
        monkeypatch.setattr(QMessageBox, "exec", lambda _: QMessageBox.StandardButton.Cancel)
        assert not window.close()

    def test_it_is_kept_for_the_case_of_a_crash(self, window, path, qtbot, monkeypatch, tmp_path):
        monkeypatch.setattr(unsaved, "folder", lambda: tmp_path / "unsaved")
        window.recovery_writer._place = tmp_path / "unsaved" / "7.unsaved.json"
        document = window.session.document
        path.unlink()
        qtbot.waitUntil(lambda: list((tmp_path / "unsaved").glob("*.json")) != [])
        window.recovery_writer.keep().result()
        window.recovery_writer._lock.unlock()
        (found,) = unsaved.left_behind()
        assert found.document == document
        window.recovery.offer([found])
        monkeypatch.setattr(QMessageBox, "exec", lambda _: QMessageBox.StandardButton.Discard)
        qtbot.mouseClick(window.recovery.open, Qt.MouseButton.LeftButton)
        assert window.session.document == document
        assert window.session.modified

    def test_saving_writes_it_again(self, window, path, qtbot):
        document = window.session.document
        path.unlink()
        window.changed_outside.look()
        qtbot.mouseClick(window.changed_outside.open, Qt.MouseButton.LeftButton)
        assert load(path) == document
        assert not window.session.modified
        assert not window.changed_outside.isVisible()

    def test_it_is_saved_when_it_comes_back_as_it_was(self, window, path, qtbot):
        content = path.read_bytes()
        path.unlink()
        qtbot.waitUntil(window.changed_outside.isVisible)
        path.write_bytes(content)
        qtbot.waitUntil(lambda: not window.changed_outside.isVisible())
        assert not window.session.modified

    def test_what_comes_back_otherwise_is_offered(self, window, path, qtbot):
        theirs = set_name(load(path), "Theirs")
        path.unlink()
        window.changed_outside.look()
        save(theirs, path)
        window.changed_outside.look()
        assert window.changed_outside.words.text() == "net.json was changed by another program."
        assert window.session.modified
        qtbot.mouseClick(window.changed_outside.open, Qt.MouseButton.LeftButton)
        assert window.session.document == theirs
        assert not window.session.modified

    def test_it_is_said_once(self, window, path, qtbot):
        path.unlink()
        window.changed_outside.look()
        qtbot.mouseClick(window.changed_outside.discard, Qt.MouseButton.LeftButton)
        window.changed_outside.look()
        assert not window.changed_outside.isVisible()
        assert window.session.modified

    def test_another_document_is_not_gone(self, window, path, monkeypatch):
        path.unlink()
        window.changed_outside.look()
        monkeypatch.setattr(QMessageBox, "exec", lambda _: QMessageBox.StandardButton.Discard)
        window.files.open_template("vgg11")
        assert not window.changed_outside.isVisible()
        assert not window.session.modified
