"""Copy, cut, paste, duplicate and Alt-drag, with real keys and the real clipboard."""

import json
from itertools import combinations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication

from core.graph.layouts import add_note
from core.graph.values import Note, layers_by_id
from designer.canvas.commands.notes import frame_selection
from designer.canvas.view import CanvasView

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture(autouse=True)
def _mouse_elsewhere(monkeypatch):
    monkeypatch.setattr(CanvasView, "under_mouse", lambda self: None)


def press(qtbot, window, key, modifier=CTRL):
    qtbot.keyClick(window.canvas.view, key, modifier)


def test_copies_are_drawn_beside_and_wired_alike(window, qtbot):
    session = window.session
    session.select(["conv1", "relu1"])
    press(qtbot, window, Qt.Key.Key_C)
    assert json.loads(QGuiApplication.clipboard().text())["format"] == "convograph"
    assert window.statusBar().currentMessage() == "Copied 2 layers."
    press(qtbot, window, Qt.Key.Key_V)
    assert session.selection == ("conv3", "relu5")
    by_id = layers_by_id(session.document.graph)
    assert by_id["conv3"].config == by_id["conv1"].config
    assert (by_id["conv3"].inputs, by_id["relu5"].inputs) == ((), ("conv3",))
    nodes = window.canvas.scene.nodes
    assert nodes["conv3"].pos() != nodes["conv1"].pos()
    press(qtbot, window, Qt.Key.Key_V)
    assert nodes["conv4"].pos() not in (nodes["conv1"].pos(), nodes["conv3"].pos())
    assert window.actions_by_id["undo"].text() == "Undo paste 2 layers"


def test_cut_layers_come_back_with_their_names(window, qtbot):
    session, before = window.session, window.session.document
    session.select(["relu4"])
    press(qtbot, window, Qt.Key.Key_X)
    assert "relu4" not in layers_by_id(session.document.graph)
    assert window.actions_by_id["undo"].text() == "Undo cut relu4"
    press(qtbot, window, Qt.Key.Key_V)
    assert session.selection == ("relu4",)
    assert layers_by_id(session.document.graph)["relu4"].inputs == ()  # what it stood between is wired now
    session.undo()
    session.undo()
    assert session.document == before


def test_from_window_to_window(window, qtbot, make_window):
    other = make_window()
    window.files.open_template("resnet20_cifar")
    window.session.select(["stage1"])
    window.actions_by_id["copy"].trigger()
    other.actions_by_id["paste"].trigger()
    assert other.session.selection == ("stage1",)
    assert other.session.document.graph.blocks.keys() == {"residual16"}


def test_text_from_elsewhere_is_pasted(window):
    QGuiApplication.clipboard().setText(
        'Add this:\n```json\n[{"id": "drop", "kind": "Dropout", "inputs": ["softmax"]}]\n```'
    )
    window.actions_by_id["paste"].trigger()
    assert window.session.selection == ("drop",)
    assert layers_by_id(window.session.document.graph)["drop"].inputs == ("softmax",)


def test_a_wire_that_would_make_a_second_output_is_left_out(window):
    QGuiApplication.clipboard().setText('[{"id": "drop", "kind": "Dropout", "inputs": ["fc2"]}]')
    outputs = window.session.report.outputs
    window.actions_by_id["paste"].trigger()
    assert layers_by_id(window.session.document.graph)["drop"].inputs == ()
    assert "second output" in window.statusBar().currentMessage()
    assert len(outputs) == 1


def covering(window):
    nodes = window.canvas.scene.nodes
    return [(a, b) for a, b in combinations(nodes, 2) if nodes[a].drawn_rect.intersects(nodes[b].drawn_rect)]


@pytest.mark.parametrize("chosen", [["conv1"], ["relu1"], ["conv1", "relu1", "pool1"], None])
@pytest.mark.parametrize("mouse", [False, True])
def test_what_is_pasted_covers_nothing(window, monkeypatch, chosen, mouse):
    window.session.select(chosen or list(layers_by_id(window.session.document.graph)))
    window.actions_by_id["copy"].trigger()
    if mouse:
        at = window.canvas.scene.nodes["conv2"].rect.center()
        monkeypatch.setattr(CanvasView, "under_mouse", lambda self: at)
    before = set(window.canvas.scene.nodes)
    for _ in range(3):
        window.actions_by_id["paste"].trigger()
    assert len(window.canvas.scene.nodes) == len(before) + 3 * len(chosen or before)
    assert not covering(window)


def test_other_text_is_refused_in_the_status_bar(window):
    QGuiApplication.clipboard().setText("Dear all,")
    window.actions_by_id["paste"].trigger()
    assert "What was copied is not a network" in window.statusBar().currentMessage()
    assert window.session.undo_label is None


def test_what_is_pasted_stands_under_the_mouse(window, monkeypatch):
    window.session.select(["conv1"])
    window.actions_by_id["copy"].trigger()
    view = window.canvas.view
    at = view.mapToScene(QPoint(300, 300))
    monkeypatch.setattr(CanvasView, "under_mouse", lambda self: at)
    window.actions_by_id["paste"].trigger()
    assert (window.canvas.scene.nodes["conv3"].pos() - at).manhattanLength() < 16


