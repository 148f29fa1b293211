"""What a user or a file wrote is shown as it is written: never taken for HTML, nor for the key of a menu."""

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractListModel, QEvent, QModelIndex, QPoint, Qt
from PySide6.QtGui import QAction, QTextDocument
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QCheckBox,
    QGraphicsTextItem,
    QGraphicsView,
    QLabel,
    QMenu,
    QMessageBox,
    QPushButton,
    QTextEdit,
    QToolButton,
    QToolTip,
)

from core.graph.edits import set_name
from designer.canvas.drawing.tips import tip
from designer.session.own_blocks import folder
from designer.session.unsaved import Unsaved
from designer.window.dialogs import show_page

ROOT = Path(__file__).parents[3]
EVIL = "<img src='evil'>&x[*]"
"""HTML that would show a picture, the key of a menu, and the place of a window's mark; may be in a file's name."""
_Auto, _Rich = Qt.TextFormat.AutoText, Qt.TextFormat.RichText
_A_KEY = re.compile(r"(?<!&)(&&)*&x")


def evil_document():
    return {
        "format": "convograph",
        "version": 1,
        "name": f"name {EVIL}",
        "notes": f"notes {EVIL}",
        "layers": [
            {"id": "input", "kind": "Input", "config": {"shape": [8, 8, 4], f"setting {EVIL}": 1}},
            {"id": f"id {EVIL}", "kind": f"kind {EVIL}", "inputs": ["input"]},
            {"id": f"conv {EVIL}", "kind": "Conv2D", "inputs": ["input"], "config": {"activation": EVIL}},
            {"id": f"copy {EVIL}", "kind": "Conv2D", "inputs": [f"gone {EVIL}"]},
            {
                "id": f"use {EVIL}",
                "kind": "Block",
                "inputs": ["input"],
                "config": {"block": f"block {EVIL}", "repeat": 2},
            },
        ],
        "outputs": [f"id {EVIL}", f"nothing {EVIL}"],
        "blocks": {
            f"block {EVIL}": {
                "inputs": [f"in {EVIL}"],
                "layers": [{"id": f"inner {EVIL}", "kind": "ReLU", "inputs": [f"in {EVIL}"]}],
                "outputs": [f"inner {EVIL}"],
            }
        },
        "layout": {
            "frames": [{"at": [0, 0], "size": [300, 200], "text": f"frame {EVIL}"}],
            "cards": [{"at": [0, 300], "size": [300, 200], "text": f"card {EVIL}"}],
        },
        "training": {"dataset": f"/data/{EVIL}", "optimizer": EVIL, f"key {EVIL}": 1},
        f"more {EVIL}": 1,
    }


def model_tips(model, parent):
    """All tooltips that a model has, of all rows and columns."""
    n_columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount(parent)
    for row in range(model.rowCount(parent)):
        for column in range(n_columns):
            yield model.index(row, column, parent).data(Qt.ItemDataRole.ToolTipRole) or ""
        yield from model_tips(model, model.index(row, 0, parent))


def tooltips():
    for widget in QApplication.allWidgets():
        yield widget.toolTip()
        for action in [*widget.actions(), *widget.findChildren(QAction)]:
            yield action.toolTip()
        if isinstance(widget, QAbstractItemView) and isinstance(widget.model(), QAbstractItemModel):
            yield from model_tips(widget.model(), QModelIndex())
        if isinstance(widget, QGraphicsView) and widget.scene() is not None:
            for item in widget.scene().items():
                yield item.toolTip()


def html_documents():
    for widget in QApplication.allWidgets():
        if isinstance(widget, QTextEdit):
            yield widget.document()
        if isinstance(widget, QGraphicsView) and widget.scene() is not None:
            yield from (item.document() for item in widget.scene().items() if isinstance(item, QGraphicsTextItem))


