"""A document dragged onto the window opens, wherever it is dropped; data is used."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from core.graph.edits import set_name
from core.io.datasets.pictures.folder import PictureFolder
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


def pictures(folder, n=3):
    for name in ("cats", "dogs"):
        (folder / name).mkdir(parents=True)
        for i in range(n):
            Image.fromarray(np.full((6, 5, 3), 40 * i, np.uint8)).save(folder / name / f"{i}.png")
    return folder


def an_archive(folder):
    path = folder.with_suffix(".npz")
    np.savez(path, images=np.zeros((4, 5, 5), np.uint8), labels=np.arange(4) % 2)
    return path


@pytest.mark.parametrize("make", [pictures, an_archive])
def test_dropped_data_is_used_in_one_step_and_shown(window, qtbot, tmp_path, make):
    path, before = make(tmp_path / "pets"), window.session.document
    assert drop(window.canvas.view.viewport(), QUrl.fromLocalFile(str(path)))
    qtbot.waitUntil(lambda: window.session.document.training.settings.dataset == str(path))
    assert window.arrangement.workspace.name == "data"
    assert window.session.undo_label == "choose data set"
    window.session.undo()
    assert window.session.document == before


def test_a_folder_is_chosen_from_the_toolbar_and_from_the_source_panel(window, tmp_path, monkeypatch):
    one, other = pictures(tmp_path / "one"), pictures(tmp_path / "other", n=2)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(one))
    window.datasets.activated.emit(window.datasets.findText("Folder of data…"))
    assert window.session.document.training.settings.dataset == str(one)
    assert window.statusBar().currentMessage() == "one: 6 samples found."
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(other))
    folder, _ = window.panels["source"].open_button.menu().actions()
    folder.trigger()
    assert window.session.document.training.settings.dataset == str(other)


def test_choosing_a_folder_decodes_no_picture(window, tmp_path, monkeypatch):
    def refuse(*_):
        raise AssertionError("decoded")

    folder = pictures(tmp_path / "pets")
    monkeypatch.setattr(PictureFolder, "read", refuse)
    assert window.own_data.use(folder)


def test_a_folder_without_data_is_refused_and_nothing_changes(window, tmp_path, monkeypatch):
    said, before = [], window.session.document
    monkeypatch.setattr(QMessageBox, "warning", lambda *words: said.append(words[-1]))
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path / "empty"))
    window.own_data.choose_folder()
    assert "empty" in said[0]
    assert window.session.document is before
