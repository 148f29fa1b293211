"""The drawing follows the document: what changed is brought up to date, what did not is left alone."""

import gc
import json
import weakref

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF
from PySide6.QtGui import QAccessible, QImage, QPainter
from PySide6.QtWidgets import QGraphicsItem

from core.analysis.check import check
from core.graph.edits import add_layer, connect, move_layers, remove_layers, replace_kind, set_config
from core.graph.values import FARTHEST, Block, Document, Graph, Layer, Unreadable, make_spec
from core.io.documents import loads
from designer import theme
from designer.canvas import Canvas
from designer.canvas.commands.arrange import arrange_all
from designer.canvas.commands.keys import CanvasKeys
from designer.canvas.drawing.node_content import NodeContents, spoken, verdicts
from designer.canvas.drawing.painting import paint_card
from designer.canvas.drawing.sizes import LOW, TALL
from designer.canvas.drawing.tips import tip
from designer.canvas.drawing.wire import Wire
from designer.session import Session
from tests.designer.canvas.hands import CONV, INPUT, chain, lenet, residual


def content(document, id):
    return NodeContents().update(document, check(document))[id]


def pixels(image):
    image = image.convertToFormat(QImage.Format.Format_RGB32)
    return np.array(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine() // 4, 4)[:, :, 2::-1]


def painted(canvas, id, scale=1.0):
    """The pixels (H, W, RGB) of one layer at a scale."""
    node = canvas.scene.nodes[id]
    image = QImage(int(node.box.width * scale) + 20, int(node.box.height * scale) + 20, QImage.Format.Format_RGB32)
    image.fill(theme.current().canvas)
    painter = QPainter(image)
    painter.translate(10, 10)
    painter.scale(scale, scale)
    node.paint(painter, None)
    painter.end()
    return pixels(image)


def shows(image, colour):
    rgb = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    return int((image == rgb).all(axis=-1).sum())


class TestFaces:
    def test_a_card_says_name_kind_settings_parameters_and_shape(self):
        found = content(lenet(), "conv1")
        assert (found.id, found.label_line, found.parameters, found.shape_line) == (
            "conv1", "Conv2D 6 · 5×5 · P 2", "156", "28×28×6",
        )  # fmt: skip
        assert (found.family, found.verdict, found.pill, found.spatial) == ("convolution", "", False, True)

    def test_layers_without_parameters_say_none(self):
        assert content(lenet(), "pool1").parameters == ""

    def test_element_wise_layers_are_pills(self):
        assert [id for id, found in NodeContents().update(lenet(), check(lenet())).items() if found.pill] == [
            "relu1", "relu2", "relu3", "relu4",
        ]  # fmt: skip

    def test_rows_of_features_get_low_cards(self, opened):
        canvas = opened(lenet())
        assert canvas.scene.nodes["conv1"].box.height == TALL
        assert canvas.scene.nodes["fc1"].box.height == canvas.scene.nodes["flat1"].box.height == LOW

    def test_an_unknown_kind_shows_its_name_and_a_warning_and_no_shape(self):
        document = Document(Graph((Layer("odd", Unreadable("Wavelet", {"scale": 2})),)))
        found = content(document, "odd")
        assert (found.label, found.shape_line, found.verdict, found.n_ports) == ("Wavelet", "?", "error", 1)

    def test_known_kinds_with_unreadable_settings_keep_their_family(self):
        document = set_config(lenet(), "conv1", {"filters": "six"})
        assert (content(document, "conv1").family, content(document, "conv1").label) == ("convolution", "Conv2D")

    def test_the_use_of_a_block_sums_what_is_inside_and_looks_stacked(self):
        block = Block(("x",), chain(("Conv2D", {"filters": 1, "kernel_size": 1})).graph.layers, ("conv1",))
        inner = (Layer("conv1", block.layers[0].spec, ("x",)),)
        use = Layer("stage", make_spec("Block", {"block": "residual", "repeat": 3})[0], ("input1",))
        graph = Graph((*chain(INPUT).graph.layers, use), None, {"residual": Block(("x",), inner, ("conv1",))})
        found = content(Document(graph), "stage")
        assert (found.label_line, found.parameters, found.shape_line) == ("residual × 3", "6", "28×28×1")
        assert found.stacked
        assert found.n_ports == 1

    def test_ports_follow_the_kind(self):
        document = residual()
        assert content(document, "input1").n_ports == 0
        assert content(document, "conv1").n_ports == 1
        assert (content(document, "add1").n_ports, content(document, "add1").may_grow) == (2, True)
        assert content(chain("Add"), "add1").n_ports == 2

    def test_the_gravest_problem_counts_and_notes_do_not(self):
        document = set_config(lenet(), "pool2", {"pool_size": 3, "stride": 3})
        assert verdicts(check(document))["pool2"] == "error"
        floor = set_config(document, "pool2", {"rounding": "floor"})
        assert "pool2" not in verdicts(check(floor))

    def test_faces_stay_the_same_objects_while_nothing_they_show_changes(self):
        document = lenet()
        report, contents = check(document), NodeContents()
        before = contents.update(document, report)
        wider = set_config(document, "conv1", {"kernel_size": 3, "padding": 1})
        after = contents.update(wider, check(wider, report))
        assert [id for id in after if after[id] is not before[id]] == ["conv1"]

    def test_layers_are_spoken_of_by_name_or_number(self):
        assert spoken(["conv1"]) == "conv1"
        assert spoken(["a", "b", "c"]) == "3 layers"

    def test_tips_tell_everything_even_strange_names(self):
        document = set_config(lenet(), "pool2", {"pool_size": 3, "stride": 3})
        report = check(document)
        words = tip(NodeContents().update(document, report)["pool2"], report)
        assert "MaxPool2D 3×3 · S 3" in words
        assert "does not fit" in words
        odd = Document(Graph((Layer("odd", Unreadable("<img>", {})),)))
        assert "&lt;img&gt;" in tip(content(odd, "odd"), check(odd))


class TestFollowingTheDocument:
    def test_only_what_changed_is_touched(self, canvas):
        nodes, wires = dict(canvas.scene.nodes), dict(canvas.scene.wires)
        contents = {id: node.content for id, node in nodes.items()}
        canvas.session.edit("set", set_config(canvas.session.document, "fc2", {"units": 50}))
        assert canvas.scene.nodes == nodes
        assert canvas.scene.wires == wires
        changed = {id for id, node in nodes.items() if node.content is not contents[id]}
        assert changed == {"fc2", "relu4", "fc3"}
        assert canvas.scene.nodes["fc2"].content.shape == (50,)

    def test_layers_and_wires_come_and_go_with_undo(self, canvas):
        document, id = add_layer(canvas.session.document, "Softmax", source="fc3")
        canvas.session.edit("add", document)
        assert canvas.scene.wires[id, 0].source == "fc3"
        canvas.session.undo()
        assert id not in canvas.scene.nodes
        assert (id, 0) not in canvas.scene.wires
        canvas.session.redo()
        assert canvas.scene.wires[id, 0].source == "fc3"

    def test_a_layer_that_comes_back_stands_where_it_stood_among_its_neighbours(self, canvas):
        session, nodes = canvas.session, canvas.scene.nodes
        session.edit("remove", remove_layers(session.document, ["conv1"]))
        session.undo()
        heights = [canvas.scene.nodes[id].zValue() for id in nodes]
        assert heights == sorted(set(heights))

    def test_a_card_may_become_a_pill(self, canvas):
        canvas.session.edit("replace", replace_kind(canvas.session.document, "pool2", "ReLU"))
        assert canvas.scene.nodes["pool2"].content.pill
        wire = canvas.scene.wires["pool2", 0].path()
        assert wire.currentPosition() == canvas.scene.nodes["pool2"].in_point(0)

    def test_dangling_inputs_have_a_port_but_no_wire(self, opened):
        canvas = opened(Document(Graph((Layer("a", make_spec("ReLU", {})[0], ("ghost",)),))))
        assert canvas.scene.wires == {}
        assert canvas.scene.nodes["a"].n_ports == 1

    def test_circles_are_drawn(self, opened):
        document = chain(INPUT, CONV, "ReLU")
        layers = document.graph.layers
        looped = Document(Graph((layers[0], Layer("conv1", layers[1].spec, ("relu1",)), layers[2])))
        canvas = opened(looped)
        assert set(canvas.scene.wires) == {("conv1", 0), ("relu1", 0)}
        assert canvas.scene.nodes["conv1"].content.verdict == "error"

    def test_rows_to_the_left_have_their_inputs_on_the_right(self, canvas):
        mirrored = {id for id, node in canvas.scene.nodes.items() if node.mirrored}
        assert mirrored == {"flat1", "fc1", "relu3", "fc2", "relu4", "fc3"}
        flat = canvas.scene.nodes["flat1"]
        assert flat.in_point(0).x() == flat.rect.right()
        wire = canvas.scene.wires["flat1", 0].path()
        assert wire.boundingRect().right() > flat.rect.right() + 10

    def test_a_short_cut_passes_over_what_it_cuts(self, opened):
        canvas = opened(residual())
        path = canvas.scene.wires["add1", 1].path()
        over = canvas.scene.nodes["conv2"].rect
        assert path.boundingRect().top() < over.top()
        assert not any(over.contains(path.pointAtPercent(i / 50)) for i in range(12, 45))

    def test_a_wire_makes_way_when_something_is_put_on_it(self, opened):
        document = chain(INPUT, CONV)
        document, _ = add_layer(document, "MaxPool2D")
        document = move_layers(document, {"input1": (0, 0), "conv1": (800, 0), "pool1": (400, 600)})
        canvas = opened(document)
        assert canvas.scene.wires["conv1", 0].path().boundingRect().height() == 0
        canvas.session.edit("move", move_layers(document, {"pool1": (400, 0)}))
        assert canvas.scene.wires["conv1", 0].path().boundingRect().height() > 40
        canvas.session.undo()
        assert canvas.scene.wires["conv1", 0].path().boundingRect().height() == 0

    def test_the_title_says_what_is_open(self, canvas):
        assert canvas.title._name.text() == "LeNet-5"
        assert canvas.title._facts.text() == "13 layers · on digits 28×28"
        canvas.session.open(Document(), None)
        assert (canvas.title._name.text(), canvas.title._facts.text()) == ("Untitled", "0 layers")

    def test_absurd_places_are_drawn_within_reach(self, opened):
        document = move_layers(chain(INPUT, CONV), {"input1": (1e300, float("nan")), "conv1": (-1e9, 5)})
        canvas = opened(document)
        canvas.fit()
        assert abs(canvas.scene.bounds().width()) < 2 * FARTHEST + 1000
        assert canvas.scene.nodes_in(canvas.view.visible_rect())

    def test_an_empty_document_can_be_looked_at(self, opened):
        canvas = opened(Document())
        canvas.fit()
        canvas.fit_selection()
        arrange_all(canvas)
        canvas.reveal("nothing")
        canvas.select_all()
        canvas.grab()
        assert canvas.view.zoom == 1
        assert canvas.blank.isVisible()
        canvas.session.open(lenet(), None)
        assert not canvas.blank.isVisible()

    def test_another_document_is_shown_as_a_whole(self, canvas):
        canvas.view.look_at(QRectF(5000, 5000, 10, 10), 2.0)
        canvas.session.open(residual(), None)
        assert canvas.view.visible_rect().contains(canvas.scene.bounds())

    def test_arranging_is_one_step_and_shows_everything(self, canvas):
        canvas.session.edit("move", move_layers(canvas.session.document, {"conv1": (3000, 2000)}))
        arrange_all(canvas)
        assert canvas.session.undo_label == "arrange layers"
        assert set(canvas.session.document.layout.positions) == set(canvas.scene.nodes)
        assert canvas.view.visible_rect().contains(canvas.scene.bounds())
        canvas.session.undo()
        assert canvas.scene.places()["conv1"] == (3000, 2000)

    def test_a_layer_put_in_elsewhere_stands_on_its_wire_or_beside_it(self, canvas):
        arrange_all(canvas)
        before = canvas.scene.places()
        from core.graph.edits import insert_layer

        canvas.session.edit("insert", insert_layer(canvas.session.document, "ReLU", before="conv2", id="new"))
        assert canvas.scene.places() == before | {"new": (before["pool1"][0] + 152, before["pool1"][1] + 24)}
        assert "new" not in canvas.session.document.layout.positions
        canvas.session.edit("insert", insert_layer(canvas.session.document, *CONV, before="conv2", id="big"))
        rect = canvas.scene.nodes["big"].rect
        others = [node for node in canvas.scene.nodes_in(rect) if node.id not in ("big", "new")]
        assert others == []


class TestLooks:
    def test_errors_and_advice_show_a_sign_and_a_border(self, opened):
        canvas = opened(set_config(lenet(), "pool2", {"pool_size": 3, "stride": 3}))
        right, wrong = painted(canvas, "pool1"), painted(canvas, "pool2")
        assert shows(right, theme.current().error) == 0
        assert shows(wrong, theme.current().error) > 100
        sign = wrong[-50:-20, -60:-20]
        assert shows(sign, theme.current().error) > 0

    @pytest.mark.parametrize("scale", [0.4, 0.2])
    def test_errors_are_told_apart_without_colour_from_afar_too(self, opened, scale):
        canvas = opened(set_config(lenet(), "pool2", {"pool_size": 3, "stride": 3}))
        right, wrong = (painted(canvas, id, scale)[14:-14, 18:-14].mean(axis=-1) for id in ("pool1", "pool2"))
        lower = slice(len(right) // 2, None)  # where no name stands
        assert np.ptp(right[lower]) < 5
        assert np.ptp(wrong[lower]) > 30

    def test_the_selection_has_a_border_in_the_accent(self, canvas):
        before = shows(painted(canvas, "pool1"), theme.current().accent)
        canvas.session.select(["pool1"])
        assert shows(painted(canvas, "pool1"), theme.current().accent) > before + 200

    @pytest.mark.parametrize("scale", [1.0, 0.4, 0.2])
    @pytest.mark.parametrize("id", ["conv1", "relu1", "fc1"])
    def test_there_is_something_to_see_at_every_scale(self, canvas, scale, id):
        image = painted(canvas, id, scale)
        assert len(np.unique(image.reshape(-1, 3), axis=0)) > 1

    def test_far_away_a_layer_is_one_rectangle_in_its_family_s_colour(self, canvas):
        image = painted(canvas, "conv1", 0.2)
        node = canvas.scene.nodes["conv1"]
        inner = image[12 : 8 + int(node.box.height * 0.2), 12 : 8 + int(node.box.width * 0.2)]
        assert len(np.unique(inner.reshape(-1, 3), axis=0)) == 1

    def test_both_themes_are_taken_at_once(self, canvas, qtbot):
        dark = pixels(canvas.grab().toImage())
        theme.set_theme("light")
        light = pixels(canvas.grab().toImage())
        assert dark.mean() < 80
        assert light.mean() > 180
        assert shows(light, theme.LIGHT.card) > 1000
        assert shows(light, theme.DARK.card) == 0

    def test_maps_are_painted_on_visible_cards_alone(self, canvas, monkeypatch):
        from designer.canvas.drawing import thumbnail

        made = []
        colourise = thumbnail.colourise
        monkeypatch.setattr(thumbnail, "colourise", lambda *given: made.append(1) or colourise(*given))
        canvas.view.look_at(canvas.scene.nodes["input1"].rect, 3.0)
        maps = {id: np.ones((4, 4, 3), np.float32) for id in canvas.scene.nodes}
        canvas.set_maps(maps)
        canvas.grab()
        visible = [
            n for n in canvas.scene.nodes_in(canvas.view.visible_rect()) if n.content.spatial and not n.content.pill
        ]
        assert len(made) <= len(visible) < 4
        canvas.grab()
        assert len(made) <= len(visible), "an array is made into a picture once"

    def test_maps_come_and_go(self, canvas):
        before = painted(canvas, "conv1")
        bright = np.zeros((28, 28, 6), np.float32)
        bright[10:20] = 1
        canvas.set_maps({"conv1": bright, "nobody": bright})
        shown = painted(canvas, "conv1")
        assert (shown != before).any(axis=-1).sum() > 2000
        canvas.set_maps(None)
        np.testing.assert_array_equal(painted(canvas, "conv1"), before)

    @pytest.mark.parametrize(
        ("id", "values"),
        [
            ("fc3", np.linspace(-1, 1, 10)),
            ("fc1", np.arange(120.0)),
            ("fc3", np.full(10, np.nan)),
            ("fc1", np.full(120, np.inf)),
            ("fc3", np.zeros(10)),
            ("conv1", np.full((28, 28, 6), np.nan)),
            ("conv1", np.zeros((28, 28, 6))),
            ("conv1", np.zeros((28, 28, 2))),
            ("conv1", np.zeros(7)),
            ("fc3", np.zeros((3, 3, 3))),
            ("input1", np.ones((300, 200, 3))),
            ("fc1", np.zeros(0)),
        ],
    )
    def test_any_array_can_be_shown(self, canvas, id, values):
        canvas.set_maps({id: values.astype(np.float32)})
        painted(canvas, id)

    def test_an_image_of_three_channels_is_shown_in_colour(self, opened):
        canvas = opened(chain(("Input", {"shape": [8, 8, 3]})))
        red = np.zeros((8, 8, 3), np.float32)
        red[:, :, 0] = 1
        canvas.set_maps({"input1": red})
        assert shows(painted(canvas, "input1"), "#ff0000") > 1000

    def test_the_canvas_says_what_it_shows_and_where_the_focus_is(self, canvas):
        interface = QAccessible.queryAccessibleInterface(canvas.view)
        assert interface.text(QAccessible.Text.Name) == "Canvas: LeNet-5 · 13 layers · on digits 28×28"
        edge = lambda: canvas.grab().toImage().pixelColor(0, 300).name()  # noqa: E731
        canvas.view.setFocus()
        assert edge() == theme.current().accent
        canvas.view.clearFocus()
        assert edge() == theme.current().canvas
        assert canvas.focusProxy() is canvas.view


class TestLeaks:
    def test_opening_documents_leaves_nothing_behind(self, canvas):
        canvas.session.open(lenet(), None)
        before = len(canvas.scene.items())
        for _ in range(10):
            canvas.session.open(residual(), None)
            canvas.session.open(lenet(), None)
        assert len(canvas.scene.items()) == before
        assert len(canvas.scene.nodes) == 13
        assert len([item for item in canvas.scene.items() if isinstance(item, Wire)]) == 12
        assert set(canvas.scene._incoming) | set(canvas.scene._outgoing) == set(canvas.scene.nodes)

    def test_a_closed_canvas_is_freed_without_the_cyclic_collector(self, qapp):
        gc.collect()
        gc.disable()
        try:
            canvas = Canvas(Session(lenet()))
            CanvasKeys(canvas)
            canvas.show()
            qapp.processEvents()
            left = [weakref.ref(part) for part in (canvas, canvas.view, canvas.scene, canvas.scene.nodes["conv1"])]
            canvas.close()
            canvas.deleteLater()
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            del canvas
            assert [ref() for ref in left] == [None] * 4
        finally:
            gc.enable()


def test_no_python_paints_a_wire():
    assert "paint" not in vars(Wire)


def test_a_card_is_painted_within_its_bounds(canvas):
    bounds = canvas.scene.nodes["conv1"].boundingRect()
    image = QImage(400, 400, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.translate(100, 100)
    canvas.scene.nodes["conv1"].set_flash(1.0)
    paint_card(painter, canvas.scene.nodes["conv1"])
    painter.end()
    alpha = np.array(image.constBits(), np.uint8).reshape(400, 400, 4)[:, :, 3]
    rows, columns = np.nonzero(alpha)
    drawn = QRectF(QPointF(columns.min() - 100, rows.min() - 100), QPointF(columns.max() - 99, rows.max() - 99))
    assert bounds.contains(drawn)
    assert isinstance(canvas.scene.nodes["conv1"], QGraphicsItem)


def test_a_file_without_places_is_arranged_the_same_way_every_time(opened):
    layers = [{"id": "a", "kind": "Input", "config": {"shape": [4]}}, {"id": "b", "kind": "Flatten", "inputs": ["a"]}]
    text = json.dumps({"format": "convograph", "version": 1, "layers": layers})
    first, second = opened(loads(text)), opened(loads(text))
    assert first.scene.places() == second.scene.places() == {"a": (0, 0), "b": (216, 0)}


def test_a_wire_of_a_named_block_output_is_drawn(opened):
    inner = (Layer("relu", make_spec("ReLU", {})[0], ("x",)),)
    use = Layer("stage", make_spec("Block", {"block": "two", "repeat": 1})[0], ("input1",))
    last = Layer("last", make_spec("ReLU", {})[0], ("stage/relu",))
    graph = Graph((*chain(INPUT).graph.layers, use, last), None, {"two": Block(("x",), inner, ("relu",))})
    canvas = opened(Document(graph))
    assert canvas.scene.wires["last", 0].source == "stage"
    assert connect(Document(graph), "stage/relu", "last", 0) == Document(graph)
