"""The export dialog: what is shown is what is written, and what differs is written only after a yes."""

import numpy as np
import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox

from core.analysis.check import check
from core.engine.network import Network
from core.export.exporter import Exporter, Subject
from core.export.exporters import EXPORTERS
from core.export.proof.proof import Proof
from core.io.prepared import Beside
from core.io.templates import load_template
from core.io.weights import weights_bytes
from designer.export.export_dialog import ExportDialog, Given
from tests.drawing import chain

NET = chain((4,), ("Dense", {"units": 3}), "ReLU")
SCRIPT = """
import numpy
LIBRARY = "numpy " + numpy.__version__

def compute(samples):
    w = numpy.load(HERE / {name!r})
    fc = samples["input"] @ w["fc1/kernel"] + w["fc1/bias"]{wrong}
    return {{"fc1": fc, "relu2": numpy.maximum(fc, 0)}}
"""


def add(monkeypatch, wrong="", libraries=("numpy",)):
    proof = Proof(libraries, "numpy", lambda subject: SCRIPT.format(name=subject.name, wrong=wrong))
    exporter = Exporter("lib", "arrays", ".bin", lambda subject: weights_bytes(subject.arrays), proof=proof)
    monkeypatch.setitem(EXPORTERS, "lib", exporter)


@pytest.fixture
def opened(qtbot, tmp_path):
    """A dialog that is seen."""

    def show(document=NET, weights=True):
        given = ()
        if weights:
            net = Network(document)
            net.weights["fc1/bias"] = [0.1, -0.2, 0.3]
            given = (Given("weights of run 1", dict(net.weights), Beside()),)
        dialog = ExportDialog(check(document), given, tmp_path, "net")
        qtbot.addWidget(dialog)
        with qtbot.waitExposed(dialog):
            dialog.show()
        return dialog

    return show


def choose(dialog, qtbot, format):
    formats = dialog.formats
    item = next(
        formats.item(row) for row in range(formats.count()) if formats.item(row).text().startswith(f"{format}\n")
    )
    formats.scrollToItem(item)
    place = formats.visualItemRect(item).center()
    qtbot.mouseClick(formats.viewport(), Qt.MouseButton.LeftButton, pos=place)


def press(dialog, qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def save_as(monkeypatch, path):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))


@pytest.mark.parametrize("format", ["markdown", "csv", "latex", "tikz", "mermaid", "dot", "svg", "pytorch"])
def test_what_is_shown_is_what_is_written(opened, qtbot, monkeypatch, tmp_path, format):
    dialog = opened()
    choose(dialog, qtbot, format)
    shown = dialog.code.toPlainText()
    target = tmp_path / f"net{EXPORTERS[format].ending}"
    save_as(monkeypatch, target)
    press(dialog, qtbot, dialog.export_button)
    assert dialog.written[0] == target
    assert target.read_text(encoding="utf-8") == shown
    assert not dialog.isVisible()


def test_pytorch_comes_with_weights_a_script_that_trains_and_one_that_compares(opened, qtbot, monkeypatch, tmp_path):
    dialog = opened()
    choose(dialog, qtbot, "pytorch")
    save_as(monkeypatch, tmp_path / "net")
    press(dialog, qtbot, dialog.export_button)
    names = [path.name for path in dialog.written]
    assert names[0] == "net.py"
    assert {"net_train.py", "net_check.py", "net_samples.npz"} < set(names)
    assert any(name.startswith("net_weights.") for name in names)
    assert all(path.is_file() for path in dialog.written)


def test_without_weights_none_are_written(opened, qtbot, monkeypatch, tmp_path):
    dialog = opened()
    dialog.weights.setCurrentIndex(1)
    choose(dialog, qtbot, "pytorch")
    assert "load(" not in dialog.code.toPlainText()
    save_as(monkeypatch, tmp_path / "net.py")
    press(dialog, qtbot, dialog.export_button)
    assert [path.name for path in dialog.written] == ["net.py", "net_train.py"]


