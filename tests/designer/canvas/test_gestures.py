"""Selecting, moving, deleting and wiring, with mouse and keys; what Esc ends leaves no trace."""

import pytest
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QNativeGestureEvent, QPointingDevice
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QHBoxLayout, QLineEdit, QWidget

from core.graph.edits import move_layers, remove_layers
from designer.canvas import Canvas
from designer.canvas.commands.keys import CanvasKeys
from designer.session import Session
from tests.designer.canvas.hands import (
    CONV,
    CTRL,
    INPUT,
    SHIFT,
    approach,
    body,
    chain,
    click,
    drag,
    ids,
    in_port,
    inputs,
    key,
    lenet,
    move,
    on_screen,
    out_port,
    picture,
    press,
    release,
    residual,
    void,
)  # fmt: skip


class TestSelecting:
    def test_a_click_selects_and_a_click_on_nothing_lets_go(self, canvas):
        click(canvas, body(canvas, "conv1"))
        assert canvas.session.selection == ("conv1",)
        assert canvas.scene.nodes["conv1"].chosen
        click(canvas, void(canvas))
        assert canvas.session.selection == ()
        assert not canvas.scene.nodes["conv1"].chosen

    @pytest.mark.parametrize("held", [SHIFT, CTRL])
    def test_shift_and_ctrl_add_and_take_away(self, canvas, held):
        click(canvas, body(canvas, "conv1"))
        click(canvas, body(canvas, "pool1"), held)
        click(canvas, body(canvas, "relu1"), held)
        assert canvas.session.selection == ("conv1", "pool1", "relu1")
        click(canvas, body(canvas, "pool1"), held)
        assert canvas.session.selection == ("conv1", "relu1")

    def test_a_band_selects_all_that_it_touches(self, canvas):
        first, last = canvas.scene.nodes["conv1"].rect, canvas.scene.nodes["pool1"].rect
        drag(canvas, first.topLeft() + QPointF(-20, -30), last.center())
        assert canvas.session.selection == ("conv1", "relu1", "pool1")
        drag(canvas, canvas.scene.nodes["fc3"].rect.bottomLeft() + QPointF(-20, 30), body(canvas, "fc3"), SHIFT)
        assert canvas.session.selection == ("conv1", "relu1", "pool1", "fc3")
        assert not canvas.scene.band.isVisible()

    def test_a_band_tells_the_others_only_at_the_end(self, canvas, qtbot):
        told = []
        canvas.session.selection_changed.connect(told.append)
        rect = canvas.scene.bounds()
        drag(canvas, rect.topLeft() - QPointF(10, 10), rect.center())
        assert len(told) == 1

    def test_the_session_and_the_canvas_are_in_step_both_ways(self, canvas):
        told = []
        canvas.session.selection_changed.connect(told.append)
        canvas.session.select(["fc1", "fc2"])
        assert [id for id, node in canvas.scene.nodes.items() if node.chosen] == ["fc1", "fc2"]
        click(canvas, body(canvas, "conv1"))
        assert told == [("fc1", "fc2"), ("conv1",)]

    def test_a_wire_is_selected_by_a_click_and_deleted(self, canvas):
        middle = (out_port(canvas, "input1") + in_port(canvas, "conv1")) / 2
        canvas.session.select(["fc1"])
        click(canvas, middle)
        assert canvas.view.selection.wires == (("conv1", 0),)
        assert canvas.session.selection == ()
        key(canvas, Qt.Key.Key_Delete)
        assert inputs(canvas.session, "conv1") == ()
        assert canvas.session.undo_label == "disconnect input1 from conv1"
        assert canvas.view.selection.wires == ()

    def test_several_inputs_of_one_layer_can_be_deleted_at_once(self, opened):
        canvas = opened(residual())
        canvas.view.selection.choose_wires([("add1", 0), ("add1", 1)])
        key(canvas, Qt.Key.Key_Delete)
        assert inputs(canvas.session, "add1") == ()
        canvas.session.undo()
        assert inputs(canvas.session, "add1") == ("conv2", "conv1")

    def test_ctrl_a_selects_everything(self, canvas):
        key(canvas, Qt.Key.Key_A, CTRL)
        assert canvas.session.selection == tuple(ids(canvas.session))
        key(canvas, Qt.Key.Key_Escape)
        assert canvas.session.selection == ()


