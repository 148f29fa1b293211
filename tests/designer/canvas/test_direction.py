"""A network drawn top-down: every gesture does there what it does for one that runs to the right."""

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QApplication

from core.graph.copying import copied
from core.graph.edits import move_layers
from core.graph.layouts import set_direction, set_route
from core.graph.opening import open_block
from core.graph.values import Layout, layers_by_id
from core.io.documents import loads
from core.io.templates import load_template
from core.io.writing import document_text
from designer.canvas.commands import arrange
from designer.canvas.commands.arrow_keys import step
from designer.canvas.commands.clipboard import Clipboard
from designer.canvas.gestures.gesture import Pointer
from designer.canvas.gestures.palette_drag import PaletteDrag
from designer.palette.adding import add_after_selection, add_network_at
from tests.designer.canvas.hands import (
    approach,
    chain,
    drag,
    in_port,
    inputs,
    lenet,
    out_port,
    release,
    residual,
    void,
)

SHORT = ("input1", "conv1", "relu1", "pool1")


@pytest.fixture
def canvas(opened):
    """LeNet-5, whose first column is input1, conv1, relu1, pool1."""
    canvas = opened(lenet())
    arrange.turn(canvas, "down")
    canvas.move_animation.stop()
    canvas.zoom_reset()
    canvas.view.centerOn(canvas.scene.nodes["relu1"])
    QApplication.processEvents()
    return canvas


def chips(gesture):
    return {chip.id: chip for chip in gesture._port_previews.chips}


class TestTheDrawing:
    def test_wires_leave_below_and_enter_above(self, canvas):
        for before, after in pairwise(SHORT):
            start, end = out_port(canvas, before), in_port(canvas, after)
            assert start.y() <= end.y()
            assert start.x() == end.x()
            assert canvas.scene.wires[after, 0].path().boundingRect().width() == 0

    def test_the_next_column_runs_up(self, canvas):
        nodes = canvas.scene.nodes
        last = [id for id in nodes if nodes[id].mirrored]
        assert last
        assert not set(last) & set(SHORT)
        assert all(nodes[id].out_point().y() < nodes[id].in_point(0).y() for id in last)

    def test_it_is_one_step_that_the_file_keeps(self, canvas):
        document = canvas.session.document
        assert loads(document_text(document)) == document
        assert canvas.session.undo_label == "arrange top-down"
        canvas.session.undo()
        assert canvas.session.document == lenet()
        assert canvas.scene.nodes["conv1"].out_point().x() > canvas.scene.nodes["conv1"].in_point(0).x()

    def test_several_inputs_lie_side_by_side_above(self, opened):
        canvas = opened(set_direction(residual(), "down"))
        node = canvas.scene.nodes["add1"]
        assert node.in_point(0).y() == node.in_point(1).y() == node.y()
        assert node.in_point(1).x() > node.in_point(0).x() == node.rect.center().x()

    def test_long_wires_pass_beside_what_is_in_their_way(self, opened):
        canvas = opened(set_direction(residual(), "down"))
        path = canvas.scene.wires["add1", 1].path()
        for other in ("relu1", "conv2"):
            node = canvas.scene.nodes[other]
            assert not any(node.drawn_rect.contains(path.pointAtPercent(i / 200)) for i in range(201))

    def test_a_wire_can_be_led_and_still_leaves_and_enters_upright(self, canvas):
        session = canvas.session
        session.edit("lead", set_route(session.document, "conv1", "input1", [(300, 140)]))
        path = canvas.scene.wires["conv1", 0].path()
        assert abs(path.slopeAtPercent(0.001)) > 20
        assert abs(path.slopeAtPercent(0.999)) > 20

    def test_the_insides_of_blocks_are_drawn_so_too(self, opened):
        canvas = opened(load_template("resnet18"))
        whole = canvas.session.document
        arrange.turn(canvas, "down")
        positions = canvas.session.document.layout.positions
        assert positions["halve128/conv1"][1] < positions["halve128/bn1"][1] < positions["halve128/conv2"][1]
        assert positions["halve128/conv1"][1] == positions["halve128/skip_conv"][1]
        canvas.session.undo()
        assert canvas.session.document == whole