def test_a_proof_is_shown_by_layer(opened, qtbot, monkeypatch):
    add(monkeypatch)
    dialog = opened()
    choose(dialog, qtbot, "lib")
    press(dialog, qtbot, dialog.compare)
    assert not dialog.compare.isEnabled()
    qtbot.waitUntil(lambda: "computes the same" in dialog.verdict.text(), timeout=60_000)
    assert f"numpy {np.__version__}, 8 samples" in dialog.verdict.text()
    assert "· same" in dialog.formats.currentItem().text()
    assert dialog.compare.text() == "Compare again"
    choose(dialog, qtbot, "csv")
    assert "nothing to compare" in dialog.verdict.text()
    assert not dialog.compare.isEnabled()


@pytest.mark.parametrize("accepted", [True, False])
def test_what_differs_is_written_only_after_a_yes(opened, qtbot, monkeypatch, tmp_path, accepted):
    add(monkeypatch, wrong=" * 1.01")
    dialog = opened()
    choose(dialog, qtbot, "lib")
    press(dialog, qtbot, dialog.compare)
    qtbot.waitUntil(lambda: "differs by more than 0.0001 from fc1 on" in dialog.verdict.text(), timeout=60_000)
    save_as(monkeypatch, tmp_path / "net.bin")
    asked = []

    def answer(box):
        asked.append(box.text())
        next(each for each in box.buttons() if each.text().startswith("Accept") == accepted).click()

    monkeypatch.setattr(QMessageBox, "exec", answer)
    press(dialog, qtbot, dialog.export_button)
    assert "from fc1 on" in asked[0]
    assert (tmp_path / "net.bin").is_file() == accepted


def test_a_library_that_is_missing_is_named(opened, qtbot, monkeypatch):
    add(monkeypatch, libraries=("no_such_library",))
    dialog = opened()
    choose(dialog, qtbot, "lib")
    press(dialog, qtbot, dialog.compare)
    qtbot.waitUntil(lambda: "no_such_library is not installed" in dialog.verdict.text(), timeout=60_000)
    assert "not compared" in dialog.formats.currentItem().text()


def test_closing_ends_a_proof_and_its_process(opened, qtbot, monkeypatch):
    add(monkeypatch, wrong="\n    import time; time.sleep(1000)")
    dialog = opened()
    choose(dialog, qtbot, "lib")
    press(dialog, qtbot, dialog.compare)
    qtbot.wait(300)
    assert dialog.proof.is_running
    dialog.reject()
    assert not dialog.proof.is_running


def test_a_document_with_errors_is_drawn_and_tabled_but_does_not_compute(opened, qtbot):
    dialog = opened(chain((7, 7, 1), ("Conv2D", {"filters": 1, "kernel_size": 9})), weights=False)
    choose(dialog, qtbot, "pytorch")
    assert "larger than the 7×7 input" in dialog.sentence.text()
    assert not dialog.export_button.isEnabled()
    choose(dialog, qtbot, "csv")
    assert dialog.export_button.isEnabled()
    assert "conv1" in dialog.code.toPlainText()


def test_copy_takes_the_text(opened, qtbot):
    dialog = opened()
    choose(dialog, qtbot, "mermaid")
    press(dialog, qtbot, dialog.copy)
    assert QGuiApplication.clipboard().text() == EXPORTERS["mermaid"].export(Subject(check(NET)))


def test_where_nothing_can_be_written_is_said_and_the_dialog_stays(opened, qtbot, monkeypatch, tmp_path):
    dialog = opened()
    choose(dialog, qtbot, "csv")
    save_as(monkeypatch, tmp_path / "gone" / "net.csv")
    said = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *texts: said.append(texts[-1]))
    press(dialog, qtbot, dialog.export_button)
    assert "there is no folder" in said[0]
    assert dialog.isVisible()


def test_the_window_opens_it_with_the_weights_of_the_run_that_is_shown(window, qtbot, monkeypatch):
    window.session.open(load_template("mlp"), None)
    seen = []

    def look():
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, ExportDialog)
        seen.append([dialog.weights.itemText(i) for i in range(dialog.weights.count())])
        dialog.reject()

    QTimer.singleShot(500, look)
    qtbot.keyClick(window, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert seen == [["no weights"]]