class TestMoving:
    def test_a_layer_is_dragged_onto_the_grid_in_one_step(self, canvas):
        before = canvas.scene.places()
        x, y = before["fc3"]
        drag(canvas, body(canvas, "fc3"), body(canvas, "fc3") + QPointF(3, 203))
        after = canvas.session.document.layout.positions
        assert (after["fc3"][0] - x, after["fc3"][1] - y) == (0, 200)
        assert after["fc3"][0] % 8 == after["fc3"][1] % 8 == 0
        assert {id: place for id, place in after.items() if id != "fc3"} == {
            id: place for id, place in before.items() if id != "fc3"
        }
        assert canvas.session.undo_label == "move fc3"
        canvas.session.undo()
        assert canvas.session.undo_label is None
        assert canvas.scene.places() == before

    def test_the_whole_selection_moves(self, canvas):
        canvas.session.select(["conv1", "relu1", "pool1"])
        before = canvas.scene.places()
        drag(canvas, body(canvas, "relu1"), body(canvas, "relu1") + QPointF(0, 400))
        after = canvas.scene.places()
        shifts = {id: (after[id][0] - before[id][0], after[id][1] - before[id][1]) for id in after}
        assert {shifts[id] for id in ("conv1", "relu1", "pool1")} == {shifts["conv1"]}
        assert shifts["conv1"][1] == pytest.approx(400, abs=8)
        assert all(shifts[id] == (0, 0) for id in after if id not in ("conv1", "relu1", "pool1"))
        assert canvas.session.undo_label == "move 3 layers"

    def test_wires_follow_while_it_moves(self, canvas):
        approach(canvas, body(canvas, "fc3"), body(canvas, "fc3") + QPointF(0, 96))
        path = canvas.scene.wires["fc3", 0].path()
        assert path.currentPosition() == in_port(canvas, "fc3")
        release(canvas, body(canvas, "fc3"))

    def test_a_trembling_click_moves_nothing(self, canvas):
        drag(canvas, body(canvas, "conv1"), body(canvas, "conv1") + QPointF(2, 1))
        assert canvas.session.undo_label is None
        assert canvas.session.selection == ("conv1",)

    def test_what_is_moved_is_drawn_into_line_and_a_guide_says_so(self, opened):
        document = chain(INPUT, CONV)
        canvas = opened(move_layers(document, {"input1": (0, 3), "conv1": (301, 150)}))
        start = body(canvas, "conv1")
        approach(canvas, start, start + QPointF(41, -150 + 5))
        assert canvas.scene.nodes["conv1"].y() == 3
        assert [guide.isVisible() for guide in canvas.scene.guides] == [True, False]
        move(canvas, start + QPointF(41, -100))
        assert canvas.scene.nodes["conv1"].y() % 8 == 0
        assert not any(guide.isVisible() for guide in canvas.scene.guides)
        release(canvas, start)
        assert not any(guide.isVisible() for guide in canvas.scene.guides)

    def test_ctrl_and_arrows_move_by_the_grid_until_ctrl_is_let_go(self, canvas):
        canvas.session.select(["conv1"])
        x, y = canvas.scene.places()["conv1"]
        for pressed in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
            QTest.keyPress(canvas.view, pressed, CTRL)
        assert canvas.session.undo_label is None
        QTest.keyRelease(canvas.view, Qt.Key.Key_Control)
        assert canvas.session.document.layout.positions["conv1"] == (x + 24, y + 8)
        assert canvas.session.undo_label == "move conv1"
        canvas.session.undo()
        assert canvas.session.undo_label is None

    def test_esc_takes_back_steps_of_the_arrows(self, canvas):
        canvas.session.select(["conv1"])
        before = picture(canvas)
        QTest.keyPress(canvas.view, Qt.Key.Key_Right, CTRL)
        assert picture(canvas) != before
        key(canvas, Qt.Key.Key_Escape)
        assert picture(canvas) == before
        assert canvas.session.undo_label is None


