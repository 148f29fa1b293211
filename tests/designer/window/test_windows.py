"""Several windows: what they share, and what each has for itself."""

import gc

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from core.analysis.budget import Budget
from core.graph.edits import set_config
from core.io.documents import save
from core.io.templates import load_template
from designer.window.windows import Windows


@pytest.fixture
def windows(make_window):
    made = Windows()
    make_window(made)
    yield made
    for window in list(made):
        window.session.mark_saved(None)
        window.close()


def widen(window):
    session = window.session
    session.edit("widen", set_config(session.document, "fc1", {"units": 121}))


def test_another_window_has_a_document_and_a_history_of_its_own(windows, qtbot):
    (first,) = windows
    widen(first)
    QTest.keyClick(first, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    first, second = windows
    assert second.isVisible()
    assert second.pos() != first.pos()
    assert second.session.undo_label is None
    assert second.session.document != first.session.document
    widen(second)
    second.session.undo()
    assert first.session.undo_label == "widen"


def test_what_is_chosen_in_one_window_counts_in_all(windows):
    (first,) = windows
    first.new_window()
    _, second = windows
    second.session.set_budget(Budget(parameters=1000))
    first.session.set_advice(first.session.advice - {"POOL-LARGE"})
    assert first.session.budget == Budget(parameters=1000)
    assert first.verdict.text() == "Over budget"
    assert "POOL-LARGE" not in second.session.advice
    assert second.statusBar().currentMessage() == ""


def test_a_file_is_open_in_one_window_at_most(windows, tmp_path, monkeypatch):
    path = tmp_path / "net.json"
    save(load_template("lenet5"), path)
    (first,) = windows
    first.files.open(path)
    first.new_window()
    _, second = windows
    widen(second)
    assert not second.files.open(tmp_path / "." / "net.json")  # asks nothing: nothing is left
    assert second.statusBar().currentMessage() == "net.json is open in another window."
    said = []
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))
    monkeypatch.setattr(QMessageBox, "warning", lambda *found: said.append(found[-1]))
    assert not second.files.save_as()
    assert said == ["net.json is open in another window. Close it there, or choose another name."]
    assert first.files.save()
    first.session.mark_saved(path)
    first.close()
    assert second.files.save_as()


def test_quitting_closes_all_windows_until_one_is_to_stay(windows, monkeypatch):
    (first,) = windows
    first.new_window()
    widen(first)
    monkeypatch.setattr(QMessageBox, "exec", lambda _: QMessageBox.StandardButton.Cancel)
    first.actions_by_id["quit"].trigger()
    assert list(windows) == [first]
    assert first.isVisible()
    monkeypatch.setattr(QMessageBox, "exec", lambda _: QMessageBox.StandardButton.Discard)
    first.actions_by_id["quit"].trigger()
    assert not list(windows)


def test_a_window_that_is_closed_leaves_nothing_behind(windows, qtbot):
    (first,) = windows

    def opened_and_closed():
        first.new_window()
        *_, second = windows
        second.close()
        del second
        qtbot.wait(50)
        gc.collect()
        QApplication.sendPostedEvents()
        return len(QApplication.allWidgets())

    before = opened_and_closed()
    assert opened_and_closed() == before
