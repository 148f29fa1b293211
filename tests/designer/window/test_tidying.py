"""Several layers at once: put in line, distributed, arranged, disconnected; and the canvas's own menu."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QApplication

from core.graph.edits import move_layers
from core.graph.values import layers_by_id


@pytest.fixture
def window(window):
    session = window.session
    spread = {"conv1": (200.0, 0.0), "relu1": (420.0, 33.0), "fc1": (700.0, 150.0)}
    session.edit("spread", move_layers(session.document, window.canvas.scene.places() | spread))
    session.select(spread)
    return window


def rects(window):
    return [window.canvas.scene.nodes[id].rect for id in window.session.selection]


@pytest.mark.parametrize(
    ("action", "line"),
    [
        ("align_left", lambda rect: rect.left()),
        ("align_centre", lambda rect: rect.center().x()),
        ("align_right", lambda rect: rect.right()),
        ("align_top", lambda rect: rect.top()),
        ("align_bottom", lambda rect: rect.bottom()),
    ],
)
def test_sides_are_put_in_line_as_one_step(action, line, window):
    before = window.session.document
    window.actions_by_id[action].trigger()
    assert max(map(line, rects(window))) - min(map(line, rects(window))) < 0.02
    assert window.actions_by_id["undo"].text() == "Undo align 3 layers"
    window.session.undo()
    assert window.session.document == before


def test_wires_are_put_in_line(window):
    window.actions_by_id["align_wires"].trigger()
    nodes = [window.canvas.scene.nodes[id] for id in window.session.selection]
    lines = [node.y() + node.box.line for node in nodes]
    assert max(lines) - min(lines) < 0.02


def test_gaps_become_equal_and_the_outermost_stay(window):
    first, _, last = rects(window)
    window.actions_by_id["distribute_across"].trigger()
    a, b, c = rects(window)
    assert b.left() - a.right() == pytest.approx(c.left() - b.right(), abs=0.05)
    assert (a, c) == (first, last)


def test_the_selection_alone_is_arranged(window):
    others = {id: at for id, at in window.canvas.scene.places().items() if id not in window.session.selection}
    corner = min(rect.left() for rect in rects(window)), min(rect.top() for rect in rects(window))
    window.actions_by_id["arrange_selection"].trigger()
    places = window.canvas.scene.places()
    assert {id: places[id] for id in others} == others
    assert (min(rect.left() for rect in rects(window)), min(rect.top() for rect in rects(window))) == corner
    assert window.actions_by_id["undo"].text() == "Undo arrange 3 layers"


def test_all_wires_of_the_selection_go(window):
    window.session.select(["pool1"])
    window.actions_by_id["disconnect_selection"].trigger()
    by_id = layers_by_id(window.session.document.graph)
    assert by_id["pool1"].inputs == by_id["conv2"].inputs == ()
    assert by_id["relu2"].inputs == ("conv2",)


def test_one_layer_is_in_line_with_itself(window):
    window.session.select(["conv1"])
    assert not window.actions_by_id["align_left"].isEnabled()


def menu_at(window, point):
    view = window.canvas.view
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, point, view.viewport().mapToGlobal(point))
    QApplication.sendEvent(view.viewport(), event)
    menu = window.canvas_menu
    texts = [action.text() for action in menu.actions() if not action.isSeparator()]
    menu.close()
    return texts


def test_the_menu_of_a_layer_selects_it(window):
    view = window.canvas.view
    texts = menu_at(window, view.mapFromScene(window.canvas.scene.nodes["conv2"].rect.center()))
    assert window.session.selection == ("conv2",)
    assert {"Cut", "Copy", "Replace by another kind…", "Make block"} <= set(texts)
    assert "Align" not in texts
    assert "Open block" not in texts


def test_the_menu_of_several_keeps_them_selected(window):
    view = window.canvas.view
    texts = menu_at(window, view.mapFromScene(window.canvas.scene.nodes["fc1"].rect.center()))
    assert len(window.session.selection) == 3
    assert "Align" in texts


def test_the_menu_of_the_empty_canvas(window):
    texts = menu_at(window, QPoint(4, window.canvas.view.viewport().height() // 2))
    assert window.session.selection == ()
    assert {"Paste", "Add layer…", "Arrange"} <= set(texts)
    assert "Copy" not in texts


def test_the_menu_of_a_wire_takes_it_away(window):
    view = window.canvas.view
    window.session.undo()
    wire = window.canvas.scene.wires["conv1", 0]
    middle = wire.path().pointAtPercent(0.5)
    texts = menu_at(window, view.mapFromScene(middle))
    assert window.canvas.view.selection.wires == (("conv1", 0),)
    assert "Delete" in texts
    window.actions_by_id["delete_selection"].trigger()
    assert layers_by_id(window.session.document.graph)["conv1"].inputs == ()


def test_the_menu_key_asks_for_what_is_selected(window, qtbot):
    window.canvas.view.setFocus()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(window.canvas.view.viewport(), event)
    assert window.canvas_menu.isVisible()
    assert len(window.session.selection) == 3
    qtbot.keyClick(window.canvas_menu, Qt.Key.Key_Escape)
