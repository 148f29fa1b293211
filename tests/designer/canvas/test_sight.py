"""What is added can be seen, and a drawing that was seen as a whole is so still."""

import pytest
from PySide6.QtCore import QPoint, QRectF

from core.graph.edits import add_layer, disconnect
from core.graph.values import Document
from core.io.templates import load_template
from designer.palette import add_after_selection
from tests.designer.canvas.hands import lenet


def seen(canvas, rect=None):
    return canvas.view.visible_rect().contains(canvas.scene.bounds() if rect is None else rect)


def test_a_drawing_seen_as_a_whole_stays_so_when_a_row_grows(canvas):
    assert seen(canvas)
    zoom = canvas.view.zoom
    for _ in range(3):
        canvas.session.select(["conv2"])
        add_after_selection(canvas.session, "Conv2D")
    assert seen(canvas)
    assert canvas.view.zoom < zoom


def test_what_leaves_the_drawing_in_sight_does_not_move_the_view(canvas):
    canvas.view.set_zoom(canvas.view.zoom * 0.6)
    before = canvas.view.visible_rect()
    canvas.session.select(["fc3"])
    add_after_selection(canvas.session, "ReLU")
    assert canvas.view.visible_rect() == before


def test_looking_at_a_part_the_new_layer_comes_into_sight_and_the_scale_stays(canvas):
    canvas.zoom_reset()
    canvas.view.look_at(canvas.scene.nodes["input1"].rect, 1.5)
    canvas.session.select(["fc2"])
    id = add_after_selection(canvas.session, "ReLU")
    assert canvas.view.zoom == 1.5
    assert seen(canvas, canvas.scene.nodes[id].rect)
    assert not seen(canvas)


def test_edits_that_add_nothing_leave_the_view_alone(canvas):
    canvas.view.look_at(QRectF(9000, 9000, 1, 1), 1.0)
    before = canvas.view.visible_rect()
    canvas.session.edit("cut", disconnect(canvas.session.document, "conv2", 0))
    assert canvas.view.visible_rect() == before


def test_the_first_layer_of_all_comes_into_sight(opened):
    canvas = opened(Document())
    canvas.view.scroll_by(QPoint(9000, 9000))
    document, id = add_layer(canvas.session.document, "Input", position=(0, 0))
    canvas.session.edit("add", document)
    assert seen(canvas, canvas.scene.nodes[id].rect)


def test_what_was_fitted_is_fitted_when_the_canvas_gets_another_size(canvas):
    canvas.fit()
    before = canvas.view.zoom
    canvas.resize(700, 330)
    bounds = canvas.view.viewportTransform().mapRect(canvas.scene.bounds())
    assert canvas.view.zoom < before
    assert bounds.bottom() < canvas.minimap.y()
    canvas.resize(1200, 700)
    assert canvas.view.zoom == before


def test_a_sight_that_the_user_chose_stays(canvas):
    canvas.fit()
    canvas.view.set_zoom(0.8)
    canvas.resize(700, 330)
    assert canvas.view.zoom == 0.8


def test_an_empty_drawing_has_no_map(opened):
    canvas = opened(Document())
    assert not canvas.minimap.isVisible()
    canvas.session.edit("add", add_layer(canvas.session.document, "Input")[0])
    assert canvas.minimap.isVisible()
    canvas.session.undo()
    assert not canvas.minimap.isVisible()
    canvas.session.open(lenet(), None)
    assert canvas.minimap.isVisible()


def test_the_end_of_a_row_that_has_grown_is_still_entered_from_its_own_row(canvas):
    rows = canvas.scene.places()
    last = next(id for id in rows if canvas.scene.nodes[canvas.scene.fed_by(id)[0]].y() > rows[id][1] + 100)
    canvas.session.select(["pool1"])
    add_after_selection(canvas.session, "Conv2D")
    turn = canvas.scene.fed_by(last)[0]
    assert canvas.scene.nodes[last].x() > canvas.scene.nodes[turn].x()
    assert not canvas.scene.nodes[last].mirrored
    assert canvas.scene.nodes[turn].mirrored


@pytest.mark.parametrize("name", ["lenet5", "vgg16", "resnet50", "unet"])
@pytest.mark.parametrize("size", [(500, 240), (760, 380)])
def test_what_is_opened_can_be_read_and_begins_at_its_first_layer(opened, name, size):
    document = load_template(name)
    canvas = opened(document, size)
    first = document.graph.layers[0]
    assert not first.inputs
    assert canvas.view.zoom >= 0.5
    assert seen(canvas, canvas.scene.nodes[first.id].rect)
    canvas.resize(size[0] + 60, size[1] + 40)
    assert canvas.view.zoom >= 0.5
    assert seen(canvas, canvas.scene.nodes[first.id].rect)
    canvas.fit()
    assert seen(canvas)
