"""Palette entries over the canvas: where they would go, what they would give, and what a drop does."""

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from core.graph.edits import move_layers, set_outputs
from designer.session.mime import kind_mime
from tests.designer.canvas.hands import (
    CONV,
    INPUT,
    chain,
    in_port,
    inputs,
    key,
    on_screen,
    out_port,
    picture,
    residual,
    void,
)

NOTHING = Qt.KeyboardModifier.NoModifier
BUTTON = Qt.MouseButton.LeftButton
COPY = Qt.DropAction.CopyAction


class Hand:
    """Drags one thing over a canvas with events of its own; offscreen, Qt's drag ends at once."""

    def __init__(self, canvas, mime):
        self.canvas, self.mime, self.inside = canvas, mime, False

    def over(self, point):
        kinds = [QDragMoveEvent] if self.inside else [QDragEnterEvent, QDragMoveEvent]
        for kind in kinds:
            self.last = kind(on_screen(self.canvas, point), COPY, self.mime, BUTTON, NOTHING)
            QApplication.sendEvent(self.canvas.view.viewport(), self.last)
        self.inside = True
        return self

    def drop(self, point):
        self.over(point)
        event = QDropEvent(QPointF(on_screen(self.canvas, point)), COPY, self.mime, BUTTON, NOTHING)
        QApplication.sendEvent(self.canvas.view.viewport(), event)

    def leave(self):
        QApplication.sendEvent(self.canvas.view.viewport(), QDragLeaveEvent())


@pytest.fixture
def hand():
    """Return a function that takes an entry of a kind, or something else, into a hand over a canvas."""
    hands = []

    def take(canvas, what):
        hands.append(Hand(canvas, kind_mime(what) if isinstance(what, str) else what))
        return hands[-1]

    yield take
    for taken in hands:
        taken.leave()  # Qt remembers the widget below a drag until the drag ends


def ghost(canvas):
    return canvas.scene.ghost


def between(canvas, source, fed, port=0):
    return (out_port(canvas, source) + in_port(canvas, fed, port)) / 2


class TestOnEmptyGround:
    def test_a_layer_appears_at_the_mouse_on_the_grid_and_is_selected(self, opened, hand):
        canvas = opened(chain())
        hand(canvas, "Input").drop(QPointF(103, 57))
        assert canvas.session.document.layout.positions == {"input1": (24.0, 16.0)}
        assert canvas.session.selection == ("input1",)
        assert canvas.session.undo_label == "add Input"
        assert canvas.view.hasFocus()

    def test_far_from_everything_it_stays_unconnected(self, canvas, hand):
        far = canvas.scene.bounds().bottomLeft() + QPointF(100, 900)
        canvas.view.look_at(canvas.scene.bounds().united(canvas.scene.bounds().translated(0, 900)), 0.5)
        hand(canvas, "Conv2D").over(far)
        assert ghost(canvas).text == "not connected: drop it on a wire\nor near an output"
        assert not ghost(canvas).refused
        assert not canvas.scene.loose.isVisible()
        hand(canvas, "Conv2D").drop(far)
        assert inputs(canvas.session, "conv3") == ()

    def test_all_places_are_written_with_the_first_one(self, canvas, hand):
        before = canvas.scene.places()
        hand(canvas, "Input").drop(void(canvas))
        assert canvas.session.document.layout.positions | before == canvas.session.document.layout.positions
        canvas.session.undo()
        assert canvas.session.document.layout.positions == {}
        assert canvas.scene.places() == before


class TestNearAnOutput:
    def test_the_nearest_output_that_suits_gets_a_dashed_wire_and_feeds_it(self, opened, hand):
        canvas = opened(chain(INPUT, CONV))
        place = in_port(canvas, "conv1") + QPointF(80, 300)
        dragging = hand(canvas, "MaxPool2D")
        dragging.over(place)
        assert canvas.scene.loose.isVisible()
        assert canvas.scene.loose.path().elementAt(0).x == out_port(canvas, "conv1").x()
        assert ghost(canvas).text == "would give 14×14×6\nno parameters"
        dragging.drop(place)
        assert inputs(canvas.session, "pool1") == ("conv1",)
        assert not canvas.scene.loose.isVisible()
        assert not ghost(canvas).isVisible()

    def test_the_ghost_counts_what_would_be_added(self, opened, hand):
        canvas = opened(chain(INPUT))
        hand(canvas, "Conv2D").over(out_port(canvas, "input1") + QPointF(200, 100))
        assert (ghost(canvas).title, ghost(canvas).refused) == ("Conv2D", False)
        assert ghost(canvas).text == "would give 26×26×32\n+320 parameters · +194.7 k MACs"

    def test_an_output_of_another_rank_is_passed_over(self, opened, hand):
        canvas = opened(chain(INPUT, "Flatten"))
        hand(canvas, "Conv2D").over(out_port(canvas, "flat1") + QPointF(120, 40))
        assert canvas.scene.loose.path().elementAt(0).x == out_port(canvas, "input1").x()

    def test_right_at_an_output_it_is_connected_even_where_that_is_wrong_and_says_so(self, opened, hand):
        canvas = opened(chain(INPUT, "Flatten"))
        said = []
        canvas.hint.connect(said.append)
        dragging = hand(canvas, "Conv2D").over(out_port(canvas, "flat1") + QPointF(10, 5))
        assert ghost(canvas).refused
        assert ghost(canvas).text.startswith(
            "Conv2D needs an image (height × width × channels), but flat1 gives 784 features."
        )
        assert said[-1].startswith("Conv2D needs an image")
        dragging.drop(out_port(canvas, "flat1") + QPointF(10, 5))
        assert inputs(canvas.session, "conv1") == ("flat1",)
        assert said[-1] == ""

    def test_it_then_stands_beside_that_output(self, opened, hand):
        canvas = opened(chain(INPUT))
        hand(canvas, "Conv2D").drop(out_port(canvas, "input1") + QPointF(10, 5))
        assert canvas.session.document.layout.positions == {"input1": (0, 0), "conv1": (216, 0)}

    def test_an_input_takes_no_wire(self, opened, hand):
        canvas = opened(chain(INPUT))
        hand(canvas, "Input").over(out_port(canvas, "input1") + QPointF(10, 5))
        assert not canvas.scene.loose.isVisible()
        assert ghost(canvas).port_side == 0

    def test_a_named_output_moves_on_to_what_it_feeds(self, opened, hand):
        canvas = opened(set_outputs(chain(INPUT, "Flatten", ("Dense", {"units": 10})), ("fc1",)))
        hand(canvas, "Softmax").drop(out_port(canvas, "fc1") + QPointF(10, 5))
        assert canvas.session.document.graph.outputs == ("softmax1",)


