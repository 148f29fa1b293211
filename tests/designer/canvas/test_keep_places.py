"""What a document says nothing of stays where it is shown, whatever else is edited; undo is exact."""

import pytest
from PySide6.QtCore import Qt

from core.graph.edits import disconnect, remove_layers, rename_layer, set_config, set_name
from designer.palette import add_after_selection
from tests.designer.canvas.hands import click, drag, in_port, key, lenet, out_port, picture, void


def places(canvas):
    return canvas.scene.places()


@pytest.mark.parametrize(
    "edited",
    [
        lambda document: disconnect(document, "conv2", 0),
        lambda document: set_config(document, "conv1", {"filters": 9}),
        lambda document: remove_layers(document, ["pool1"]),
    ],
    ids=["cut", "set", "removed"],
)
def test_the_others_stay_where_they_are_and_undo_is_exact(canvas, edited):
    session, before, seen = canvas.session, places(canvas), picture(canvas)
    session.edit("try", edited(session.document))
    assert places(canvas) == {id: before[id] for id in places(canvas)}
    written = session.document
    session.undo()
    assert not session.document.layout.positions
    assert places(canvas) == before
    assert picture(canvas)[1] == seen[1]
    session.redo()
    assert session.document is written


def test_cutting_and_drawing_wires_by_hand_moves_no_card(canvas):
    before = places(canvas)
    drag(canvas, in_port(canvas, "conv2"), void(canvas))
    assert canvas.session.undo_label == "disconnect pool1 from conv2"
    assert places(canvas) == before
    drag(canvas, out_port(canvas, "input1"), in_port(canvas, "fc1"))
    assert places(canvas) == before


def test_a_renamed_layer_keeps_its_place(canvas):
    before = places(canvas)
    canvas.session.edit("rename", rename_layer(canvas.session.document, "flat1", "row"))
    assert places(canvas) == {("row" if id == "flat1" else id): place for id, place in before.items()}


def test_what_leaves_the_graph_alone_writes_no_places(canvas):
    canvas.session.edit("name", set_name(canvas.session.document, "other"))
    assert not canvas.session.document.layout.positions


def test_a_layer_added_from_the_palette_moves_only_those_ahead_in_its_row(canvas):
    before = places(canvas)
    canvas.session.select(["pool1"])
    id = add_after_selection(canvas.session, "Conv2D")
    after = places(canvas)
    assert after[id][1] == before["pool1"][1]
    assert [name for name in before if after[name] != before[name]] == [
        name for name in before if before[name][1] < before["conv2"][1] + 40 and before[name][0] >= before["conv2"][0]
        and name not in ("pool1",)
    ]  # fmt: skip
    canvas.session.undo()
    assert places(canvas) == before


def test_the_second_layer_of_a_new_document_stands_behind_the_first(opened):
    canvas = opened(type(lenet())())
    add_after_selection(canvas.session, "Input")
    (first,) = places(canvas).values()
    add_after_selection(canvas.session, "Conv2D")
    assert places(canvas)["input1"] == first
    assert places(canvas)["conv1"] == (first[0] + 152 + 64, first[1])


def test_deleting_by_key_moves_nothing(canvas):
    before = places(canvas)
    click(canvas, canvas.scene.nodes["pool1"].rect.center())
    key(canvas, Qt.Key.Key_Delete)
    assert places(canvas) == {id: place for id, place in before.items() if id != "pool1"}
