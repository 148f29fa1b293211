"""A document dragged onto the window opens, wherever it is dropped."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QMessageBox

from core.graph.edits import set_name
from core.io.documents import save
from core.io.templates import load_template


def drop(widget, *urls):
    """Drag something over a widget and let it go; says whether it was welcome."""
    data = QMimeData()
    data.setUrls(list(urls))
    at, copy, left = QPointF(40, 40), Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    enter = QDragEnterEvent(at.toPoint(), copy, data, left, Qt.KeyboardModifier.NoModifier)
    QApplication.sendEvent(widget, enter)
    if enter.isAccepted():
        QApplication.sendEvent(widget, QDropEvent(at, copy, data, left, Qt.KeyboardModifier.NoModifier))
    return enter.isAccepted()


@pytest.mark.parametrize("target", ["canvas", "inspector"])
def test_a_dropped_document_opens(window, qtbot, tmp_path, target):
    path = tmp_path / "mine.json"
    save(set_name(load_template("vgg11"), "Mine"), path)
    widget = window.canvas.view.viewport() if target == "canvas" else window.inspector
    assert drop(widget, QUrl.fromLocalFile(str(path)))
    qtbot.waitUntil(lambda: window.session.document.name == "Mine")
    assert window.session.path == path
    assert window.preferences.now.recent[0] == str(path)


def test_what_is_no_document_is_refused_in_words(window, qtbot, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *words: said.append(words[-1]))
    path = tmp_path / "holiday.png"
    path.write_bytes(b"\x89PNG")
    before = window.session.document
    assert drop(window.canvas.view.viewport(), QUrl.fromLocalFile(str(path)))
    qtbot.waitUntil(lambda: bool(said))
    assert "holiday.png" in said[0]
    assert window.session.document is before


def test_addresses_and_several_files_are_not_taken(window):
    viewport = window.canvas.view.viewport()
    assert not drop(viewport, QUrl("https://example.org/net.json"))
    assert not drop(viewport, QUrl.fromLocalFile("/a.json"), QUrl.fromLocalFile("/b.json"))
