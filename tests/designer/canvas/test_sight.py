"""What is added can be seen, and a drawing that was seen as a whole is so still."""

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt

from core.graph.edits import add_layer, disconnect, move_layers
from core.graph.values import Document
from core.io.templates import load_template
from designer.canvas.canvas import OPENING_ZOOM
from designer.palette import add_after_selection
from tests.designer.canvas.hands import lenet
from tests.drawing import chain


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
    canvas.resize(700, 380)
    bounds = canvas.view.viewportTransform().mapRect(canvas.scene.bounds())
    assert canvas.view.zoom < before
    assert bounds.bottom() < canvas.zoom_control.y()
    assert not canvas.minimap.isVisible()
    canvas.resize(1200, 700)
    assert canvas.view.zoom == before


def test_a_sight_that_the_user_chose_stays(canvas):
    canvas.fit()
    canvas.view.set_zoom(0.8)
    canvas.resize(700, 330)
    assert canvas.view.zoom == 0.8


def test_there_is_a_map_while_something_is_out_of_sight(opened):
    canvas = opened(Document())
    assert not canvas.minimap.isVisible()
    canvas.session.edit("add", add_layer(canvas.session.document, "Input")[0])
    assert not canvas.minimap.isVisible()
    canvas.session.open(lenet(), None)
    canvas.view.set_zoom(2.0)
    assert canvas.minimap.isVisible()
    canvas.fit()
    assert not canvas.minimap.isVisible()


@pytest.mark.parametrize("size", [(766, 340), (942, 292)], ids=["1280x720", "1024x640"])
def test_lenet_opens_with_nothing_over_its_cards(opened, size):
    canvas = opened(Document())
    canvas.resize(*size)
    canvas.session.open(lenet(), None)
    cards = [canvas.view.viewportTransform().mapRect(node.rect) for node in canvas.scene.nodes.values()]
    for part in (canvas.minimap, canvas.zoom_control, canvas.title):
        assert not part.isVisible() or not any(card.intersects(QRectF(part.geometry())) for card in cards), part


def test_the_end_of_a_row_that_has_grown_is_still_entered_from_its_own_row(canvas):
    rows = canvas.scene.places()
    last = next(id for id in rows if canvas.scene.nodes[canvas.scene.fed_by(id)[0]].y() > rows[id][1] + 100)
    canvas.session.select(["pool1"])
    add_after_selection(canvas.session, "Conv2D")
    turn = canvas.scene.fed_by(last)[0]
    assert canvas.scene.nodes[last].x() > canvas.scene.nodes[turn].x()
    assert not canvas.scene.nodes[last].mirrored
    assert canvas.scene.nodes[turn].mirrored


def far_apart(away=(90_000, -90_000)):
    """Two layers at the origin and two very far away."""
    drawn = chain([8, 8, 1], "Flatten", ("Dense", {"units": 10}), "Softmax")
    places = dict(
        zip(["input", "flat1", "fc2", "softmax3"], [(0, 0), (300, 0), away, (away[0] + 300, away[1])], strict=True)
    )
    return move_layers(drawn, places)


def in_sight(canvas):
    return {node.id for node in canvas.scene.nodes_in(canvas.view.visible_rect())}


def pointing(canvas):
    return {side: button.text() for side, button in canvas.far_layers.buttons.items() if button.isVisible()}


class TestFarAway:
    def test_fit_never_shows_the_emptiness_between(self, opened):
        canvas = opened(far_apart())
        assert in_sight(canvas) == {"input", "flat1"}
        canvas.view.look_at(QRectF(45_000, -45_000, 1, 1), 1.0)
        canvas.fit()
        assert in_sight(canvas) == {"input", "flat1"}
        assert canvas.view.zoom == 1.0

    @pytest.mark.parametrize(
        ("away", "side", "words"),
        [
            ((90_000, 0), "right", "2 layers far to the right →"),
            ((-90_000, 0), "left", "← 2 layers far to the left"),
            ((0, 900_000), "below", "↓ 2 layers far below"),
            ((0, -90_000), "above", "↑ 2 layers far above"),
        ],
    )
    def test_a_button_at_the_edge_says_what_is_there_and_goes_there(self, opened, qtbot, away, side, words):
        canvas = opened(far_apart(away))
        assert pointing(canvas) == {side: words}
        button = canvas.far_layers.buttons[side]
        assert canvas.rect().contains(button.geometry())
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        assert in_sight(canvas) == {"fc2", "softmax3"}
        assert not canvas.scene.nodes["fc2"].rect.intersects(canvas.scene.nodes["softmax3"].rect)
        back = {"right": "left", "left": "right", "above": "below", "below": "above"}[side]
        assert list(pointing(canvas)) == [back]

    def test_where_nothing_is_in_sight_the_way_back_is_pointed_at(self, canvas):
        assert not pointing(canvas)
        canvas.view.scroll_by(QPoint(9000, 0))
        n = len(canvas.scene.nodes)
        assert pointing(canvas) == {"left": f"← {n} layers to the left"}
        canvas.far_layers.buttons["left"].click()
        assert seen(canvas)
        assert not pointing(canvas)

    def test_what_is_brought_back_is_no_longer_pointed_at(self, opened):
        canvas = opened(far_apart())
        canvas.session.edit("move", move_layers(canvas.session.document, {"fc2": (600, 0), "softmax3": (800, 0)}))
        assert not pointing(canvas)

    def test_a_drawing_that_is_merely_large_is_fitted_as_a_whole(self, opened):
        canvas = opened(load_template("resnet152"))
        canvas.fit()
        assert seen(canvas)
        assert not pointing(canvas)


class TestOpening:
    @pytest.mark.parametrize("name", ["vgg16", "resnet152", "googlenet", "unet", "alexnet"])
    @pytest.mark.parametrize("size", [(1200, 700), (900, 420), (560, 300)])
    def test_a_network_opens_in_a_size_that_can_be_read_beginning_at_its_input(self, opened, name, size):
        canvas = opened(load_template(name), size)
        assert canvas.view.zoom >= OPENING_ZOOM
        assert canvas.scene.detail == 0
        assert seen(canvas, next(iter(canvas.scene.nodes.values())).rect)

    def test_what_has_room_opens_as_a_whole(self, opened):
        assert seen(opened(lenet()))

    def test_it_stays_readable_when_the_window_shrinks_and_is_whole_when_there_is_room(self, opened):
        canvas = opened(lenet())
        canvas.resize(500, 300)
        assert canvas.view.zoom >= OPENING_ZOOM
        assert not seen(canvas)
        canvas.resize(1200, 700)
        assert seen(canvas)

    def test_fit_still_shows_all(self, opened):
        canvas = opened(load_template("vgg16"), (900, 420))
        canvas.fit()
        assert seen(canvas)
        assert canvas.view.zoom < OPENING_ZOOM


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
