"""Notes, frames and the ways of wires, with mouse and keys."""

from itertools import combinations

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest

from core.graph.edits import move_layers
from core.graph.layouts import add_note, notes_by_key
from core.graph.values import Note
from designer import theme
from designer.canvas.commands.arrange import arrange_all
from designer.canvas.commands.notes import colour_notes, frame_selection, straighten_wires, write_note
from designer.canvas.gestures.noting import LEAST
from tests.designer.canvas.hands import approach, body, drag, key

CTRL = Qt.KeyboardModifier.ControlModifier


def written(canvas, text):
    editor = canvas._editor
    QTest.keyClicks(editor, text)
    return editor


@pytest.fixture
def note(canvas):
    """A note below the layers, selected."""
    write_note(canvas)
    QTest.keyClick(written(canvas, "First filters"), Qt.Key.Key_Return, CTRL)
    (item,) = canvas.scene.notes.items.values()
    document = canvas.session.document
    assert item.note.text == "First filters"
    assert document.graph.layers
    return item


class TestNotes:
    def test_a_note_is_drawn_and_written(self, canvas, note):
        assert canvas.session.undo_label == "write note"
        assert canvas.view.selection.notes == (("cards", 0),)
        assert canvas.view.hasFocus()
        canvas.session.undo()
        assert note.note.text == ""
        canvas.session.undo()
        assert not canvas.scene.notes.items

    def test_notes_go_out_of_the_way_of_layers_that_are_arranged(self, canvas):
        session = canvas.session
        document = move_layers(session.document, {id: (x + 4000, y) for id, (x, y) in canvas.scene.places().items()})
        for at in ((8.0, 8.0), (40.0, 16.0), (-800.0, 0.0)):
            document, _ = add_note(document, "cards", Note(at, (160.0, 64.0), "A word"))
        session.edit("spread", document)
        arrange_all(canvas)
        canvas.move_animation.stop()
        notes = [item.rect for item in canvas.scene.notes.items.values()]
        assert notes[2].topLeft() == QPointF(-800, 0)
        rects = [*notes, *(node.rect for node in canvas.scene.nodes.values())]
        assert not any(a.intersects(b) for a, b in combinations(rects, 2))
        session.undo()
        assert session.document == document

    def test_esc_leaves_a_note_as_it_was(self, canvas, note):
        canvas.edit_note()
        QTest.keyClick(written(canvas, "Other"), Qt.Key.Key_Escape)
        assert note.note.text == "First filters"

    def test_a_note_is_dragged_and_made_larger(self, canvas, note):
        place = QPointF(8.0, 480.0)
        drag(canvas, note.rect.center(), note.rect.center() + place - note.rect.topLeft())
        assert canvas.session.document.layout.cards[0].at == (8.0, 480.0)
        assert canvas.session.undo_label == "move note “First filters”"
        drag(canvas, note.corner.center(), note.corner.center() + QPointF(80, 40))
        assert canvas.session.document.layout.cards[0].size == (272.0, 136.0)
        canvas.session.undo()
        canvas.session.undo()
        assert note.rect.topLeft() != place

    def test_esc_puts_a_dragged_note_back(self, canvas, note):
        before = note.rect
        approach(canvas, note.rect.center(), note.rect.center() + QPointF(0, 160))
        assert note.rect != before
        QTest.keyClick(canvas.view, Qt.Key.Key_Escape)
        assert note.rect == before
        assert canvas.session.undo_label == "write note"

    def test_keys_move_and_delete_it(self, canvas, note):
        before = note.rect.topLeft()
        QTest.keyPress(canvas.view, Qt.Key.Key_Down, CTRL)
        QTest.keyRelease(canvas.view, Qt.Key.Key_Control)
        assert note.rect.topLeft() == before + QPointF(0, 8)
        assert canvas.session.undo_label == "move notes"
        key(canvas, Qt.Key.Key_Delete)
        assert canvas.session.undo_label == "delete note “First filters”"
        assert canvas.session.document.layout.cards == ()
        assert canvas.view.selection.notes == ()

    def test_keys_make_it_larger_and_smaller_as_one_step(self, canvas, note):
        before = note.rect.size()
        for direction in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down):
            QTest.keyPress(canvas.view, direction, CTRL | Qt.KeyboardModifier.ShiftModifier)
        QTest.keyRelease(canvas.view, Qt.Key.Key_Control)
        assert canvas.session.document.layout.cards[0].size == (before.width() + 16, before.height() + 8)
        assert canvas.session.undo_label == "resize note “First filters”"
        canvas.session.undo()
        assert note.rect.size() == before
        for _ in range(40):
            QTest.keyPress(canvas.view, Qt.Key.Key_Up, CTRL | Qt.KeyboardModifier.ShiftModifier)
        assert note.rect.height() == LEAST
        QTest.keyClick(canvas.view, Qt.Key.Key_Escape)
        assert note.rect.size() == before

    def test_a_note_gets_another_hue(self, canvas, note):
        colour_notes(canvas, "teal")
        assert canvas.session.document.layout.cards[0].color == "teal"
        assert canvas.session.undo_label == "colour note “First filters”"

    def test_selecting_a_layer_deselects_a_note(self, canvas, note):
        canvas.session.select(["conv1"])
        assert canvas.view.selection.notes == ()
        assert not note.chosen


