"""A layer added from the palette: where it goes, what it is wired to, and that it is one step."""

from dataclasses import replace
from itertools import combinations

import pytest
from PySide6.QtCore import QRectF

from core.graph.edits import add_layer, connect, move_layers, set_outputs
from core.graph.values import Document, layers_by_id
from core.layers import KINDS
from designer.canvas.drawing.sizes import boxes_of
from designer.palette import add_after_selection
from designer.palette.adding import row_room
from designer.session import Session


def chain(*kinds, places=True):
    document, source = add_layer(Document(), "Input", {"shape": [28, 28, 3]}, position=(0, 0) if places else None)
    for place, kind in enumerate(kinds, 1):
        document, source = add_layer(document, kind, source=source, position=(216.0 * place, 0) if places else None)
    return document


def inputs(session):
    return {layer.id: layer.inputs for layer in session.document.graph.layers}


def test_it_goes_onto_the_wire_behind_the_selected_layer(qapp):
    session = Session(chain("Conv2D", "Flatten"))
    session.select(["conv1"])
    before = session.document
    assert add_after_selection(session, "ReLU") == "relu1"
    assert inputs(session) == {"input1": (), "conv1": ("input1",), "relu1": ("conv1",), "flat1": ("relu1",)}
    assert session.selection == ("relu1",)
    assert session.undo_label == "add relu1"
    session.undo()
    assert session.document is before
    assert session.undo_label is None


def test_without_a_selection_it_goes_behind_the_last_output(qapp):
    session = Session(chain("Conv2D"))
    add_after_selection(session, "ReLU")
    add_after_selection(session, "MaxPool2D")
    assert inputs(session)["pool1"] == ("relu1",)
    session.select([])
    add_after_selection(session, "Flatten")
    assert inputs(session)["flat1"] == ("pool1",)


def test_all_that_the_layer_fed_is_fed_by_the_new_one(qapp):
    document = chain("Conv2D", "ReLU")
    document, _ = add_layer(document, "Add", source="relu1")
    document = connect(document, "conv1", "add1", 1)
    session = Session(document)
    session.select(["conv1"])
    add_after_selection(session, "Dropout")
    assert inputs(session)["relu1"] == ("drop1",)
    assert inputs(session)["add1"] == ("relu1", "drop1")


def test_a_named_output_moves_on(qapp):
    session = Session(set_outputs(chain("Flatten", "Dense"), ("fc1",)))
    session.select(["fc1"])
    add_after_selection(session, "Softmax")
    assert session.document.graph.outputs == ("softmax1",)


def test_several_selected_layers_feed_what_takes_several(qapp):
    document = chain("Conv2D")
    document, _ = add_layer(document, "Conv2D", source="input1", position=(216, 200))
    session = Session(document)
    session.select(["conv1", "conv2"])
    add_after_selection(session, "Concat")
    assert inputs(session)["concat1"] == ("conv1", "conv2")


def test_what_takes_no_input_stands_alone(qapp):
    session = Session(chain("Conv2D"))
    session.select(["conv1"])
    add_after_selection(session, "Input")
    assert inputs(session)["input2"] == ()
    assert session.selection == ("input2",)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_added_to_nothing_and_to_something(kind, qapp):
    session = Session()
    first = add_after_selection(session, kind)
    session.select([])
    second = add_after_selection(session, kind)
    assert first != second
    assert set(layers_by_id(session.document.graph)) == {first, second}


def rect(place, width=152, height=136):
    return (*place, place[0] + width, place[1] + height)


def test_it_has_a_place_of_its_own_in_the_row(qapp):
    session = Session(chain("Conv2D", "MaxPool2D"))
    session.select(["conv1"])
    add_after_selection(session, "Conv2D")
    places = session.document.layout.positions
    assert set(places) == {"input1", "conv1", "conv2", "pool1"}
    assert places["conv1"][0] < places["conv2"][0] < places["pool1"][0]
    rects = [rect(place) for place in places.values()]
    for i, (a, b, c, d) in enumerate(rects):
        for e, f, g, h in rects[i + 1 :]:
            assert c <= e or g <= a or d <= f or h <= b


def test_in_a_document_without_places_all_get_one(qapp):
    session = Session(chain("Conv2D", places=False))
    add_after_selection(session, "ReLU")
    places = session.document.layout.positions
    assert places == {"input1": (0, 0), "conv1": (216, 0), "relu1": (368, 24)}
    session.undo()
    assert not session.document.layout.positions


def test_layers_elsewhere_stay_where_they_are(qapp):
    document = move_layers(chain("Conv2D", "ReLU"), {"input1": (0, 400)})
    session = Session(document)
    session.select(["relu1"])
    add_after_selection(session, "Flatten")
    places = session.document.layout.positions
    assert all(places[id] == document.layout.positions[id] for id in ("input1", "conv1", "relu1"))


def typed(session, n, kind="Conv2D"):
    """Add layers one after the other; gives their places."""
    ids = [add_after_selection(session, kind) for _ in range(n)]
    places = session.document.layout.positions
    return [places[id] for id in ids]


def rects_of(session):
    places = session.document.layout.positions
    boxes = boxes_of(session.document, session.report)
    return {id: QRectF(*places[id], boxes[id].width, boxes[id].height) for id in places}


@pytest.mark.parametrize("sight", [None, (900.0, 500.0), (5000.0, 4000.0), (200.0, 100.0)])
@pytest.mark.parametrize("direction", ["right", "down"])
def test_a_chain_turns_at_the_edge_of_what_is_visible(qapp, sight, direction):
    document = chain()
    session = Session(replace(document, layout=replace(document.layout, direction=direction)))
    session.sight = sight
    typed(session, 14)
    rects = rects_of(session)
    room = row_room(sight, direction)
    bounds = QRectF()
    for rect in rects.values():
        bounds = bounds.united(rect)
    assert (bounds.width() if direction == "right" else bounds.height()) <= room
    assert not [pair for pair in combinations(rects, 2) if rects[pair[0]].intersects(rects[pair[1]])]


def test_rows_run_back_and_forth_as_when_arranged(qapp):
    session = Session(chain())
    session.sight = (1000.0, 600.0)
    places = [(0.0, 0.0), *typed(session, 11)]
    xs = [x for x, _ in places]
    lines = sorted({y for _, y in places})
    assert len(lines) == 3
    rows = [[x for x, y in places if y == line] for line in lines]
    assert [len(row) for row in rows] == [4, 4, 4]
    assert rows[0] == sorted(rows[0])
    assert rows[1] == sorted(rows[1], reverse=True)
    assert rows[2] == sorted(rows[2])
    assert xs[3] == xs[4]
    assert xs[7] == xs[8]


def test_a_row_that_turned_goes_round_what_stands_below(qapp):
    document = chain("Conv2D", "Conv2D", "Conv2D")
    document, lone = add_layer(document, "Conv2D", position=(648.0, 192.0))
    session = Session(document)
    session.sight = (900.0, 600.0)
    session.select(["conv3"])
    id = add_after_selection(session, "MaxPool2D")
    rects = rects_of(session)
    assert not rects[id].intersects(rects[lone])
    assert rects[id].top() > rects["conv3"].bottom()