def taken_for_html():
    """List the texts that are shown as HTML though they aren't ours."""
    found = []
    for label in QApplication.allWidgets():
        if isinstance(label, QLabel):
            label.ensurePolished()  # Qt does, before it measures or paints one
            rich = label.textFormat() == _Rich or (label.textFormat() == _Auto and Qt.mightBeRichText(label.text()))
            if rich and ("<img src='evil" in label.text() or label.textFormat() == _Auto):
                found.append(label.text())
    for document in html_documents():
        formats = document.allFormats()
        found += [document.toPlainText() for one in formats if one.isImageFormat()]
    return found


def texts_with_keys():
    """List the texts in which Qt takes an ampersand for a key."""
    for widget in QApplication.allWidgets():
        if isinstance(widget, QPushButton | QToolButton | QCheckBox):
            yield widget.text()
        yield from (action.text() for action in [*widget.actions(), *widget.findChildren(QAction)])


def tip_label():
    return next(label for label in QApplication.topLevelWidgets() if label.objectName() == "qtooltip_label")


@pytest.fixture
def evil_window(window, tmp_path):
    """A window with an evil document, from a file with an evil name, beside a kept block with an evil name."""
    path = tmp_path / f"file {EVIL}.json"
    path.write_text(json.dumps(evil_document()))
    folder().mkdir(parents=True, exist_ok=True)
    kept = folder() / f"kept {EVIL}.json"
    kept.write_text(json.dumps(evil_document() | {"layers": evil_document()["layers"][-1:]}))
    window.windows.own_blocks.changed.emit()
    assert window.files.open(path)
    yield window
    QToolTip.hideText()
    kept.unlink()


def states(window):
    """Go through the states in which names are shown."""
    session = window.session
    for dock in window.docks.values():
        dock.show()
    for layer in session.document.graph.layers:
        session.select([layer.id])
        yield
    session.select([layer.id for layer in session.document.graph.layers])
    yield
    session.select([])
    yield
    for ask in (window.command_palette.find_layer, window.command_palette.find_anything):
        ask()
        window.command_palette.finder.field.setText("img")
        yield
        window.command_palette.finder.leave()
    window.greeting.greet()
    yield
    session.edit(f"rename {EVIL}", set_name(session.document, f"changed {EVIL}"))
    for menu in window.findChildren(QMenu):
        menu.aboutToShow.emit()
    yield
    window.recovery.offer([Unsaved(session.document, session.path, None, datetime.now(UTC), session.path)])
    window.run.failed.emit(f"what {EVIL}", f"why {EVIL}")
    yield
    session.enter(f"use {EVIL}/1/")
    session.select([f"inner {EVIL}"])
    yield


def test_no_state_of_the_window_takes_names_for_html_or_keys(evil_window, qtbot):
    labels, tips, keys = set(), set(), set()
    for _ in states(evil_window):
        qtbot.wait(1)
        evil_window.grab()
        assert taken_for_html() == []
        labels |= {label.text() for label in QApplication.allWidgets() if isinstance(label, QLabel)}
        tips |= {text for text in tooltips() if EVIL in text}
        texts = set(texts_with_keys())
        assert [text for text in texts if _A_KEY.search(text)] == []
        keys |= {text for text in texts if "&&x" in text}
    assert sum(EVIL in text for text in labels) >= 8  # else the names were not where they are looked for
    assert len(tips) >= 8
    assert len(keys) >= 5
    for text in tips:
        QToolTip.showText(QPoint(50, 50), text, evil_window)
        assert (tip_label().text(), tip_label().textFormat()) == (text, Qt.TextFormat.PlainText)


def test_undo_and_the_title_say_names_as_they_are(evil_window):
    session = evil_window.session
    session.edit(f"rename {EVIL}", set_name(session.document, "other"))
    evil_window._refresh_actions()
    undo = evil_window.actions_by_id["undo"]
    assert undo.toolTip().startswith(f"Undo rename {EVIL} (")
    evil_window.command_palette.find_anything()
    evil_window.command_palette.finder.field.setText("undo")
    assert f"Undo rename {EVIL}" in [entry.text for entry in evil_window.command_palette.finder.rows.rows]
    evil_window.command_palette.finder.leave()
    # Qt takes a doubled mark for the text itself
    assert evil_window.windowTitle().replace("[*][*]", "\0").count("[*]") == 1