class TestFrames:
    @pytest.fixture
    def frame(self, canvas):
        canvas.view.selection.select(["conv1", "relu1", "pool1"])
        frame_selection(canvas)
        QTest.keyClick(written(canvas, "Stage 1"), Qt.Key.Key_Return)
        return canvas.scene.notes.items["frames", 0]

    def test_it_is_drawn_around_the_selection(self, canvas, frame):
        assert frame.note.text == "Stage 1"
        inside = [node.id for node in canvas.scene.nodes.values() if frame.rect.contains(node.rect)]
        assert inside == ["conv1", "relu1", "pool1"]

    def test_what_lies_in_it_moves_along(self, canvas, frame):
        before = canvas.scene.places()
        handle = frame.text_rect.center()
        drag(canvas, handle, handle + QPointF(0, 400))
        after = canvas.scene.places()
        by = {(after[id][0] - before[id][0], after[id][1] - before[id][1]) for id in ("conv1", "relu1", "pool1")}
        assert len(by) == 1
        assert by.pop()[1] > 300
        assert after["input1"] == before["input1"]
        canvas.session.undo()
        assert canvas.scene.places() == before

    def test_within_it_is_the_canvas(self, canvas, frame):
        canvas.view.selection.select(())
        corner = frame.rect.topLeft() + QPointF(6, 60)
        drag(canvas, corner, frame.rect.bottomRight() - QPointF(20, 20))
        assert set(canvas.session.selection) >= {"conv1", "relu1", "pool1"}

    def test_it_stays_around_its_layers_when_they_are_arranged(self, canvas, frame):
        handle = frame.text_rect.center()
        drag(canvas, handle, handle + QPointF(80, 600))
        arrange_all(canvas)
        inside = [node.id for node in canvas.scene.nodes.values() if frame.rect.contains(node.rect)]
        assert inside == ["conv1", "relu1", "pool1"]

    def test_deleting_it_leaves_its_layers(self, canvas, frame):
        graph = canvas.session.document.graph
        key(canvas, Qt.Key.Key_Delete)
        assert canvas.session.document.graph is graph
        assert canvas.session.document.layout.frames == ()

    def test_a_double_click_on_its_title_names_it(self, canvas, frame):
        at = canvas.view.mapFromScene(frame.text_rect.center())
        QTest.mouseDClick(canvas.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
        QTest.keyClick(written(canvas, "Two"), Qt.Key.Key_Return)
        assert canvas.session.document.layout.frames[0].text == "Two"


class TestWays:
    def middle(self, canvas, key=("conv1", 0)):
        return canvas.scene.wires[key].path().pointAtPercent(0.5)

    def test_a_wire_is_led_through_a_point(self, canvas):
        at = self.middle(canvas)
        drag(canvas, at, at + QPointF(0, -80))
        (way,) = canvas.session.document.layout.routes.values()
        wire = canvas.scene.wires["conv1", 0]
        assert canvas.session.document.layout.routes.keys() == {"conv1<-input1"}
        assert wire.distance(QPointF(*way[0])) < 1
        assert canvas.view.selection.wires == (("conv1", 0),)
        assert len(wire.childItems()) == 1
        drag(canvas, QPointF(*way[0]), QPointF(*way[0]) + QPointF(0, -40))
        assert canvas.session.document.layout.routes["conv1<-input1"][0][1] == way[0][1] - 40
        canvas.session.undo()
        canvas.session.undo()
        assert wire.points == ()
        assert wire.childItems() == []

    def test_a_point_in_line_goes(self, canvas):
        at = self.middle(canvas)
        drag(canvas, at, at + QPointF(0, -80))
        point = QPointF(*canvas.scene.wires["conv1", 0].points[0])
        start, end = canvas.scene.wires["conv1", 0].ends()
        drag(canvas, point, (start + end) / 2)
        assert canvas.session.document.layout.routes == {}

    def test_esc_leaves_the_wire(self, canvas):
        at = self.middle(canvas)
        path = canvas.scene.wires["conv1", 0].path()
        approach(canvas, at, at + QPointF(0, -80))
        assert canvas.scene.wires["conv1", 0].path() != path
        QTest.keyClick(canvas.view, Qt.Key.Key_Escape)
        assert canvas.scene.wires["conv1", 0].path() == path
        assert canvas.session.undo_label is None

    def test_points_move_with_the_layers_at_both_ends(self, canvas):
        at = self.middle(canvas)
        drag(canvas, at, at + QPointF(0, -80))
        x, y = canvas.scene.wires["conv1", 0].points[0]
        before = canvas.scene.places()["conv1"]
        canvas.view.selection.select(["input1", "conv1"])
        drag(canvas, body(canvas, "conv1"), body(canvas, "conv1") + QPointF(0, 240))
        layout = canvas.session.document.layout
        by = layout.positions["conv1"][0] - before[0], layout.positions["conv1"][1] - before[1]
        assert by[1] > 200
        assert layout.routes["conv1<-input1"] == ((x + by[0], y + by[1]),)

    def test_straightening_and_arranging_let_wires_run_by_themselves(self, canvas):
        path = canvas.scene.wires["conv1", 0].path()
        at = self.middle(canvas)
        drag(canvas, at, at + QPointF(0, -80))
        straighten_wires(canvas)
        assert canvas.scene.wires["conv1", 0].path() == path
        canvas.session.undo()
        arrange_all(canvas)
        assert canvas.session.document.layout.routes == {}

    def test_taking_the_layer_away_takes_the_way(self, canvas):
        at = self.middle(canvas)
        drag(canvas, at, at + QPointF(0, -80))
        canvas.session.select(["conv1"])
        key(canvas, Qt.Key.Key_Delete)
        assert canvas.session.document.layout.routes == {}
        canvas.session.undo()
        assert canvas.scene.wires["conv1", 0].points


@pytest.mark.parametrize("name", ["dark", "light"])
def test_words_are_painted(canvas, note, name):
    theme.set_theme(name)
    image = QImage(note.rect.size().toSize(), QImage.Format.Format_RGB888)
    painter = QPainter(image)
    canvas.scene.render(painter, image.rect().toRectF(), note.rect)
    painter.end()
    assert len({image.pixel(x, y) for x in range(0, 120) for y in range(8, 24)}) > 10
    assert list(notes_by_key(canvas.session.document.layout)) == [("cards", 0)]
