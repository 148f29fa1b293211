"""Blocks that are kept as templates of one's own."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QInputDialog, QMessageBox

from core.graph.values import layers_by_id
from designer.session.own_blocks import folder


@pytest.fixture(autouse=True)
def _nothing_kept():
    yield
    for path in folder().glob("*"):
        path.unlink()


def keep(window, monkeypatch, name, use="stage1"):
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, **__: (name, True))
    window.session.select([use])
    window.actions_by_id["keep_block"].trigger()


def kept(window):
    return [entry.key for entry in window.palette_panel.rows.rows if entry.role == "block"]


@pytest.fixture
def resnet(window):
    window.files.open_template("resnet20_cifar")
    return window


def test_a_kept_block_stands_in_the_palette_and_is_drawn_elsewhere(resnet, monkeypatch, qtbot):
    window, session = resnet, resnet.session
    report = session.report
    keep(window, monkeypatch, "my_residual")
    assert kept(window) == ["my_residual"]
    window.files.open_template("lenet5")
    session.select(["pool1"])
    qtbot.keyClicks(window.palette_panel.search, "my_res")
    window.palette_panel.search.chosen.emit()
    (use,) = session.selection
    layers = layers_by_id(session.document.graph)
    assert layers[use].inputs == ("pool1",)
    assert layers["conv2"].inputs == (use,)
    assert session.undo_label == f"add {use}"
    block = layers[use].spec.block
    assert session.document.graph.blocks[block].layers
    assert not any(problem.layer is None for problem in session.report.errors)
    session.undo()
    assert not session.document.graph.blocks
    assert report.errors == ()


def test_it_is_there_in_other_windows_and_at_the_next_start(resnet, make_window, monkeypatch):
    resnet.new_window()
    _, second = resnet.windows
    keep(resnet, monkeypatch, "mine")
    assert kept(second) == ["mine"]
    second.close()
    assert kept(make_window()) == ["mine"]


def test_a_name_that_cannot_be_one_is_refused(resnet, monkeypatch):
    said = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *found: said.append(found[-1]))
    keep(resnet, monkeypatch, "../evil")
    assert "cannot be a name" in said[0]
    assert kept(resnet) == []


def test_one_of_the_same_name_is_replaced_only_when_the_user_says_so(resnet, monkeypatch):
    keep(resnet, monkeypatch, "mine")
    before = (folder() / "mine.json").read_text(encoding="utf-8")
    answers = [QMessageBox.StandardButton.No, QMessageBox.StandardButton.Yes]
    monkeypatch.setattr(QMessageBox, "question", lambda *_: answers.pop(0))
    keep(resnet, monkeypatch, "mine", "stage2b")
    assert (folder() / "mine.json").read_text(encoding="utf-8") == before
    keep(resnet, monkeypatch, "mine", "stage2b")
    assert (folder() / "mine.json").read_text(encoding="utf-8") != before


def test_it_is_taken_away_and_broken_files_do_no_harm(resnet, monkeypatch):
    said = []
    monkeypatch.setattr(QMessageBox, "warning", lambda *found: said.append(found[-1]))
    keep(resnet, monkeypatch, "mine")
    (folder() / "broken.json").write_text("{", encoding="utf-8")
    resnet.palette_panel.removal_requested.emit("mine")
    assert kept(resnet) == []
    resnet.palette_panel.block_requested.emit("mine")
    assert said == ["The file of mine is gone, or can no longer be read."]


class TestByTyping:
    @pytest.fixture
    def lenet(self, resnet, monkeypatch):
        keep(resnet, monkeypatch, "my_residual")
        resnet.files.open_template("lenet5")
        return resnet

    def choose(self, window, qtbot):
        """Type its name into the list that is open; gives the id of what was drawn."""
        qtbot.keyClicks(window.command_palette.finder.field, "my_res")
        qtbot.keyClick(window.command_palette.finder.field, Qt.Key.Key_Return)
        (use,) = window.session.selection
        return use

    @pytest.mark.parametrize("action", ["quick_add", "find_anything"])
    def test_it_is_drawn_after_what_is_selected(self, action, lenet, qtbot):
        lenet.session.select(["pool1"])
        lenet.actions_by_id[action].trigger()
        use = self.choose(lenet, qtbot)
        assert layers_by_id(lenet.session.document.graph)["conv2"].inputs == (use,)

    def test_where_nothing_is_selected_it_is_drawn_where_it_was_asked_for(self, lenet, qtbot):
        view = lenet.canvas.view
        at = QPoint(view.viewport().width() // 2, view.viewport().height() - 60)
        asked = view.mapToScene(at)  # the view may move to keep all in sight
        view.add_asked.emit(at)
        use = self.choose(lenet, qtbot)
        node = lenet.canvas.scene.nodes[use]
        assert layers_by_id(lenet.session.document.graph)[use].inputs == ()
        assert (node.pos() - asked).manhattanLength() < 20  # on the grid
        assert view.hasFocus()


def test_while_one_types_it_is_said_what_a_block_would_give(resnet, monkeypatch, qtbot):
    window, session = resnet, resnet.session
    keep(window, monkeypatch, "my_residual")
    window.files.open_template("lenet5")
    document = session.document
    session.select(["conv2"])
    window.command_palette.quick_add()
    qtbot.keyClicks(window.command_palette.finder.field, "my_residual")
    said = "my_residual would give 10×10×16 · +14,016 parameters · +1.4 M MACs."
    assert window.canvas.view.saying == said
    qtbot.keyClick(window.command_palette.finder.field, Qt.Key.Key_Escape)
    assert window.canvas.view.saying == ""
    assert session.document is document
