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
from core.export.option import Option
from core.export.proof.proof import Proof
from core.export.proof.proving import Outcome
from core.io.prepared import Beside
from core.io.templates import load_template
from core.io.weights import weights_bytes
from designer.export.choice import Given
from designer.export.export_dialog import ExportDialog
from designer.export.proof_panel import most_text
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


def add(monkeypatch, wrong="", libraries=("numpy",), options=()):
    def script(subject):
        rounded = " * 1.01" if subject.options.get("type") == "float16" else ""
        return SCRIPT.format(name=subject.name, wrong=wrong.format(rounded=rounded))

    proof = Proof(libraries, "numpy", script)
    exporter = Exporter(
        "lib",
        "lib",
        "network",
        "arrays",
        ".bin",
        lambda subject: weights_bytes(subject.arrays),
        proof=proof,
        options=options,
    )
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
    item = formats.item_of(format)
    formats.scrollToItem(item)
    place = formats.visualItemRect(item).center()
    qtbot.mouseClick(formats.viewport(), Qt.MouseButton.LeftButton, pos=place)


def look_at(dialog, qtbot, name):
    """Click on the tab of a file."""
    tabs = dialog.files.names
    place = next(i for i in range(tabs.count()) if tabs.tabText(i) == name)
    qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(place).center())


def says(dialog, text, qtbot):
    qtbot.waitUntil(lambda: text in dialog.proof_panel.verdict.text(), timeout=60_000)


def press(dialog, qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def save_as(monkeypatch, path):
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(path), ""))


@pytest.mark.parametrize("format", ["markdown", "csv", "latex", "tikz", "mermaid", "dot", "svg", "pytorch"])
def test_what_is_shown_is_what_is_written(opened, qtbot, monkeypatch, tmp_path, format):
    dialog = opened()
    choose(dialog, qtbot, format)
    shown = dialog.files.code.toPlainText()
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
    assert "load(" not in dialog.files.code.toPlainText()
    save_as(monkeypatch, tmp_path / "net.py")
    press(dialog, qtbot, dialog.export_button)
    assert [path.name for path in dialog.written] == ["net.py", "net_train.py"]


def test_a_proof_is_shown_by_layer(opened, qtbot, monkeypatch):
    add(monkeypatch)
    dialog = opened()
    choose(dialog, qtbot, "lib")
    look_at(dialog, qtbot, "net_check.py")
    assert "Press Compare" in dialog.files.sentence.text()
    press(dialog, qtbot, dialog.proof_panel.compare)
    assert not dialog.proof_panel.compare.isEnabled()
    says(dialog, "lib computes the same", qtbot)
    assert "8 drawn samples" in dialog.proof_panel.about.text()
    assert rows(dialog)["lib"][1] == f"numpy {np.__version__}"
    assert rows(dialog)["PyTorch"] == ["PyTorch", "", "not compared", ""]
    assert dialog.proof_panel.compare.text() == "Compare again"
    assert "def compute(samples)" in dialog.files.code.toPlainText(), "the script that compared"
    choose(dialog, qtbot, "csv")
    assert not dialog.proof_panel.isVisible()


def rows(dialog):
    table = dialog.proof_panel.table
    cells = [[table.item(row, column).text() for column in range(4)] for row in range(table.rowCount())]
    return {row[0]: row for row in cells}


@pytest.mark.parametrize("accepted", [True, False])
def test_what_differs_is_written_only_after_a_yes(opened, qtbot, monkeypatch, tmp_path, accepted):
    add(monkeypatch, wrong=" * 1.01")
    dialog = opened()
    choose(dialog, qtbot, "lib")
    assert dialog.export_button.isEnabled()
    press(dialog, qtbot, dialog.proof_panel.compare)
    says(dialog, "lib differs by more than 0.0001, from fc1 on. All 8 decisions are the same.", qtbot)
    save_as(monkeypatch, tmp_path / "net.bin")
    assert not dialog.export_button.isEnabled()
    assert dialog.proof_panel.accept.text().startswith("Accept up to ")
    assert not dialog.proof_panel.exact.isVisible(), "nothing that was chosen is the reason"
    if accepted:
        press(dialog, qtbot, dialog.proof_panel.accept)
        assert "you accepted it" in dialog.proof_panel.verdict.text()
    press(dialog, qtbot, dialog.export_button)
    assert (tmp_path / "net.bin").is_file() == accepted