class TestEscEndsAGestureWithoutATrace:
    def cancelled(self, canvas, start, end, modifiers=None):
        document, before = canvas.session.document, picture(canvas)
        approach(canvas, start, end)
        assert picture(canvas) != before
        key(canvas, Qt.Key.Key_Escape)
        assert picture(canvas) == before
        release(canvas, end)
        assert picture(canvas) == before
        assert canvas.session.document is document
        assert canvas.session.undo_label is None
        assert canvas.view.saying == ""

    def test_moving(self, canvas):
        canvas.session.select(["conv1", "relu1"])
        self.cancelled(canvas, body(canvas, "conv1"), body(canvas, "fc3"))

    def test_a_band(self, canvas):
        canvas.session.select(["fc1"])
        rect = canvas.scene.bounds()
        self.cancelled(canvas, rect.topLeft() - QPointF(10, 10), rect.center())

    def test_a_new_wire(self, canvas):
        self.cancelled(canvas, out_port(canvas, "input1"), body(canvas, "pool1"))

    def test_the_end_of_a_wire(self, canvas):
        self.cancelled(canvas, in_port(canvas, "conv2"), void(canvas))

    def test_when_the_document_changes_meanwhile_the_gesture_is_given_up(self, canvas):
        approach(canvas, body(canvas, "conv1"), void(canvas))
        x, y = canvas.scene.places()["fc1"]
        canvas.session.edit("elsewhere", move_layers(canvas.session.document, {"fc1": (x, y + 300)}))
        release(canvas, void(canvas))
        assert canvas.session.undo_label == "elsewhere"