class TestOnAWire:
    def test_it_is_inserted_and_those_ahead_make_room(self, canvas, hand):
        before = canvas.scene.places()
        dragging = hand(canvas, "Conv2D").over(between(canvas, "pool1", "conv2"))
        assert canvas.scene.wires["conv2", 0].aimed
        dragging.drop(between(canvas, "pool1", "conv2"))
        assert inputs(canvas.session, "conv3") == ("pool1",)
        assert inputs(canvas.session, "conv2") == ("conv3",)
        assert canvas.session.undo_label == "insert Conv2D"
        after = canvas.scene.places()
        assert after["conv3"] == before["conv2"]
        assert after["conv2"] == (before["conv2"][0] + 216, before["conv2"][1])
        assert after["pool2"] == (before["pool2"][0] + 216, before["pool2"][1])
        assert {id: after[id] for id in ("input1", "conv1", "pool1", "flat1", "fc3")} == {
            id: before[id] for id in ("input1", "conv1", "pool1", "flat1", "fc3")
        }
        canvas.session.undo()
        assert canvas.scene.places() == before
        assert not canvas.scene.wires["conv2", 0].aimed

    def test_a_pill_fits_between_two_cards(self, canvas, hand):
        before = canvas.scene.places()
        hand(canvas, "Tanh").drop(between(canvas, "pool1", "conv2"))
        assert canvas.scene.places() == before | {"tanh1": (before["pool1"][0] + 152, before["pool1"][1] + 24)}

    def test_in_a_row_to_the_left_room_is_made_to_the_left(self, canvas, hand):
        before = canvas.scene.places()
        hand(canvas, "Dense").drop(between(canvas, "flat1", "fc1"))
        after = canvas.scene.places()
        assert after["fc4"] == before["fc1"]
        assert after["fc3"] == (before["fc3"][0] - 216, before["fc3"][1])
        assert after["conv1"] == before["conv1"]

    def test_what_it_would_spoil_further_on_is_said(self, canvas, hand):
        hand(canvas, "Flatten").over(between(canvas, "pool1", "conv2"))
        assert ghost(canvas).refused
        assert ghost(canvas).text.startswith("conv2: Conv2D needs an image")

    def test_a_layer_that_takes_no_input_is_not_inserted(self, canvas, hand):
        hand(canvas, "Input").drop(between(canvas, "pool1", "conv2"))
        assert inputs(canvas.session, "conv2") == ("pool1",)

    def test_into_the_right_one_of_several_inputs(self, opened, hand):
        canvas = opened(residual())
        path = canvas.scene.wires["add1", 1].path()
        hand(canvas, "Tanh").drop(path.pointAtPercent(0.5))
        assert inputs(canvas.session, "add1") == ("conv2", "tanh1")
        assert inputs(canvas.session, "tanh1") == ("conv1",)


class TestComingAndGoing:
    def test_leaving_leaves_no_trace(self, canvas, hand):
        document, before = canvas.session.document, picture(canvas)
        dragging = hand(canvas, "Conv2D").over(between(canvas, "pool1", "conv2"))
        assert picture(canvas) != before
        dragging.leave()
        assert picture(canvas) == before
        assert canvas.session.document is document

    def test_esc_ends_it_too(self, canvas, hand):
        before = picture(canvas)
        hand(canvas, "Conv2D").over(void(canvas))
        key(canvas, Qt.Key.Key_Escape)
        assert picture(canvas) == before

    def test_other_things_are_not_taken(self, canvas, hand):
        mime = QMimeData()
        mime.setText("Conv2D")
        dragging = hand(canvas, mime).over(void(canvas))
        assert not dragging.last.isAccepted()
        dragging.drop(void(canvas))
        assert canvas.session.undo_label is None

    def test_following_the_mouse_checks_nothing_twice(self, canvas, monkeypatch, hand):
        asked = []
        preview = canvas.session.preview
        monkeypatch.setattr(canvas.session, "preview", lambda document: asked.append(1) or preview(document))
        dragging = hand(canvas, "Conv2D")
        point = between(canvas, "pool1", "conv2")
        for step in range(-3, 4):
            dragging.over(point + QPointF(step, step))
        assert len(asked) == 1

    @pytest.mark.parametrize("kind", ["Conv2D", "Add", "Input", "Dropout", "NoSuchKind"])
    def test_every_kind_can_be_dropped_anywhere(self, opened, kind, hand):
        canvas = opened(move_layers(chain(INPUT, CONV), {"input1": (0, 0)}))
        for point in (QPointF(-300, 300), between(canvas, "input1", "conv1"), out_port(canvas, "conv1")):
            hand(canvas, kind).drop(point)
        assert len(canvas.session.document.graph.layers) == 5