def test_half_precision_is_compared_by_itself_and_can_be_taken_back(opened, qtbot, monkeypatch):
    kind = Option("type", "the type", ("float32", "float16"))
    add(monkeypatch, wrong="{rounded}", options=(kind,))
    dialog = opened()
    choose(dialog, qtbot, "lib")
    press(dialog, qtbot, dialog.proof_panel.compare)
    says(dialog, "lib computes the same", qtbot)
    dialog.options.editor("type").setFocus()
    qtbot.keyClick(dialog.options.editor("type"), Qt.Key.Key_Down)
    assert "Runs what is written" in dialog.proof_panel.verdict.text(), "this one was not compared yet"
    press(dialog, qtbot, dialog.proof_panel.compare)
    says(dialog, "lib, float16 differs", qtbot)
    assert {"lib", "lib, float16"} <= rows(dialog).keys()
    press(dialog, qtbot, dialog.proof_panel.exact)
    assert "lib computes the same" in dialog.proof_panel.verdict.text()
    assert dialog.export_button.isEnabled()
    table = dialog.proof_panel.table
    row = next(row for row in range(table.rowCount()) if table.item(row, 0).text() == "lib, float16")
    place = table.visualItemRect(table.item(row, 0)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert dialog.options.editor("type").currentText() == "float16"
    assert "lib, float16 differs" in dialog.proof_panel.verdict.text()


def test_options_change_what_is_shown_and_written(opened, qtbot, monkeypatch, tmp_path):
    dialog = opened()
    choose(dialog, qtbot, "pytorch")
    names = [dialog.files.names.tabText(i) for i in range(dialog.files.names.count())]
    assert {"net.py", "net_train.py", "net_check.py", "net_samples.npz"} < set(names)
    look_at(dialog, qtbot, "net_train.py")
    assert "optimizer" in dialog.files.code.toPlainText()
    look_at(dialog, qtbot, next(name for name in names if "_weights" in name))
    assert "fc1/kernel  4×3" in dialog.files.code.toPlainText()
    dialog.options.choose("weights", "npz")
    press(dialog, qtbot, dialog.options.editor("training"))
    names = [dialog.files.names.tabText(i) for i in range(dialog.files.names.count())]
    assert names == ["net.py", "net_weights.npz", "net_check.py", "net_samples.npz"]
    save_as(monkeypatch, tmp_path / "net.py")
    press(dialog, qtbot, dialog.export_button)
    assert sorted(path.name for path in dialog.written) == sorted(names)


def test_what_is_reordered_is_said(opened, qtbot):
    dialog = opened()
    choose(dialog, qtbot, "pytorch")
    assert "(C, K) → (K, C): fc1." in dialog.changes.text()
    choose(dialog, qtbot, "csv")
    assert not dialog.changes_title.isVisible()


def test_what_a_format_cannot_say_is_named_before_anything_is_written(opened, qtbot):
    dialog = opened(chain((4, 4, 1), ("L2Pool2D", {"pool_size": 2})), weights=False)
    choose(dialog, qtbot, "keras")
    assert "Keras can't say pool1" in dialog.files.sentence.text()
    assert not dialog.export_button.isEnabled()
    assert not dialog.proof_panel.compare.isEnabled()


@pytest.mark.parametrize(
    ("largest", "said"), [(2.1e-3, "up to 3e-3"), (2e-3, "up to 2e-3"), (0.0096, "up to 1e-2"), (7, "up to 7e0")]
)
def test_what_is_accepted_is_rounded_up(largest, said):
    assert most_text(Outcome("lib", "lib 1", 8, largest, 1e-4, False)) == said


def test_a_library_that_is_missing_is_named(opened, qtbot, monkeypatch):
    add(monkeypatch, libraries=("no_such_library",))
    dialog = opened()
    choose(dialog, qtbot, "lib")
    press(dialog, qtbot, dialog.proof_panel.compare)
    says(dialog, "no_such_library is not installed", qtbot)
    assert rows(dialog)["lib"] == ["lib", "no_such_library is not installed", "not compared", ""]
    assert dialog.export_button.isEnabled()


def test_closing_ends_a_proof_and_its_process(opened, qtbot, monkeypatch):
    add(monkeypatch, wrong="\n    import time; time.sleep(1000)")
    dialog = opened()
    choose(dialog, qtbot, "lib")
    press(dialog, qtbot, dialog.proof_panel.compare)
    qtbot.wait(300)
    assert dialog.proof.is_running
    dialog.reject()
    assert not dialog.proof.is_running


def test_a_document_with_errors_is_drawn_and_tabled_but_does_not_compute(opened, qtbot):
    dialog = opened(chain((7, 7, 1), ("Conv2D", {"filters": 1, "kernel_size": 9})), weights=False)
    choose(dialog, qtbot, "pytorch")
    assert "larger than the 7×7 input" in dialog.files.sentence.text()
    assert not dialog.export_button.isEnabled()
    choose(dialog, qtbot, "csv")
    assert dialog.export_button.isEnabled()
    assert "conv1" in dialog.files.code.toPlainText()


def test_copy_takes_the_text(opened, qtbot):
    dialog = opened()
    choose(dialog, qtbot, "mermaid")
    press(dialog, qtbot, dialog.files.copy)
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


def test_weights_are_asked_about_only_where_they_are_written(opened, qtbot):
    dialog = opened()
    assert dialog.weights.isVisible()
    choose(dialog, qtbot, "svg")
    assert not dialog.weights.isVisible()
    choose(dialog, qtbot, "csv")
    assert not dialog.weights.isVisible()
    choose(dialog, qtbot, "keras")
    assert dialog.weights.isVisible()