class TestWiring:
    def test_from_an_output_to_an_input(self, opened):
        canvas = opened(residual())
        drag(canvas, out_port(canvas, "input1"), in_port(canvas, "conv2"))
        assert inputs(canvas.session, "conv2") == ("input1",)
        assert canvas.session.undo_label == "connect input1 to conv2"

    def test_from_an_input_to_an_output(self, opened):
        document = chain(INPUT, CONV, "MaxPool2D")
        canvas = opened(document)
        click(canvas, (out_port(canvas, "conv1") + in_port(canvas, "pool1")) / 2)
        key(canvas, Qt.Key.Key_Delete)
        drag(canvas, in_port(canvas, "pool1"), out_port(canvas, "input1"))
        assert inputs(canvas.session, "pool1") == ("input1",)

    def test_dropped_on_a_card_it_takes_the_first_sensible_port(self, opened):
        canvas = opened(residual())
        drag(canvas, out_port(canvas, "relu1"), body(canvas, "add1"))
        assert inputs(canvas.session, "add1") == ("conv2", "conv1", "relu1")
        drag(canvas, out_port(canvas, "input1"), body(canvas, "conv2"))
        assert inputs(canvas.session, "conv2") == ("input1",)

    def test_merging_layers_grow_a_free_port_while_a_wire_is_near(self, opened):
        canvas = opened(residual())
        node = canvas.scene.nodes["add1"]
        assert node.n_ports == 2
        approach(canvas, out_port(canvas, "relu1"), QPointF(out_port(canvas, "relu1") + QPointF(40, 60)))
        assert node.n_ports == 3
        move(canvas, in_port(canvas, "add1", 2))
        release(canvas, in_port(canvas, "add1", 2))
        assert inputs(canvas.session, "add1") == ("conv2", "conv1", "relu1")
        assert node.n_ports == 3

    def test_an_input_in_use_is_wired_anew(self, opened):
        canvas = opened(residual())
        drag(canvas, out_port(canvas, "relu1"), in_port(canvas, "add1", 0))
        assert inputs(canvas.session, "add1") == ("relu1", "conv1")

    def test_illegal_targets_fade_and_say_why(self, opened):
        canvas = opened(residual())
        said = []
        canvas.hint.connect(said.append)
        approach(canvas, out_port(canvas, "conv2"), body(canvas, "conv1"))
        roles = {id: node.role for id, node in canvas.scene.nodes.items()}
        assert roles == {"input1": "illegal", "conv1": "illegal", "relu1": "illegal", "conv2": "", "add1": "legal"}
        assert said[-1] == "conv2 cannot feed conv1: conv1 already leads to conv2, so data would go in a circle."
        move(canvas, body(canvas, "input1"))
        assert said[-1] == "input1 takes no input: it is where samples enter."
        release(canvas, body(canvas, "input1"))
        assert canvas.session.undo_label is None
        assert {node.role for node in canvas.scene.nodes.values()} == {""}
        assert said[-1] == "input1 takes no input: it is where samples enter."
        click(canvas, void(canvas))
        assert said[-1] == ""

    def test_what_a_wire_would_give_is_said_before_it_is_dropped(self, opened):
        canvas = opened(residual())
        approach(canvas, out_port(canvas, "input1"), body(canvas, "conv2"))
        assert canvas.view.saying.startswith("conv2 would give 28×28×6")
        release(canvas, void(canvas))

    def test_the_end_of_a_wire_goes_to_another_layer(self, opened):
        canvas = opened(residual())
        drag(canvas, in_port(canvas, "add1", 1), body(canvas, "conv2"))
        assert inputs(canvas.session, "add1") == ("conv2",)
        assert inputs(canvas.session, "conv2") == ("conv1",)
        assert canvas.session.undo_label == "connect conv1 to conv2"
        canvas.session.undo()
        assert inputs(canvas.session, "add1") == ("conv2", "conv1")
        assert canvas.session.undo_label is None

    def test_the_end_of_a_wire_dropped_in_the_void_is_disconnected(self, opened):
        canvas = opened(residual())
        drag(canvas, in_port(canvas, "add1", 0), void(canvas))
        assert inputs(canvas.session, "add1") == ("conv1",)
        assert canvas.session.undo_label == "disconnect conv2 from add1"

    def test_the_end_of_a_wire_put_back_changes_nothing(self, opened):
        canvas = opened(residual())
        document = canvas.session.document
        port = in_port(canvas, "add1", 0)
        approach(canvas, port, void(canvas))
        move(canvas, port)
        release(canvas, port)
        assert canvas.session.document is document

    def test_inputs_change_places(self, opened):
        canvas = opened(residual())
        drag(canvas, in_port(canvas, "add1", 1), in_port(canvas, "add1", 0))
        assert inputs(canvas.session, "add1") == ("conv1",)

    def test_c_connects_the_first_selected_to_the_second(self, opened):
        canvas = opened(residual())
        canvas.session.select(["relu1", "add1"])
        key(canvas, Qt.Key.Key_C)
        assert inputs(canvas.session, "add1") == ("conv2", "conv1", "relu1")
        said = []
        canvas.hint.connect(said.append)
        canvas.session.select(["add1", "relu1"])
        key(canvas, Qt.Key.Key_C)
        assert "circle" in said[-1]
        canvas.session.select(["add1"])
        key(canvas, Qt.Key.Key_C)
        assert said[-1] == "Select two layers, then press C: the first will feed the second."


class TestDeleting:
    @pytest.mark.parametrize("pressed", [Qt.Key.Key_Delete, Qt.Key.Key_Backspace])
    def test_a_chain_closes_behind_what_is_deleted(self, canvas, pressed):
        canvas.session.select(["relu1", "pool1"])
        key(canvas, pressed)
        assert inputs(canvas.session, "conv2") == ("conv1",)
        assert canvas.session.undo_label == "delete 2 layers"
        assert "relu1" not in canvas.scene.nodes
        canvas.session.undo()
        assert ids(canvas.session) == ids_of(lenet())

    def test_of_one_the_step_names_it(self, canvas):
        canvas.session.select(["relu1"])
        key(canvas, Qt.Key.Key_Delete)
        assert canvas.session.undo_label == "delete relu1"

    def test_with_nothing_selected_nothing_happens(self, canvas):
        key(canvas, Qt.Key.Key_Delete)
        assert canvas.session.undo_label is None


