"""What a wire would give is shown at every input that it may lead to."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from designer.canvas.promises import Chip
from tests.designer.canvas.hands import approach, lenet, out_port, release, void


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