class TestHands:
    def test_a_wire_is_drawn_from_below_to_above(self, opened):
        document = set_direction(chain(("Input", {"shape": [8, 8, 1]}), "ReLU", "ReLU"), "down")
        canvas = opened(move_layers(document, {"input1": (0, 0), "relu1": (40, 240), "relu2": (300, 240)}))
        drag(canvas, out_port(canvas, "input1"), in_port(canvas, "relu2"))
        assert inputs(canvas.session, "relu2") == ("input1",)

    def test_what_is_dropped_on_a_wire_makes_room_below(self, canvas):
        before = canvas.scene.places()
        drop(canvas, "BatchNorm", (out_port(canvas, "input1") + in_port(canvas, "conv1")) / 2)
        after = canvas.scene.places()
        nodes = canvas.scene.nodes
        assert inputs(canvas.session, "conv1") == ("bn1",)
        assert inputs(canvas.session, "bn1") == ("input1",)
        assert after["input1"] == before["input1"]
        assert after["conv1"][1] > before["conv1"][1]
        assert after["conv1"][0] == before["conv1"][0]
        assert nodes["input1"].rect.bottom() < nodes["bn1"].y()
        assert nodes["bn1"].rect.bottom() < nodes["conv1"].y()
        assert nodes["bn1"].line == nodes["conv1"].line

    def test_what_is_dropped_at_an_output_stands_below(self, canvas):
        last = list(canvas.scene.nodes)[-1]
        canvas.view.centerOn(canvas.scene.nodes[last])
        drop(canvas, "Dense", out_port(canvas, last))
        (new,) = canvas.session.selection
        nodes = canvas.scene.nodes
        assert inputs(canvas.session, new) == (last,)
        assert nodes[new].line == nodes[last].line
        assert nodes[new].mirrored == nodes[last].mirrored

    def test_the_ghost_has_its_port_above(self, canvas):
        gesture = hold(canvas, "MaxPool2D", out_port(canvas, "pool1") + QPointF(0, 60))
        ghost = canvas.scene.ghost
        assert ghost.isVisible()
        assert ghost.in_point() == ghost.pos() + QPointF(ghost.width / 2, 0)
        gesture.cancel()

    def test_promises_stand_beside_the_ports(self, canvas, qtbot):
        gesture = hold(canvas, "BatchNorm", void(canvas))
        qtbot.waitUntil(lambda: set(SHORT) <= set(chips(gesture)))
        for id in SHORT:
            assert chips(gesture)[id].pos().x() > canvas.scene.nodes[id].rect.right()
        gesture.cancel()

    def test_a_layer_that_is_moved_is_drawn_to_the_line_of_the_wires(self, canvas):
        rect = canvas.scene.nodes["relu1"].rect
        approach(canvas, rect.center(), rect.center() + QPointF(3, 70))
        assert canvas.scene.nodes["relu1"].line == canvas.scene.nodes["conv1"].line
        (guide,) = [guide.line() for guide in canvas.scene.guides if guide.isVisible() and guide.line().dx() == 0]
        assert guide.x1() == canvas.scene.nodes["conv1"].line
        release(canvas, rect.center() + QPointF(3, 70))

    def test_a_layer_added_behind_another_stands_below_it(self, canvas):
        canvas.session.select(["input1"])
        id = add_after_selection(canvas.session, "ReLU")
        nodes = canvas.scene.nodes
        assert nodes["input1"].rect.bottom() <= nodes[id].y() < nodes["conv1"].y()
        assert nodes[id].line == nodes["conv1"].line

    def test_down_follows_the_wires_and_right_leads_to_the_branch_beside(self, opened, canvas):
        assert step(canvas.scene, "input1", "down") == "conv1"
        assert step(canvas.scene, "conv1", "up") == "input1"
        canvas = opened(set_direction(loose(open_block(load_template("resnet18"), "stage2a/1/", {})), "down"))
        first, second = sorted(("conv1", "skip_conv"), key=lambda id: canvas.scene.nodes[id].x())
        assert step(canvas.scene, first, "right") == second
        assert step(canvas.scene, second, "left") == first

    def test_wires_in_line_are_upright(self, canvas):
        session = canvas.session
        session.edit("spread", move_layers(session.document, {"conv1": (83.0, 200.0)}))
        session.select(["input1", "conv1", "relu1"])
        arrange.align(canvas, "wires")
        assert len({canvas.scene.nodes[id].line for id in session.selection}) == 1

    def test_the_selection_alone_is_arranged_downwards(self, canvas):
        session = canvas.session
        session.edit("spread", move_layers(session.document, {"conv1": (400.0, 200.0), "relu1": (900.0, 20.0)}))
        session.select(["conv1", "relu1"])
        arrange.arrange_selection(canvas)
        nodes = canvas.scene.nodes
        assert nodes["conv1"].rect.bottom() <= nodes["relu1"].y()
        assert nodes["conv1"].line == nodes["relu1"].line

    def test_what_is_pasted_from_a_drawing_that_runs_right_runs_down(self, canvas):
        copies = copied(load_template("resnet18"), ["conv1", "bn1", "relu1", "pool1", "stage2a"])
        QApplication.clipboard().setText(document_text(copies))
        Clipboard(canvas).paste()
        nodes = [canvas.scene.nodes[id] for id in canvas.session.selection]
        assert len(nodes) == 5
        assert all(a.rect.bottom() <= b.y() and a.line == b.line for a, b in pairwise(nodes[:4]))
        positions = canvas.session.document.layout.positions
        assert positions["halve128/conv1"][1] < positions["halve128/bn1"][1]

    def test_a_template_that_runs_right_is_added_running_down(self, canvas):
        add_network_at(canvas.session, load_template("lenet5"), (2000.0, 0.0), canvas.scene.places())
        nodes = [canvas.scene.nodes[id] for id in canvas.session.selection]
        assert all(a.rect.bottom() <= b.y() and a.line == b.line for a, b in pairwise(nodes[:4]))


def loose(document):
    """The document without places."""
    return replace(document, layout=Layout())


def hold(canvas, kind, at):
    """Drag a palette entry over the canvas without letting go."""
    view = canvas.view
    gesture = PaletteDrag(view, kind)
    pointer = Pointer(QPointF(at), view.mapFromScene(at), Qt.KeyboardModifier.NoModifier)
    view.begin(gesture, pointer)
    gesture.update(pointer)
    return gesture


def drop(canvas, kind, at):
    gesture = hold(canvas, kind, at)
    pointer = Pointer(QPointF(at), canvas.view.mapFromScene(at), Qt.KeyboardModifier.NoModifier)
    canvas.view.finish(pointer)
    assert layers_by_id(canvas.session.document.graph)
    return gesture
