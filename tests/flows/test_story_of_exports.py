"""A story: a network is trained in the window, exported with proof, and comes back as what it was."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog

from core.commands.main import main
from core.graph.edits import set_training
from core.io.documents import save
from core.io.templates import load_template
from designer.export.export_dialog import ExportDialog
from designer.window.importing import ImportReport
from tests.designer.window.test_file_drop import drop

LEFT = Qt.MouseButton.LeftButton
EXPORT = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def trained(make_window, qtbot, tmp_path):
    """A window whose network has seen one epoch of a data set, and the file that it is in."""
    window = make_window(size=(1600, 1000))
    document = set_training(load_template("digits_cnn"), {"epochs": 1, "batch_size": 256})
    save(document, tmp_path / "digits.json")
    window.session.open(document, tmp_path / "digits.json")
    with qtbot.waitSignal(window.run.finished, timeout=120_000):
        window.actions_by_id["train_or_pause"].trigger()
    qtbot.waitUntil(lambda: window.runs.shown is not None)
    return window


def export(window, qtbot, monkeypatch, format, target):
    """Open the dialog by its keys, compare, and export; returns what the proof says."""
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(target), ""))
    said = []

    def act():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ExportDialog)
        item = dialog.formats.item_of(format)
        dialog.formats.scrollToItem(item)
        QTest.mouseClick(dialog.formats.viewport(), LEFT, pos=dialog.formats.visualItemRect(item).center())
        QTest.mouseClick(dialog.proof_panel.compare, LEFT)
        qtbot.waitUntil(lambda: not dialog.proof.is_running, timeout=120_000)
        said.append(dialog.proof_panel.verdict.text())
        QTest.mouseClick(dialog.export_button, LEFT)

    QTimer.singleShot(300, act)
    qtbot.keyClick(window, Qt.Key.Key_X, EXPORT)
    return said[0]


@pytest.mark.torch
def test_a_trained_network_is_exported_to_pytorch_with_proof(trained, qtbot, monkeypatch, tmp_path):
    verdict = export(trained, qtbot, monkeypatch, "pytorch", tmp_path / "net.py")
    assert verdict.startswith("PyTorch computes the same")
    assert {"net.py", "net_train.py", "net_check.py", "net_samples.npz"} < {each.name for each in tmp_path.iterdir()}


def test_a_trained_network_is_exported_to_onnx_with_proof_and_comes_back_as_it_was(
    trained, qtbot, monkeypatch, tmp_path, capsys
):
    pytest.importorskip("onnx")
    pytest.importorskip("onnxruntime")
    weights = trained.runs.shown.suiting(trained.session.report).weights
    verdict = export(trained, qtbot, monkeypatch, "onnx", tmp_path / "net.onnx")
    assert verdict.startswith("ONNX computes the same")

    closing = QTimer(trained, interval=20)
    closing.timeout.connect(lambda: close_reports(trained))
    closing.start()
    assert drop(trained.canvas.view.viewport(), QUrl.fromLocalFile(str(tmp_path / "net.onnx")))
    qtbot.waitUntil(lambda: trained.session.path is None and trained.runs.shown.name == "net.onnx", timeout=60_000)
    closing.stop()
    save(trained.session.document, tmp_path / "back.json")
    assert main(["diff", str(tmp_path / "digits.json"), str(tmp_path / "back.json")]) == 0, capsys.readouterr().out
    back = trained.runs.shown.standing.weights
    assert back.keys() == weights.keys()
    assert all(np.array_equal(back[name], weights[name]) for name in weights)
    assert Path(tmp_path / "net_check.py").is_file()


def close_reports(window):
    for dialog in (each for each in window.findChildren(ImportReport) if each.isVisible()):
        dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()