def ids_of(document):
    return [layer.id for layer in document.graph.layers]


class TestRenaming:
    def editor(self, canvas):
        return canvas.view.viewport().focusWidget()

    def test_f2_edits_the_name_in_place(self, canvas, qtbot):
        canvas.session.select(["conv1"])
        key(canvas, Qt.Key.Key_F2)
        editor = canvas.view.viewport().findChild(type(canvas._editor))
        assert editor.text() == "conv1"
        QTest.keyClicks(editor, "edges")
        QTest.keyClick(editor, Qt.Key.Key_Return)
        assert "edges" in ids(canvas.session)
        assert inputs(canvas.session, "relu1") == ("edges",)
        assert canvas.session.undo_label == "rename conv1 to edges"
        assert canvas.session.selection == ("edges",)
        assert canvas.view.hasFocus()

    @pytest.mark.parametrize("name", ["плоский", "畳み込み1", "größer", "شبكة"])
    def test_names_of_any_alphabet_are_taken_and_stand_on_the_card(self, canvas, name):
        before = canvas.grab().toImage()
        canvas.session.select(["conv1"])
        key(canvas, Qt.Key.Key_F2)
        editor = canvas.view.viewport().findChild(type(canvas._editor))
        editor.setText(name)
        editor.textEdited.emit(name)
        assert not editor.property("invalid")
        QTest.keyClick(editor, Qt.Key.Key_Return)
        assert canvas.session.selection == (name,)
        assert canvas.scene.nodes[name].content.id == name
        canvas.session.select([])
        assert canvas.grab().toImage() != before

    def test_a_double_click_on_the_name_does_too(self, canvas):
        rect = canvas.scene.nodes["pool1"].name_rect
        point = on_screen(canvas, rect.center())
        press(canvas, rect.center())
        release(canvas, rect.center())
        QTest.mouseDClick(canvas.view.viewport(), Qt.MouseButton.LeftButton, pos=point)
        assert canvas._editor.text() == "pool1"
        QTest.keyClick(canvas._editor, Qt.Key.Key_Escape)
        assert canvas.session.undo_label is None

    def test_a_taken_name_is_refused_with_a_sentence(self, canvas, hints):
        canvas.session.select(["conv1"])
        key(canvas, Qt.Key.Key_F2)
        editor = canvas._editor
        QTest.keyClicks(editor, "conv2")
        QTest.keyClick(editor, Qt.Key.Key_Return)
        assert hints[-1] == "There is already a layer called conv2: choose another name."
        assert canvas._editor is editor
        QTest.keyClick(editor, Qt.Key.Key_Escape)
        assert hints[-1] == ""
        assert "conv1" in ids(canvas.session)

    def test_while_it_is_typed_in_the_field_follows_the_drawing(self, canvas):
        canvas.session.select(["conv1"])
        key(canvas, Qt.Key.Key_F2)
        before = canvas._editor.pos()
        canvas.view.scroll_by(QPointF(-40, -30).toPoint())
        assert canvas._editor.pos() - before == QPointF(40, 30).toPoint()
        canvas.zoom_in()
        over = canvas.view.viewportTransform().mapRect(canvas.scene.nodes["conv1"].name_rect)
        assert over.contains(QRectF(canvas._editor.geometry()).center())

    def test_a_change_from_elsewhere_ends_it(self, canvas):
        canvas.session.select(["conv1"])
        key(canvas, Qt.Key.Key_F2)
        QTest.keyClicks(canvas._editor, "edges")
        canvas.session.edit("elsewhere", remove_layers(canvas.session.document, ["conv1"]))
        assert canvas._editor is None
        assert canvas.session.undo_label == "elsewhere"


