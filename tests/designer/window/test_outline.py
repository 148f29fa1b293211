"""The outline, what is said to screen readers, and the way back through blocks."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QLineEdit,
    QListView,
    QTreeView,
)

from core.graph.edits import set_config
from core.graph.layouts import add_note
from core.graph.values import Note
from designer.window.announcing import difference_in_words


@pytest.fixture
def outline(window, qtbot):
    window.docks["outline"].raise_()
    qtbot.waitUntil(window.panels["outline"].isVisible)
    return window.panels["outline"]


def lines(outline):
    root = outline.tree.invisibleRootItem()
    return [root.child(i).text(0) for i in range(root.childCount())]


class TestOutline:
    def test_it_says_what_the_cards_show(self, window, outline):
        assert lines(outline)[:2] == ["input: Input, 28×28×1", "conv1: Conv2D, 28×28×6, from input"]
        assert len(lines(outline)) == len(window.session.document.graph.layers)

    def test_an_edit_changes_words_and_leaves_the_lines(self, window, outline):
        kept = [outline.tree.topLevelItem(i) for i in range(3)]
        window.session.edit("stride", set_config(window.session.document, "conv1", {"stride": 5}))
        assert [outline.tree.topLevelItem(i) for i in range(3)] == kept
        assert "error: conv1: a 5×5 filter does not fit" in kept[1].text(0)
        assert "error" not in kept[2].text(0)

    def test_it_is_in_step_with_the_canvas_both_ways(self, window, outline, qtbot):
        window.session.select(["conv2"])
        assert outline.tree.currentItem().text(0).startswith("conv2")
        qtbot.keyClick(outline.tree, Qt.Key.Key_Down)
        assert window.session.selection == ("relu2",)
        assert window.canvas.scene.nodes["relu2"].chosen
        window.session.select(())
        assert outline.tree.currentItem() is None

    def test_it_follows_edits_and_says_problems(self, window, outline):
        session = window.session
        session.edit("stride", set_config(session.document, "conv2", {"stride": 4}))
        assert any(line.startswith("conv2") and "error:" in line for line in lines(outline))
        session.undo()
        assert not any("error:" in line for line in lines(outline))

    def test_a_block_opens_below_its_line(self, window, outline):
        window.files.open_template("resnet20_cifar")
        root = outline.tree.invisibleRootItem()
        block = next(root.child(i) for i in range(root.childCount()) if "block" in root.child(i).text(0))
        assert "×" in block.text(0)
        outline.tree.setCurrentItem(block.child(0))
        assert window.session.place.endswith("/1/")
        assert window.session.selection == (block.child(0).data(0, Qt.ItemDataRole.UserRole),)

    def test_notes_stand_at_the_end_and_are_chosen_there(self, window, outline):
        session = window.session
        document, _ = add_note(session.document, "cards", Note((0, 500), (100, 50), "Read\nthis"))
        session.edit("add note", document)
        assert lines(outline)[-1] == "Note: Read this"
        outline.tree.setCurrentItem(outline.tree.topLevelItem(len(lines(outline)) - 1))
        assert window.canvas.view.selection.notes == (("cards", 0),)


class TestAnnouncements:
    def test_new_and_solved_problems_are_told(self, window):
        session = window.session
        before = session.report.errors
        session.edit("stride", set_config(session.document, "conv2", {"stride": 4}))
        after = session.report.errors
        assert difference_in_words(before, after).startswith("New problem in conv2: ")
        assert difference_in_words(after, before) == "Problem in conv2 solved. The network is valid."
        assert difference_in_words(after, after) == ""

    def test_a_screen_reader_hears_them(self, window, monkeypatch):
        said = []
        monkeypatch.setattr("designer.window.announcing.QAccessible.isActive", lambda: True)
        monkeypatch.setattr(window.announcer, "say", said.append)
        session = window.session
        session.edit("stride", set_config(session.document, "conv2", {"stride": 4}))
        session.undo()
        assert [words.split(":")[0] for words in said] == [
            "New problem in conv2",
            "Problem in conv2 solved. The network is valid.",
        ]

    def test_saying_reaches_qt(self, window):
        window.announcer.say("heard")


def test_every_control_has_an_accessible_name(window, qtbot):
    window.session.select(["conv1"])
    for dock in window.docks.values():
        dock.show()
        dock.raise_()
        qtbot.wait(5)
    nameless = [
        f"{type(widget).__name__} {widget.objectName()} in {type(widget.parent()).__name__}"
        for kind in (QAbstractButton, QLineEdit, QComboBox, QAbstractSpinBox, QListView, QTreeView)
        for widget in window.findChildren(kind)
        if not widget.objectName().startswith("qt_")
        and not isinstance(widget.parent(), QComboBox | QAbstractSpinBox)
        and not (widget.accessibleName() or getattr(widget, "text", str)() or widget.toolTip())
        and widget.isVisible()
    ]
    assert nameless == []


def test_one_goes_back_and_forward_through_blocks(window, qtbot):
    window.files.open_template("resnet20_cifar")
    session, actions = window.session, window.actions_by_id
    assert not actions["go_back"].isEnabled()
    use = next(layer.id for layer in session.document.graph.layers if layer.kind == "Block")
    session.enter(f"{use}/1/")
    assert QApplication.activePopupWidget() is None
    assert actions["go_back"].isEnabled()
    qtbot.keyClick(window.canvas.view, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert session.place == ""
    qtbot.keyClick(window.canvas.view, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert session.place == f"{use}/1/"
    assert not actions["go_forward"].isEnabled()
    window.files.open_template("lenet5")
    assert not actions["go_back"].isEnabled()
