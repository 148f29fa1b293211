"""A model that is opened or dropped becomes a new document with its weights, and says what changed on the way."""

import numpy as np
import pytest
from PySide6.QtCore import QTimer, QUrl
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QMessageBox

from core.engine.network import Network
from designer.window.importing import ImportReport
from tests.designer.window.test_file_drop import drop

pytest.importorskip("onnx")

from tests.core.importing.models import drawn, node, write


@pytest.fixture
def model(tmp_path):
    nodes = [
        node("Conv", "x k b", "c", name="conv1", pads=[1, 1, 1, 1]),
        node("Relu", "c", "r", name="relu1"),
        node("Flatten", "r", "f", name="flat"),
        node("Gemm", "f w", "y", name="fc", transB=1),
    ]
    constants = {"k": drawn(4, 3, 3, 3), "b": drawn(4), "w": drawn(2, 4 * 4 * 5)}
    return write(tmp_path / "small.onnx", nodes, {"x": ("N", 3, 4, 5)}, constants)


@pytest.fixture
def reports(window):
    """Read the report of each import, and close it with OK."""
    seen = []

    def look():
        for dialog in window.findChildren(ImportReport):
            if dialog.isVisible():
                seen.append([dialog.changes.item(i).text() for i in range(dialog.changes.count())])
                dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()

    timer = QTimer(window)
    timer.timeout.connect(look)
    timer.start(20)
    yield seen
    timer.stop()


def ids(window):
    return [layer.id for layer in window.session.document.graph.layers]


def test_a_dropped_model_is_a_new_document_with_its_weights(window, qtbot, model, reports):
    assert drop(window.canvas.view.viewport(), QUrl.fromLocalFile(str(model)))
    qtbot.waitUntil(lambda: bool(reports))
    assert ids(window) == ["x", "conv1", "relu1", "flat", "fc"]
    assert window.session.path is None
    assert window.session.modified
    assert not window.session.report.errors
    (said,) = reports
    assert any("H, W, C" in line for line in said)
    run = window.runs.shown
    assert run is not None
    assert run.name == "small.onnx"
    weights = run.standing.weights
    network = Network(window.session.document)
    network.weights.update(weights)
    assert network.forward(np.zeros((1, 4, 5, 3), np.float32)).shape == (1, 2)


def test_a_model_is_opened_from_the_menu(window, qtbot, model, reports, monkeypatch):
    asked = []

    def choose(parent, title, folder, filters):
        asked.append(filters)
        return str(model), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)
    window.actions_by_id["open_document"].trigger()
    assert ids(window) == ["x", "conv1", "relu1", "flat", "fc"]
    assert asked[0].split(";;")[0] == "Networks (*.json *.onnx *.keras *.h5 model.json *.pt2 *.prototxt)"
    assert len(reports) == 1


def test_what_cannot_be_said_is_refused_in_words_and_nothing_is_lost(window, tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *words: said.append(words[-1]))
    before = window.session.document
    path = write(tmp_path / "odd.onnx", [node("Cos", "x", "y", name="turn")], {"x": ("N", 6)})
    assert not window.files.open(path)
    assert "Cos turn: Convograph has no kind for Cos" in said[0]
    assert window.session.document is before


def test_unsaved_changes_are_asked_about_first(window, model, monkeypatch):
    monkeypatch.setattr(window.files, "may_leave", lambda: False)
    before = window.session.document
    assert not window.files.open(model)
    assert window.session.document is before