def test_questions_and_complaints_are_plain(evil_window, monkeypatch):
    shown = []

    def look(box):
        shown.append(box.text())
        box.show()
        assert taken_for_html() == []
        box.hide()
        return QMessageBox.StandardButton.Discard

    monkeypatch.setattr(QMessageBox, "exec", look)
    session = evil_window.session
    session.edit("rename", set_name(session.document, "other"))
    assert evil_window.files.may_leave()
    box = QMessageBox(QMessageBox.Icon.Warning, "Convograph", f"sentence {EVIL}", parent=evil_window)
    look(box)  # as `QMessageBox.warning` makes it
    assert len(shown) == 2
    assert all(EVIL in text for text in shown)
    show_page(evil_window, "Ours", "<b>bold</b>")
    assert any(label.textFormat() == _Rich for label in evil_window.findChildren(QLabel) if "bold" in label.text())


def test_the_canvas_escapes_what_it_puts_into_its_tips(evil_window):
    for id, node in evil_window.canvas.scene.nodes.items():
        evil_window.canvas.view.rich_tip.show_html(QPoint(9, 9), tip(node.content, evil_window.session.report))
        assert evil_window.canvas.view.rich_tip.isVisible()
        drawn = QTextDocument()
        drawn.setHtml(evil_window.canvas.view.rich_tip.text())
        assert not any(one.isImageFormat() for one in drawn.allFormats())
        assert id in drawn.toPlainText().replace("\u200b", "")


@pytest.mark.parametrize("end", [QEvent.Type.Leave, QEvent.Type.WindowDeactivate, QEvent.Type.Hide])
def test_a_rich_tip_goes_when_the_pointer_goes(window, end):
    view = window.canvas.view
    view.rich_tip.show_html(QPoint(9, 9), "<b>tip</b>")
    assert view.rich_tip.isVisible()
    QApplication.sendEvent(view.viewport(), QEvent(end))
    assert not view.rich_tip.isVisible()


LOOKING = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000, 4_000_000_000))
from pathlib import Path
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QToolTip
from designer import theme
from designer.window.main_window import MainWindow

app = QApplication([])
theme.set_theme("dark")
window = MainWindow()
window.show()
assert window.files.open(Path(sys.argv[1]))
for layer in window.session.document.graph.layers:
    window.session.select([layer.id])
    app.processEvents()
    window.grab()
    for label in window.findChildren(QLabel):
        label.sizeHint()
        if label.text():
            QToolTip.showText(QPoint(9, 9), label.text(), window)
box = QMessageBox(QMessageBox.Icon.Warning, "Convograph", window.session.document.graph.layers[-1].spec.kind)
box.show()
app.processEvents()
print("seen", flush=True)
window.session.mark_saved(None)
window.close()
"""


@pytest.mark.parametrize("picture", ["/dev/zero", "fifo"])
def test_selecting_a_kind_that_names_a_picture_opens_no_file(tmp_path, picture):
    if picture == "fifo":
        picture = tmp_path / "fifo"
        os.mkfifo(picture)
    html = f"<img src='{picture}'>"
    document = {
        "format": "convograph",
        "version": 1,
        "name": html,
        "layers": [
            {"id": "input", "kind": "Input", "config": {"shape": [8, 8, 4]}},
            {"id": "q", "kind": html, "inputs": ["input"]},
        ],
    }
    path = tmp_path / "html.json"
    path.write_text(json.dumps(document))
    command = [sys.executable, "-c", LOOKING, str(path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr[-2000:]
    assert "seen" in done.stdout
    assert "Cannot open" not in done.stderr
