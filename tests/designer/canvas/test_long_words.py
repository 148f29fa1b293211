"""Names and settings that are longer than the room they have."""

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from core.graph.edits import rename_layer, set_config, set_name
from designer.canvas.drawing.painting import second_line
from designer.canvas.drawing.sizes import CARD_WIDTH
from designer.canvas.drawing.tips import tip
from tests.designer.canvas.hands import lenet

ROOM = CARD_WIDTH - 28


def test_a_long_title_is_cut_and_says_itself_when_pointed_at(opened):
    canvas = opened(set_name(lenet(), "N" * 300))
    assert canvas.title.geometry().right() < canvas.width()
    assert "…" in canvas.title._name.text()
    assert canvas.title._facts.text() == "13 layers · on digits 28×28"
    assert "N" * 300 in canvas.title.toolTip()
    assert not canvas.title.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    canvas.resize(600, 500)
    assert canvas.title.geometry().right() < 600
    canvas.session.edit("name", set_name(canvas.session.document, "short"))
    assert (canvas.title._name.text(), canvas.title.toolTip()) == ("short", "")
    assert canvas.title.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)


def test_a_long_name_goes_on_in_another_line_of_the_tip(opened):
    canvas = opened(rename_layer(lenet(), "conv1", "l" * 300))
    said = tip(canvas.scene.nodes["l" * 300].content, canvas.session.report)
    assert max(map(len, said.replace("\u200b", " ").split())) < 60
    assert said.count("l" * 40) == 7


@pytest.mark.parametrize(
    ("config", "words"),
    [({}, "Conv2D 6 · 5×5 · P 2"), ({"stride": 3, "padding": 2}, "6 · 5×5 · S 3 · P 2")],
)
def test_without_room_for_both_settings_are_told_rather_than_the_kind(config, words, opened):
    canvas = opened(set_config(lenet(), "conv1", config))
    assert second_line(canvas.scene.nodes["conv1"].content, ROOM) == words


def test_a_kind_without_settings_is_told_as_far_as_there_is_room(canvas):
    content = canvas.scene.nodes["flat1"].content
    assert second_line(content, ROOM) == "Flatten"
    assert second_line(replace(content, label="Flatten" * 9), ROOM).endswith("…")