class TestLookingAround:
    def test_ctrl_and_the_wheel_zoom_about_the_mouse(self, canvas):
        from tests.designer.canvas.wheels import wheel

        at = on_screen(canvas, body(canvas, "pool2"))
        before = canvas.view.mapToScene(at)
        zoom = canvas.view.zoom
        wheel(canvas.view, at, 120, CTRL)
        assert canvas.view.zoom == pytest.approx(zoom * 1.2)
        after = canvas.view.mapToScene(at)
        assert (after - before).manhattanLength() < 2

    def test_a_pinch_zooms_about_the_fingers(self, canvas):
        at = on_screen(canvas, body(canvas, "pool2"))
        before, zoom = canvas.view.mapToScene(at), canvas.view.zoom
        kind, place = Qt.NativeGestureType.ZoomNativeGesture, QPointF(at)
        device = QPointingDevice.primaryPointingDevice()
        event = QNativeGestureEvent(kind, device, 2, place, place, place, 0.1, QPointF())
        QApplication.sendEvent(canvas.view.viewport(), event)
        assert canvas.view.zoom == pytest.approx(zoom * 1.1)
        assert (canvas.view.mapToScene(at) - before).manhattanLength() < 2

    def test_the_wheel_scrolls(self, canvas):
        from tests.designer.canvas.wheels import wheel

        before, zoom = canvas.view.visible_rect(), canvas.view.zoom
        wheel(canvas.view, on_screen(canvas, body(canvas, "pool2")), -120)
        assert canvas.view.zoom == zoom
        assert canvas.view.visible_rect().top() > before.top()
        assert canvas.view.visible_rect().left() == before.left()

    def test_the_middle_button_pans(self, canvas):
        before = canvas.view.visible_rect().topLeft()
        start = body(canvas, "conv1")
        point = on_screen(canvas, start)
        QTest.mousePress(canvas.view.viewport(), Qt.MouseButton.MiddleButton, pos=point)
        QTest.mouseMove(canvas.view.viewport(), point + QPointF(100, 50).toPoint())
        QTest.mouseRelease(canvas.view.viewport(), Qt.MouseButton.MiddleButton, pos=point + QPointF(100, 50).toPoint())
        moved = (before - canvas.view.visible_rect().topLeft()) * canvas.view.zoom
        assert (moved - QPointF(100, 50)).manhattanLength() < 2
        assert canvas.session.undo_label is None

    def test_space_and_the_left_button_pan(self, canvas):
        before = canvas.view.visible_rect().topLeft()
        QTest.keyPress(canvas.view, Qt.Key.Key_Space)
        drag(canvas, body(canvas, "conv1"), body(canvas, "conv1") + QPointF(60, 0))
        QTest.keyRelease(canvas.view, Qt.Key.Key_Space)
        assert canvas.view.visible_rect().left() < before.x()
        assert canvas.session.undo_label is None
        click(canvas, body(canvas, "conv1"))
        assert canvas.session.selection == ("conv1",)

    def test_home_and_f_show_everything(self, canvas):
        for pressed in (Qt.Key.Key_Home, Qt.Key.Key_F):
            canvas.view.look_at(QRectF(5000, 5000, 10, 10), 2.0)
            key(canvas, pressed)
            assert canvas.view.visible_rect().contains(canvas.scene.bounds())
            assert canvas.view.zoom <= 1

    def test_keys_and_buttons_zoom(self, canvas):
        canvas.zoom_reset()
        key(canvas, Qt.Key.Key_Plus, CTRL)
        assert canvas.zoom_control.scale.text() == "125 %"
        key(canvas, Qt.Key.Key_0, CTRL)
        assert canvas.view.zoom == 1
        canvas.zoom_control.smaller.click()
        assert canvas.zoom_control.scale.text() == "80 %"
        canvas.zoom_control.scale.click()
        assert canvas.view.zoom == 1

    def test_zoom_has_ends(self, canvas):
        for _ in range(40):
            canvas.zoom_out()
        assert canvas.view.zoom == pytest.approx(0.05)
        for _ in range(60):
            canvas.zoom_in()
        assert canvas.view.zoom == pytest.approx(4)

    def test_the_selection_can_be_shown_alone(self, canvas):
        canvas.session.select(["fc1", "fc2"])
        canvas.fit_selection()
        seen = canvas.view.visible_rect()
        assert seen.contains(canvas.scene.nodes["fc1"].rect)
        middle = canvas.scene.bounds(["fc1", "fc2"]).center()
        assert abs(seen.center().x() - middle.x()) < 2

    def test_reveal_brings_a_layer_into_view_and_flashes(self, canvas, qtbot):
        canvas.view.look_at(QRectF(5000, 5000, 10, 10), 1.0)
        canvas.reveal("fc2")
        node = canvas.scene.nodes["fc2"]
        assert canvas.view.visible_rect().contains(node.rect)
        assert node.flash > 0.5
        qtbot.waitUntil(lambda: node.flash == 0, timeout=3000)

    def test_dragging_in_the_minimap_moves_the_view(self, canvas):
        canvas.zoom_reset()
        canvas.view.look_at(canvas.scene.nodes["input1"].rect, 2.0)
        before = canvas.view.visible_rect()
        canvas.grab()
        frame = canvas.minimap._frame().center().toPoint()
        QTest.mousePress(canvas.minimap, Qt.MouseButton.LeftButton, pos=frame)
        QTest.mouseMove(canvas.minimap, frame + QPointF(30, 0).toPoint())
        QTest.mouseRelease(canvas.minimap, Qt.MouseButton.LeftButton, pos=frame + QPointF(30, 0).toPoint())
        assert canvas.view.visible_rect().left() > before.left() + 50


