"""Large networks are checked beside the window, and the user may cancel."""

from threading import Event, current_thread, main_thread

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QProgressDialog, QPushButton

from core.analysis.check import check
from core.graph.edits import set_config
from core.graph.flatten import flatten, unfolded_size
from core.graph.values import Document
from core.io.templates import load_template
from designer.window import patient_check


@pytest.fixture
def held(window, monkeypatch):
    """Take every network for a large one, whose check lasts until the event is set."""
    go_on, threads = Event(), []

    def slow(*order):
        threads.append(current_thread())
        go_on.wait(20)
        return check(*order)

    monkeypatch.setattr(patient_check, "MOST_LAYERS_AT_ONCE", 0)
    monkeypatch.setattr(patient_check, "PATIENCE_MS", 20)
    monkeypatch.setattr(patient_check, "check", slow)
    yield go_on, threads
    go_on.set()


def when_waiting(window, do):
    """Do something once the dialog is there."""

    def look():
        dialogs = [dialog for dialog in window.findChildren(QProgressDialog) if dialog.isVisible()]
        if dialogs:
            do(dialogs[0])
        else:
            QTimer.singleShot(10, look)

    QTimer.singleShot(0, look)


def cancel(dialog):
    dialog.findChild(QPushButton).click()


def strided(window):
    return set_config(window.session.document, "conv1", {"stride": 3})


def test_the_window_lives_while_it_is_checked(window, held):
    go_on, threads = held
    said = []

    def finish(dialog):
        said.append((dialog.labelText(), window.session.document, window.session.report.document))
        go_on.set()

    when_waiting(window, finish)
    before, after = window.session.document, strided(window)
    window.session.edit("stride", after)
    n_layers = len(before.graph.layers)
    assert said == [(f"Checking {n_layers} layers…", before, before)]  # until then all stands as it was
    assert main_thread() not in threads
    assert window.session.document is after
    assert window.session.report.document is after
    assert not window.findChildren(QProgressDialog) or not window.findChildren(QProgressDialog)[0].isVisible()


def test_an_edit_that_is_cancelled_was_not_made(window, held, qtbot):
    when_waiting(window, cancel)
    before, report = window.session.document, window.session.report
    with qtbot.waitSignal(window.session.document_changed):  # fields show again what counts
        window.session.edit("stride", strided(window))
    assert window.session.document is before
    assert window.session.report is report
    assert window.session.undo_label is None


def test_an_undo_that_is_cancelled_was_not_made(window, held):
    go_on, _ = held
    go_on.set()
    window.session.edit("stride", strided(window))
    after = window.session.document
    go_on.clear()
    when_waiting(window, cancel)
    window.session.undo()
    assert window.session.document is after
    assert window.session.undo_label == "stride"
    assert window.session.redo_label is None


def test_what_is_open_stays_where_opening_is_cancelled(window, held):
    when_waiting(window, cancel)
    before = window.session.document
    assert window.session.open(load_template("alexnet"), None) is False
    assert window.session.document is before


def test_an_error_of_the_check_is_not_swallowed(window, held, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError

    monkeypatch.setattr(patient_check, "check", broken)
    with pytest.raises(ZeroDivisionError):
        window.session.edit("stride", strided(window))


@pytest.mark.parametrize("name", ["lenet5", "resnet50"])
def test_layers_are_counted_without_unfolding(name):
    document = load_template(name)
    assert unfolded_size(document.graph) >= len(flatten(document.graph).layers)
    assert unfolded_size(Document().graph) == 0