def test_a_duplicate_is_one_step(window, qtbot):
    window.session.select(["conv2"])
    press(qtbot, window, Qt.Key.Key_D, CTRL | Qt.KeyboardModifier.ShiftModifier)
    assert window.session.selection == ("conv3",)
    assert window.actions_by_id["undo"].text() == "Undo duplicate conv3"


def test_copying_needs_a_selection(window):
    names = ("copy", "cut", "duplicate")
    assert not any(window.actions_by_id[name].isEnabled() for name in names)
    window.session.select(["conv1"])
    assert all(window.actions_by_id[name].isEnabled() for name in names)


def drag(qtbot, window, id, by, modifier):
    view = window.canvas.view
    rect = window.canvas.scene.nodes[id].rect
    start = view.mapFromScene(rect.center())
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, modifier, start)
    for part in (0.5, 1.0):
        qtbot.mouseMove(view.viewport(), start + by * part)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, modifier, start + by)


def test_alt_drag_leaves_the_layer_and_puts_a_copy(window, qtbot):
    nodes, before = window.canvas.scene.nodes, window.canvas.scene.nodes["conv2"].pos()
    drag(qtbot, window, "conv2", QPoint(40, 160), Qt.KeyboardModifier.AltModifier)
    assert nodes["conv2"].pos() == before
    assert window.session.selection == ("conv3",)
    assert nodes["conv3"].y() > before.y() + 60
    assert window.actions_by_id["undo"].text() == "Undo copy conv2"
    window.session.undo()
    assert "conv3" not in nodes


def test_alt_drag_is_given_up_with_esc(window, qtbot):
    view, nodes = window.canvas.view, window.canvas.scene.nodes
    start, before = view.mapFromScene(nodes["conv2"].rect.center()), nodes["conv2"].pos()
    qtbot.mousePress(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, start)
    qtbot.mouseMove(view.viewport(), start + QPoint(60, 60))
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    qtbot.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, start)
    assert nodes["conv2"].pos() == before
    assert window.session.undo_label is None


def test_layers_of_an_open_block_are_copied_within_it(window, qtbot):
    window.files.open_template("resnet20_cifar")
    window.session.go_to("stage1/2/conv1")
    window.actions_by_id["duplicate"].trigger()
    assert window.session.selection == ("stage1/2/conv3",)
    assert "stage1/1/conv3" in window.session.report.layers


class TestNotes:
    @pytest.fixture
    def framed(self, window):
        """A frame around conv1 and relu1, selected, with a note in it."""
        window.session.select(["conv1", "relu1"])
        frame_selection(window.canvas)
        window.canvas.view.setFocus()
        (frame,) = window.session.document.layout.frames
        note = Note((frame.at[0] + 8, frame.at[1] + 40), (48, 24), "edges")
        window.session.edit("add note", add_note(window.session.document, "cards", note)[0])
        return window

    def test_a_note_is_copied_and_pasted_beside(self, framed, qtbot):
        view, session = framed.canvas.view, framed.session
        view.selection.select_notes([("cards", 0)])
        press(qtbot, framed, Qt.Key.Key_C)
        assert framed.statusBar().currentMessage() == "Copied 1 note."
        press(qtbot, framed, Qt.Key.Key_V)
        one, other = session.document.layout.cards
        assert (other.text, other.at) == ("edges", (one.at[0] + 32, one.at[1] + 32))
        assert view.selection.notes == (("cards", 1),)
        assert session.undo_label == "paste 1 note"

    def test_a_frame_is_cut_with_what_lies_in_it_and_comes_back(self, framed, qtbot):
        view, session = framed.canvas.view, framed.session
        before = session.document
        view.selection.select_notes([("frames", 0)])
        press(qtbot, framed, Qt.Key.Key_X)
        assert session.document.layout.cards == session.document.layout.frames == ()
        assert not {"conv1", "relu1"} & set(layers_by_id(session.document.graph))
        assert session.undo_label == "cut 2 layers and 2 notes"
        press(qtbot, framed, Qt.Key.Key_V)
        assert session.document.layout.cards == before.layout.cards
        assert {"conv1", "relu1"} <= set(layers_by_id(session.document.graph))
        assert set(view.selection.notes) == {("frames", 0), ("cards", 0)}

    def test_notes_in_a_block_that_comes_along_are_not_what_was_pasted(self, window, qtbot):
        window.files.open_template("resnet20_cifar")
        session = window.session
        note = Note((0, 0), (90, 40), "inside", block=layers_by_id(session.document.graph)["stage1"].spec.block)
        session.edit("add note", add_note(session.document, "cards", note)[0])
        session.select(["stage1"])
        press(qtbot, window, Qt.Key.Key_C)
        session.mark_saved(None)
        window.files.open_template("lenet5")
        press(qtbot, window, Qt.Key.Key_V)
        assert [card.text for card in session.document.layout.cards] == ["inside"]
        assert session.selection == ("stage1",)
        assert session.undo_label == "paste stage1"
