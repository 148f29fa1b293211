"""The code beside the canvas: in step with every edit, and with what is selected, both ways."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QTextCursor

from core.graph.edits import remove_layers, set_config
from core.graph.values import Document, Graph
from core.io.templates import load_template
from designer.export import CodePanel
from designer.export.code_panel import NOTHING
from designer.session import Session
from designer.session.preferences import Preferences, SharedPreferences, load_preferences
from tests.drawing import chain


@pytest.fixture
def shown(qtbot):
    """A panel that is seen, of a document."""

    def show(document, preferences=None):
        session = Session(document)
        panel = CodePanel(session, preferences or SharedPreferences())
        qtbot.addWidget(panel)
        panel.resize(700, 900)
        with qtbot.waitExposed(panel):
            panel.show()
        return session, panel

    return show


def marked(panel):
    lines = panel.view.toPlainText().splitlines()
    return [lines[number - 1].split("#")[0].strip() for number in panel.view.marked]


def click_line(panel, qtbot, words):
    number = next(i for i, line in enumerate(panel.view.toPlainText().splitlines()) if words in line)
    cursor = QTextCursor(panel.view.document().findBlockByNumber(number))
    place = panel.view.cursorRect(cursor).center() + QPoint(60, 0)
    qtbot.mouseClick(panel.view.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_it_follows_every_edit(shown, qtbot):
    session, panel = shown(load_template("lenet5"))
    assert "self.conv1 = nn.Conv2d(1, 6, 5, padding=2)" in panel.view.toPlainText()
    session.edit("Set", set_config(session.document, "conv1", {"filters": 9}))
    qtbot.waitUntil(lambda: "self.conv1 = nn.Conv2d(1, 9, 5, padding=2)" in panel.view.toPlainText())
    session.undo()
    qtbot.waitUntil(lambda: "self.conv1 = nn.Conv2d(1, 6, 5, padding=2)" in panel.view.toPlainText())


def test_the_code_of_another_document_is_not_left_standing(shown, qtbot):
    session, panel = shown(load_template("lenet5"))
    session.open(Document(Graph(())), None)
    qtbot.waitUntil(lambda: panel.says.text() == NOTHING)
    assert panel.view.toPlainText() == ""
    assert not panel.copy.isEnabled()
    session.open(load_template("lenet5"), None)
    qtbot.waitUntil(lambda: "class LeNet5" in panel.view.toPlainText())
    session.edit("Delete", remove_layers(session.document, [layer.id for layer in session.document.graph.layers]))
    qtbot.waitUntil(lambda: panel.view.toPlainText() == "")
    session.undo()
    qtbot.waitUntil(lambda: "class LeNet5" in panel.view.toPlainText())


def test_the_lines_of_selected_layers_are_marked(shown):
    session, panel = shown(load_template("lenet5"))
    session.select(["conv1", "relu1"])
    assert marked(panel) == [
        "self.conv1 = nn.Conv2d(1, 6, 5, padding=2)",
        "conv1 = self.conv1(input)",
        "relu1 = F.relu(conv1)",
    ]
    session.select([])
    assert marked(panel) == []


def test_a_click_on_a_line_chooses_its_layer(shown, qtbot):
    _, panel = shown(load_template("resnet20_cifar"))
    chosen = []
    panel.layer_chosen.connect(chosen.append)
    for words in ("self.stage2a = Halve32()", "conv2 = self.conv2(relu1)", "import torch"):
        panel.view.verticalScrollBar().setValue(0)
        panel.view.mark([next(i for i, t in enumerate(panel.view.toPlainText().splitlines(), 1) if words in t)])
        click_line(panel, qtbot, words)
    assert chosen == ["stage2a", "stage1/1/conv2"]


def test_in_the_window_a_click_selects_on_the_canvas(window, qtbot):
    window.session.open(load_template("lenet5"), None)
    panel = window.findChild(CodePanel)
    window.docks["code"].show()
    window.docks["code"].raise_()
    qtbot.waitUntil(lambda: "conv2 = self.conv2" in panel.view.toPlainText())
    click_line(panel, qtbot, "conv2 = self.conv2")
    assert window.session.selection == ("conv2",)
    assert marked(panel)[-1].startswith("conv2 = self.conv2(")


def test_where_there_are_errors_the_code_before_them_stays_and_the_first_is_said(shown, qtbot):
    session, panel = shown(load_template("lenet5"))
    before = panel.view.toPlainText()
    session.edit("Set", set_config(session.document, "conv1", {"kernel_size": 99}))
    qtbot.waitUntil(lambda: "as it was before" in panel.says.text())
    assert "99×99" in panel.says.text()
    assert panel.view.toPlainText() == before


def speak(panel, qtbot, language):
    """Click on a language."""
    tabs = panel.languages
    place = next(i for i in range(tabs.count()) if tabs.tabText(i) == language)
    qtbot.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=tabs.tabRect(place).center())


def test_keras_follows_too_with_its_lines_marked_both_ways(shown, qtbot):
    session, panel = shown(load_template("resnet20_cifar"))
    speak(panel, qtbot, "Keras")
    assert "import keras" in panel.view.toPlainText()
    session.select(["conv1"])
    assert len(marked(panel)) == 1
    assert marked(panel)[0].startswith("conv1 = layers.Conv2D(16, 3,")
    session.select(["stage1"])
    assert len(marked(panel)) == sum("stage1_" in line.split("=")[0] for line in panel.view.toPlainText().splitlines())
    chosen = []
    panel.layer_chosen.connect(chosen.append)
    click_line(panel, qtbot, "fc = layers.Dense(10")
    assert chosen == ["fc"]
    session.edit("Set", set_config(session.document, "fc", {"units": 7}))
    qtbot.waitUntil(lambda: "fc = layers.Dense(7" in panel.view.toPlainText())
    speak(panel, qtbot, "PyTorch")
    assert "import keras" not in panel.view.toPlainText()
    assert "nn.Linear(64, 7)" in panel.view.toPlainText()


def test_the_language_is_remembered(shown, qtbot):
    shared = SharedPreferences()
    _, panel = shown(load_template("mlp"), shared)
    speak(panel, qtbot, "Keras")
    shared.save()
    assert load_preferences().code == "keras"
    _, another = shown(load_template("mlp"), SharedPreferences(load_preferences()))
    assert "import keras" in another.view.toPlainText()
    _, odd = shown(load_template("mlp"), SharedPreferences(Preferences(code="cobol")))
    assert "import torch" in odd.view.toPlainText()


def test_what_keras_refuses_is_named_with_a_link_to_the_layer(shown, qtbot):
    session, panel = shown(chain((8, 8, 1), ("MaxPool2D", {"pool_size": 2}), "Flatten"))
    speak(panel, qtbot, "Keras")
    before = panel.view.toPlainText()
    session.edit("Set", set_config(session.document, "pool1", {"dilation": 2, "stride": 1}))
    qtbot.waitUntil(lambda: "Keras can't say" in panel.says.text())
    assert "The code is as it was before." in panel.says.text()
    assert '<a href="pool1">pool1</a>' in panel.says.text()
    assert panel.view.toPlainText() == before
    chosen = []
    panel.layer_chosen.connect(chosen.append)
    panel.says.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(panel.says, Qt.Key.Key_Tab)
    qtbot.keyClick(panel.says, Qt.Key.Key_Return)
    assert chosen == ["pool1"]
    speak(panel, qtbot, "PyTorch")
    assert panel.says.isHidden()
    speak(panel, qtbot, "Keras")
    assert panel.view.toPlainText() == "", "the code of another language does not stand for it"
    assert not panel.copy.isEnabled()


def test_an_empty_document_has_none(shown):
    _, panel = shown(None)
    assert panel.view.toPlainText() == ""
    assert "Draw a network" in panel.says.text()
    assert not panel.copy.isEnabled()


def test_a_network_that_is_too_large_is_left_to_the_dialog(shown, monkeypatch):
    monkeypatch.setattr("designer.export.code_panel.MOST_LAYERS", 10)
    _, panel = shown(load_template("lenet5"))
    assert panel.view.toPlainText() == ""
    assert "14 layers are too many" in panel.says.text()
    assert not panel.copy.isEnabled()


def test_copy_takes_all_of_it(shown, qtbot):
    _, panel = shown(load_template("mlp"))
    qtbot.mouseClick(panel.copy, Qt.MouseButton.LeftButton)
    text = QGuiApplication.clipboard().text()
    assert text == panel.view.toPlainText()
    compile(text, "net.py", "exec")


def test_it_cannot_be_written_into(shown, qtbot):
    _, panel = shown(load_template("mlp"))
    before = panel.view.toPlainText()
    qtbot.keyClicks(panel.view, "x = 1")
    assert panel.view.toPlainText() == before


def test_while_hidden_it_writes_nothing(qtbot, monkeypatch):
    session = Session(load_template("mlp"))
    panel = CodePanel(session, SharedPreferences())
    qtbot.addWidget(panel)
    session.select(["fc1"])
    panel.refresh()
    assert panel.view.toPlainText() == ""
