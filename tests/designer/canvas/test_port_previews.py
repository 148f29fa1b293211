"""What a wire would give is shown at every input that it may lead to."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from core.graph import edits
from designer.canvas.gestures.port_previews import Chip
from designer.session.mime import kind_mime
from tests.designer.canvas.hands import approach, in_port, lenet, out_port, release, void
from tests.designer.canvas.test_dropping import Hand


def chips(canvas):
    return {item.id: item for item in canvas.scene.items() if isinstance(item, Chip)}


@pytest.fixture
def drawn(canvas, qtbot):
    """LeNet-5, while a wire is drawn from relu1 into the void."""
    legal = {"pool1", "conv2", "relu2", "pool2", "flat1", "fc1"}
    approach(canvas, out_port(canvas, "relu1"), void(canvas))
    qtbot.waitUntil(lambda: len(chips(canvas)) >= len(legal))
    return canvas


def test_every_legal_input_says_what_would_result(drawn):
    found = chips(drawn)
    assert not found.keys() & {"input1", "conv1", "relu1"}  # behind the wire's beginning
    assert "pool1" not in found  # it has this wire already
    assert found["conv2"].lines[0] == "24×24×16"
    assert found["conv2"].lines[1].endswith("parameters")
    assert found["conv2"].lines[2].endswith("MACs")


def test_where_it_would_be_an_error_the_error_is_said(drawn):
    assert chips(drawn)["fc1"].lines == ["error"]
    assert not chips(drawn)["relu2"].found.refused


@pytest.mark.parametrize("gives_up", [True, False])
def test_they_go_with_the_wire(drawn, gives_up):
    before = len(drawn.session.document.graph.layers)
    if gives_up:
        QTest.keyClick(drawn.view, Qt.Key.Key_Escape)
    else:
        release(drawn, void(drawn))
    assert chips(drawn) == {}
    assert len(drawn.session.document.graph.layers) == before


def test_they_speak_only_on_the_canvas(drawn, hints):
    assert not any("would give" in hint for hint in hints)


def test_nothing_is_asked_after_the_end(opened, qtbot):
    canvas = opened(lenet())
    approach(canvas, out_port(canvas, "relu1"), QPointF(0, 2000))
    QTest.keyClick(canvas.view, Qt.Key.Key_Escape)
    qtbot.wait(50)
    assert chips(canvas) == {}


def test_a_wire_that_is_led_back_says_it_at_outputs(opened, qtbot):
    canvas = opened(edits.disconnect(lenet(), "conv2", 0))
    approach(canvas, in_port(canvas, "conv2"), void(canvas))
    qtbot.waitUntil(lambda: {"pool1", "relu1", "input1"} <= chips(canvas).keys())
    found = chips(canvas)
    assert found["pool1"].lines[0] == "10×10×16"
    assert not found.keys() & {"conv2", "relu2", "fc1"}
    middle = found["pool1"].pos().x() + found["pool1"].boundingRect().center().x()
    assert abs(middle - canvas.scene.nodes["pool1"].out_point().x()) < 2
    release(canvas, void(canvas))
    assert chips(canvas) == {}


class TestPalette:
    @pytest.fixture
    def dragged(self, canvas, qtbot):
        """LeNet-5 with a convolution over the void."""
        hand = Hand(canvas, kind_mime("Conv2D"))
        hand.over(void(canvas))
        qtbot.waitUntil(lambda: "pool2" in chips(canvas))
        yield canvas
        hand.leave()
        assert chips(canvas) == {}
        assert {node.role for node in canvas.scene.nodes.values()} == {""}

    def test_every_output_that_suits_says_what_would_result(self, dragged):
        assert chips(dragged)["pool1"].lines[0] == "12×12×32"
        more = (3 * 3 * 6 + 1) * 32 + 5 * 5 * (32 - 6) * 16 - (5 * 5 - 4 * 4) * 16 * 120  # fewer values reach fc1
        assert chips(dragged)["pool1"].lines[1] == f"−{-more:,} parameters"
        assert dragged.scene.nodes["pool1"].role == "source"

    def test_others_fade(self, dragged, qtbot):
        qtbot.waitUntil(lambda: dragged.scene.nodes["fc1"].role == "illegal")
        assert "fc1" not in chips(dragged)
        assert dragged.scene.nodes["fc1"].opacity() < 1


def test_what_takes_no_input_promises_nothing(canvas, qtbot):
    hand = Hand(canvas, kind_mime("Input"))
    hand.over(void(canvas))
    qtbot.wait(50)
    assert chips(canvas) == {}
    hand.leave()


def test_what_comes_into_sight_says_it_too(opened, qtbot):
    canvas = opened(lenet(), size=(640, 480))
    canvas.zoom_reset()
    nodes = canvas.scene.nodes
    canvas.view.centerOn(nodes["relu1"])
    far = next(id for id in ("relu2", "pool2") if not canvas.view.visible_rect().intersects(nodes[id].rect))
    approach(canvas, out_port(canvas, "relu1"), nodes["pool1"].rect.center() + QPointF(0, 120))
    qtbot.waitUntil(lambda: "conv2" in chips(canvas))
    assert far not in chips(canvas)
    canvas.view.centerOn(nodes[far])
    qtbot.waitUntil(lambda: far in chips(canvas))
    QTest.keyClick(canvas.view, Qt.Key.Key_Escape)
    canvas.view.centerOn(nodes["fc1"])
    qtbot.wait(50)
    assert chips(canvas) == {}