class TestTheKeyboard:
    def test_tab_moves_on_to_the_next_panel(self, qtbot):
        window = QWidget()
        qtbot.addWidget(window)
        row = QHBoxLayout(window)
        canvas, field = Canvas(Session(lenet())), QLineEdit()
        CanvasKeys(canvas)
        row.addWidget(canvas)
        row.addWidget(field)
        with qtbot.waitExposed(window):
            window.show()
        canvas.setFocus()
        assert canvas.view.hasFocus()
        key(canvas, Qt.Key.Key_Tab)
        assert field.hasFocus()
        QTest.keyClick(field, Qt.Key.Key_Backtab)
        assert canvas.view.hasFocus()

    def test_keys_of_nobody_are_passed_on(self, canvas):
        event = QKeyEvent(QEvent.Type.KeyPress, Qt.Key.Key_G, Qt.KeyboardModifier.NoModifier, "g")
        QApplication.sendEvent(canvas.view, event)
        assert not event.isAccepted()


class TestWalking:
    def walk(self, canvas, *keys):
        for pressed in keys:
            key(canvas, pressed)
        return canvas.session.selection

    def test_arrows_follow_the_flow_also_in_rows_that_run_to_the_left(self, canvas):
        right, left = Qt.Key.Key_Right, Qt.Key.Key_Left
        assert self.walk(canvas, right) == ("input1",)
        assert self.walk(canvas, right, right, right) == ("pool1",)
        assert self.walk(canvas, right, right, right, right) == ("flat1",)
        assert self.walk(canvas, left) == ("fc1",)
        assert self.walk(canvas, right) == ("flat1",)
        assert self.walk(canvas, Qt.Key.Key_Up) == ("pool2",)
        assert self.walk(canvas, left) == ("relu2",)

    def test_shift_takes_layers_along(self, canvas):
        canvas.session.select(["conv1"])
        key(canvas, Qt.Key.Key_Right, SHIFT)
        key(canvas, Qt.Key.Key_Right, SHIFT)
        assert canvas.session.selection == ("conv1", "relu1", "pool1")

    def test_where_nothing_follows_it_stays(self, canvas):
        canvas.session.select(["fc3"])
        assert self.walk(canvas, Qt.Key.Key_Left) == ("fc3",)

    def test_up_and_down_change_branches(self, opened):
        from core.graph.edits import add_layer

        document = chain(INPUT, CONV)
        document, _ = add_layer(document, *CONV, source="input1")
        canvas = opened(document)
        canvas.session.select(["conv1"])
        down = canvas.scene.nodes["conv2"].y() > canvas.scene.nodes["conv1"].y()
        assert self.walk(canvas, Qt.Key.Key_Down if down else Qt.Key.Key_Up) == ("conv2",)
